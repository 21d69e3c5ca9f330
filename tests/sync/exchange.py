"""A phone's outbox and the server's side of it, as small as they can be: what `judge` is there to keep safe."""

from __future__ import annotations

from copy import deepcopy
from itertools import count

import msgspec

from sync.operations import START_HASH, chain
from sync.outbox import Known, Told, Verdict, judge

__all__ = ["Answered", "Phone", "Server", "settle"]

_fresh = count(1)


class Answered(msgspec.Struct, frozen=True):
    """What the head of an answer says of an outbox."""

    verdict: Verdict
    acknowledged: int = 0
    hash: bytes = START_HASH


class Server:
    """What a server keeps of outboxes, and the operations that it applied, in order."""

    def __init__(self) -> None:
        self.known: dict[bytes, Known] = {}
        self.applied: list[bytes] = []

    def answer(self, told: Told, bodies: list[bytes]) -> Answered:
        """Judge and apply. A number at or below the acknowledged one whose id is not known is a fork."""
        known = self.known.get(told.id, Known())
        verdict = judge(told, bodies, known)
        repeated = bodies[: max(known.acknowledged - told.acknowledged, 0)]
        if verdict is Verdict.GO_ON and not set(repeated) <= set(self.applied):
            verdict = Verdict.FORK
        if verdict is not Verdict.GO_ON:
            return Answered(verdict, known.acknowledged, known.hash)
        self.applied += [body for body in bodies if body not in self.applied]
        self.known[told.id] = known = self._after(told, bodies, known)
        return Answered(verdict, known.acknowledged, known.hash)

    def _after(self, told: Told, bodies: list[bytes], known: Known) -> Known:
        number, current = told.acknowledged, told.hash
        for body in bodies:
            number, current = number + 1, chain(current, body)
        if number < known.acknowledged:
            number, current = known.acknowledged, known.hash
        return Known(number, current, told.last, told.last_hash)


class Phone:
    """A phone's outbox. `logged` is all work that was ever done on it, for tests to look for."""

    def __init__(self) -> None:
        self.logged: set[bytes] = set()
        self.id = next(_fresh).to_bytes(16, "big")
        self.bodies: list[bytes] = []
        self.acknowledged = 0

    def log(self, pieces: int = 1) -> Phone:
        """Do some work."""
        self.bodies += [f"operation {next(_fresh)}".encode() for _ in range(pieces)]
        self.logged |= set(self.bodies)
        return self

    def copy(self) -> Phone:
        """A backup of the whole directory, or a clone."""
        return deepcopy(self)

    def hash_at(self, number: int) -> bytes:
        """The running hash at a number."""
        current = START_HASH
        for body in self.bodies[:number]:
            current = chain(current, body)
        return current

    def told(self) -> Told:
        """What it says of its outbox."""
        last = len(self.bodies)
        return Told(self.id, self.acknowledged, self.hash_at(self.acknowledged), last, self.hash_at(last))

    def pending(self, most: int = 1000) -> list[bytes]:
        """What it sends: from the first operation that is not acknowledged on."""
        return self.bodies[self.acknowledged : self.acknowledged + most]

    def hear(self, answered: Answered) -> None:
        """Take an answer: an acknowledgement counts only where its hash is the phone's own at that number."""
        is_own = answered.acknowledged <= len(self.bodies) and self.hash_at(answered.acknowledged) == answered.hash
        if answered.verdict is Verdict.FORK or not is_own:
            self.bodies, self.acknowledged = self.bodies[self.acknowledged :], 0
            self.id = next(_fresh).to_bytes(16, "big")
        else:
            self.acknowledged = answered.acknowledged

    def sync(self, server: Server, most: int = 1000) -> Verdict:
        """One round trip."""
        answered = server.answer(self.told(), self.pending(most))
        self.hear(answered)
        return answered.verdict


def settle(phone: Phone, server: Server, most: int = 1000) -> int:
    """Sync until nothing is pending; how many round trips it took, at most fifty."""
    for trips in range(50):
        if phone.acknowledged == len(phone.bodies) and trips:
            return trips
        phone.sync(server, most)
    raise AssertionError("never settles")

"""The world of one seed: a company with people, territories and phones, in which anything may happen at any time.

`held` is the oracle: who holds which territory, as far as the company has committed it. It shares no line with the
engine.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from client_sdk.exchange import request as asking
from client_sdk.ports import Reply, Request
from server.identity import enrolment, staff, territories
from server.master.faults import MayPass
from server.master.store import Tx
from sync import scopes
from tests.simulation.disks import Disk
from tests.simulation.loop import StillLoop
from tests.simulation.machine import Machine
from tests.simulation.network import Network
from tests.simulation.phone import Phone
from tests.simulation.stage import Stage
from tests.simulation.wire import Wire

__all__ = ["BEGAN_MS", "MUCH", "Oracle", "Place", "World"]

T = TypeVar("T")
BEGAN_MS = 1_793_000_000_000
MUCH = (asking.PAGE_BYTES, asking.OPERATIONS)
"""What phones ask for and tell at once: bytes of a page, operations."""
NIL = UUID(int=0)
_NAMES = ("王", "李", "周")
_PLACES = ("东", "西")
_PATIENCE = 20
"""So often somebody tries again."""


@dataclass
class Oracle:
    """What the company has decided, plainly: people by name, territories, who holds which, who has left."""

    people: dict[UUID, str] = field(default_factory=dict)
    places: list[UUID] = field(default_factory=list)
    pool: UUID = NIL
    held: dict[UUID, set[UUID]] = field(default_factory=dict)
    gone: set[UUID] = field(default_factory=set)

    @property
    def staying(self) -> list[UUID]:
        """The people who have not left, in order."""
        return [one for one in self.people if one not in self.gone]

    def may_hold(self, person: UUID) -> set[str]:
        """The scopes that a phone of this person may hold."""
        if person in self.gone:
            return set()
        mine = {scopes.territory(place) for place, people in self.held.items() if person in people}
        teasers = {scopes.teasers(self.pool)} if mine else set()
        return mine | {scopes.private_of(one) for one in mine} | {scopes.COMPANY, scopes.staff(person)} | teasers


class Place(msgspec.Struct):
    """Somebody's place on a roster: from when, and until when (None: still), in the world's time."""

    territory: UUID
    person: UUID
    since: int
    until: int | None = None


class Backup(msgspec.Struct, frozen=True):
    """A copy of the database, and what the company had decided by then."""

    at: int
    disk: Disk
    people: dict[UUID, str]
    held: dict[UUID, set[UUID]]
    phones: int


class World:
    """Everything that a seed decides. `home` is the server's, in `place`, with a company on its `disk` (`founded`)."""

    def __init__(self, place: Path, home: Path, disk: Disk) -> None:
        self.random = Random(0)
        self.loop = StillLoop(BEGAN_MS)
        asyncio.set_event_loop(self.loop)
        self.stage = Stage(self.loop)
        self.machine = Machine(home, disk, self.stage, self.loop, self.random)
        self.place = place
        self.oracle = Oracle()
        self.wire = Wire(self.oracle.gone)
        self.phones: list[Phone] = []
        self.told: list[str] = []
        self.wrong: list[str] = []
        self.backups: list[Backup] = []
        self.was_restored = False
        self.was_merged = False
        self.places_of: list[Place] = []
        self.marks = 0

    def tell(self, what: str) -> None:
        """One line of what happened."""
        self.told.append(f"{self.loop.now_ms} {what}")

    @property
    def hash(self) -> str:
        """What happened, in one number."""
        return hashlib.sha256("\n".join(self.told).encode()).hexdigest()

    def mark(self) -> str:
        """A word that stands nowhere else."""
        self.marks += 1
        return self.marked(self.marks)

    @staticmethod
    def marked(number: int) -> str:
        """The word of that number."""
        return f"m{number:05}"

    def begin(self) -> None:
        """A company with three reps in two territories of one pool, each with a phone."""
        self.machine.start()
        people, self.oracle.places, self.oracle.pool = self.does(self._staffed)
        self.oracle.people = dict(zip(people, _NAMES, strict=True))
        self.oracle.held = {place: set() for place in self.oracle.places}
        for at, person in enumerate(people):
            self.assign(self.oracle.places[at % len(self.oracle.places)], person)
            self.add_phone(person)

    def ask_for(self, bytes_: int, operations: int) -> None:
        """From now on phones ask for pages of so many bytes, and tell of so many operations at once."""
        asking.PAGE_BYTES, asking.OPERATIONS = bytes_, operations

    def end(self) -> None:
        """The world is over."""
        self.ask_for(*MUCH)
        for phone in self.phones:
            phone.restart()
        self.machine.stop()
        self.loop.close()
        asyncio.set_event_loop(None)

    # ---- the company's store --------------------------------------------------------

    def does(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """A transaction of the company."""
        return self.insists(lambda: self.machine.context.store.transact(work))

    def insists(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What comes of something that somebody tries again while the server says that it is busy."""
        for _ in range(_PATIENCE):
            with suppress(MayPass):
                return self.wait(work())
            self.wait(asyncio.sleep(1))
        return self.wait(work())

    def reads(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """A snapshot of the company."""

        async def read() -> T:
            async with self.machine.context.store.read() as tx:
                return await work(tx)

        return self.wait(read())

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of something that the server does."""
        return self.stage.wait(work)

    # ---- people and phones --------------------------------------------------------

    def name(self, phone: Phone) -> str:
        """A phone, shortly."""
        return phone.directory.name

    def network(self, number: int, person: UUID) -> Network:
        """The way to the server of the phone of that number."""
        name = f"phone-{number}"

        def watched(request: Request, reply: Reply | None) -> None:
            if reply is None:
                self.wire.asked(name, request)
            else:
                self.wire.answered(name, person, request, reply)

        return Network(self.machine, self.random, watched)

    def some_phone(self) -> Phone:
        """Any of the phones."""
        return self.random.choice(self.phones)

    def add_phone(self, person: UUID) -> Phone:
        """One more phone of a person."""
        number = len(self.phones)
        network = self.network(number, person)
        phone = Phone(self.place / f"phone-{number}", person, self.loop, network, self.random)

        async def issue(tx: Tx) -> str:
            made = await enrolment.issue(tx, person, self.machine.sources, lifetime=900_000, confirm=False)
            return made.code.shown

        phone.enrol(self.does(issue))
        self.phones.append(phone)
        return phone

    def assign(self, place: UUID, person: UUID) -> None:
        """Put a person on a roster."""
        self.does(lambda tx: territories.assign(tx, place, person, self.machine.sources, private=True))
        self.oracle.held[place].add(person)
        self.places_of.append(Place(place, person, self.loop.now_ms))
        self.tell(f"assign {self.oracle.people[person]} {self.oracle.places.index(place)}")

    def unassign(self, place: UUID, person: UUID) -> None:
        """Take a person off a roster."""
        self.does(lambda tx: territories.unassign(tx, place, person, self.machine.sources))
        self.oracle.held[place].discard(person)
        self.takes_off(person, place)
        self.tell(f"unassign {self.oracle.people[person]} {self.oracle.places.index(place)}")

    def takes_off(self, person: UUID, place: UUID | None = None) -> None:
        """Note that somebody's place, or every place of theirs, ends now."""
        for one in self.places_of:
            if one.person == person and place in {None, one.territory} and one.until is None:
                one.until = self.loop.now_ms

    # ---- the database as it once was --------------------------------------------------------

    def back_up(self) -> None:
        """Take a backup."""
        held = {place: set(people) for place, people in self.oracle.held.items()}
        disk = self.machine.back_up()
        self.backups.append(Backup(self.loop.now_ms, disk, dict(self.oracle.people), held, len(self.phones)))

    def restore(self, backup: Backup) -> None:
        """Put a backup in the place of the database. Who left has left, whatever it says; whoever came since is not in
        it, nor are their phones.

        What only the database had is lost with it, and promised no more: what phones handed in that cannot send it
        again, since they were wiped, put back or copied after the backup.
        """
        self.machine.restore(backup.disk)
        self.oracle.people = {one: name for one, name in self.oracle.people.items() if one in backup.people}
        self.oracle.held = {place: people - self.oracle.gone for place, people in backup.held.items()}
        for at, phone in enumerate(self.phones):
            phone.is_forgotten = phone.is_forgotten or at >= backup.phones
            if phone.staff in self.oracle.gone or phone.put_back_at > backup.at or phone.is_copied:
                phone.promised.clear()
        self.was_restored = self.wire.may_differ = True

    async def _staffed(self, tx: Tx) -> tuple[list[UUID], list[UUID], UUID]:
        sources = self.machine.sources
        pool = (await territories.add_pool(tx, "公海", sources)).id
        people = [(await staff.add(tx, name, staff.Role.REP, sources)).id for name in _NAMES]
        places = [(await territories.add_territory(tx, name, pool, sources)).id for name in _PLACES]
        return people, places, pool

"""A device that sends anything: operations, requests and bodies that no app of ours would make."""

from __future__ import annotations

from math import inf, nan
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from server.master.tables import METADATA
from sync.clock import Moment
from sync.codec import encode
from sync.cursors import Cursor
from sync.messages import Sealed, SealedRow, SyncRequest
from sync.operations import Act
from sync.outbox import Told
from sync.records import COLLECTIONS
from sync.signing import Kind, Signed
from tests.server.exchange.conftest import HOUR
from tests.server.exchange.phone import Phone

YEAR = 365 * 24 * HOUR
MOST = 1 << 53


def deep(levels: int) -> bytes:
    """Lists in lists: bytes that no decoder follows to the end."""
    return b"\x91" * levels + b"\xc0"


class Vandal:
    """A device that sends anything. `ids` and `places` are what it may name, most of them not its own."""

    def __init__(self, random: Random, phone: Phone, ids: list[UUID], places: list[str]) -> None:
        self.random, self.phone, self.ids, self.places = random, phone, ids, places

    def value(self, depth: int = 0) -> Any:
        """Any value at all."""
        pick = self.random.choice
        plain = [
            None, True, 0, -1, 7, (1 << 63) - 1, -(1 << 63), (1 << 64) - 1, 0.5, nan, inf, -inf, 1e308, "", "x", "A",
            "closed", "approved", "done", "2026-11-01", "\x00", "字" * 5000, "\U0001f600" * 130, "\ud7ff", b"",
            bytes(40), b"\xff" * 16, pick(self.ids), pick(self.ids), [31.2, 121.4], [nan, 1], [91, 0], [0, 0, -1],
            [31.2, 121.4, 8, "gcj02"], [["S", 1, 2, 3]], [["S", 1 << 31]], [["S"] * 9], {"add": ["a"]},
            {"remove": ["a"]}, {"add": [["k", "n"]]}, {"add": ["a"] * 2000}, {"set": 1}, {1: 2}, {}, [], "x" * 60,
            "x" * 61,
        ]  # fmt: skip
        if depth < 2 and self.random.random() < 0.15:
            return [self.value(depth + 1) for _ in range(self.random.randrange(4))]
        return pick(plain)

    def changes(self, name: str) -> bytes:
        """A map of fields that are there, that are the server's, and that never were."""
        one = COLLECTIONS.get(name)
        fields = ["id", "scope", "revision", "standing", "\x00", "x" * 300, "__class__", *(one.rules if one else ())]
        if one and self.random.random() < 0.8:
            fields = list(one.rules)
        chosen = self.random.sample(fields, min(len(fields), self.random.randrange(5)))
        given = {field: self.value() for field in chosen}
        if one and "outlet" in one.rules and self.random.random() < 0.7:
            given["outlet"] = self.random.choice(self.ids)
        if one and "name" in one.rules and self.random.random() < 0.7:
            given["name"] = "x"
        return self.random.choice([encode(given)] * 12 + [b"\x80", b"\xc0", b"\x93\x01\x02\x03", deep(50), deep(3000)])

    def moment(self) -> list[Any]:
        """A moment of some phone: years off, before time, in another run, in none."""
        pick, now = self.random.choice, self.phone.moment
        return [
            pick([now.boot, now.boot, "", "other", "\x00", "字" * 100]),
            pick([now.elapsed, 0, MOST, now.elapsed + HOUR]),
            pick([now.claimed, 0, -MOST, MOST, now.claimed + YEAR, now.claimed - YEAR]),
        ]

    def body(self) -> bytes:
        """An operation, or something in its place."""
        pick = self.random.choice
        tables = [*METADATA.tables, "devices", "lease", "", "\x00", "字" * 100]
        name = pick([*COLLECTIONS, *COLLECTIONS, pick(tables)])
        record = pick([self.phone.id(), self.phone.id(), pick(self.ids)])
        place = pick([None, *self.places])
        shape = [
            self.phone.id(), pick([*Act, *Act, "drop"]), name, record, pick([0, 1, 2, MOST]), self.moment(), place,
            msgspec.Raw(self.changes(name)),
        ]  # fmt: skip
        if self.random.random() < 0.1:
            shape[self.random.randrange(len(shape))] = self.value()
        whole = encode(shape)
        at = self.random.randrange(len(whole))
        odd = [
            whole[:at], whole + b"\x00", whole[:at] + self.random.randbytes(3) + whole[at + 3 :], b"", b"\xc1",
            self.random.randbytes(40), deep(5000), encode(shape[:5]), encode([*shape, 1, 2]), encode({"id": 1}),
        ]  # fmt: skip
        return pick([whole] * 20 + odd)

    def request(self) -> SyncRequest:
        """A request in which everything but the operations may be anything that can be read."""
        pick, phone, random = self.random.choice, self.phone, self.random
        names = [*self.places, "", "\x00", "territory/x", "字" * 100]
        some = {pick(names) for _ in range(6)}
        cursors = {one: Cursor(pick([0, 1, 7, MOST]), random.randbytes(8)) for one in some}
        told = phone.request().outbox
        assert told is not None
        lies = msgspec.structs.replace(told, acknowledged=pick([0, 1, MOST]), last=pick([0, 5, MOST]))
        other = Told(random.randbytes(16), pick([0, 3]), random.randbytes(16), pick([0, 3]), random.randbytes(16))
        signed = Signed(pick(list(Kind)), random.randbytes(9), "key", random.randbytes(64))
        sealed = Sealed(random.randbytes(16), random.randbytes(80), (SealedRow(pick([0, 1, MOST]), bytes(16), b"x"),))
        request = phone.request(
            epoch=pick([phone.epoch, phone.epoch, b"", random.randbytes(8)]),
            moment=Moment(*self.moment()),
            cursors=pick([dict(phone.cursors), cursors, dict(phone.cursors) | cursors]),
            digests={one: random.randbytes(16) for one in some},
            outbox=pick([told, lies, other, None]),
            receipts=pick([(), (signed, signed)]),
            wants={one: tuple(pick(self.ids).bytes for _ in range(9)) for one in some},
            sums={one: random.randbytes(pick([0, 1, 1024])) for one in list(some)[:2]},
            after={one: pick([0, 9, 255]) for one in some},
            limit=pick([0, 1, 5000, MOST]),
            sealed=pick([None, None, sealed]),
            witness=random.randbytes(9),
            lease=pick([0, 1, MOST]),
        )
        return msgspec.structs.replace(request, schema=pick([0, 1, (1 << 31) - 1]))

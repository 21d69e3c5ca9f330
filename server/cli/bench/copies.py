"""A large master: a territory that went through the write path is written again as other territories.

A copy has the rows that the write path would have left there: feed, records, typed rows, journal, outcomes, with ids,
degrees, phones and codes of its own. Digests and the journal's chain are worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from uuid import UUID

from sqlalchemy import select

from server.cli.bench.cutting import Copy, Cutter, Made
from server.cli.bench.records import BEGAN_MS, Maker
from server.cli.talk import Failure
from server.master.among import among
from server.master.bulk import insert_rows
from server.master.journal import Change, chained, write_chained
from server.master.meta import read_identity
from server.master.scoping import ScopeState, lock_scopes, save_scopes
from server.master.store import Tx
from server.master.tables import feed, journal, journal_bodies, operations, records, scopes, with_body
from server.master.typed import TYPED, TYPED_NAMES, typed_values
from sync import digest
from sync.codec import decode, unpack
from sync.records import COLLECTIONS, Outlet, Record, Visit
from sync.scopes import private_of, territory

__all__ = ["Begun", "Original", "begun"]

_DAY_MS = 86_400_000
_ENTRY = ("scope", "record", "version", "revision", "left_as", "packed")
_RECORD = ("record", "tag", "scope", "revision", "outlet", "staff", "marks", "gone")
_KNOWN = ("operation", "origin", "number", "at", "outcome")

Begun = Mapping[str, tuple[int, int]]
"""Where scopes stood, by name: the head of the feed, the entries of the journal."""


async def begun(tx: Tx, place: UUID) -> Begun:
    """Where the two scopes of a territory stand."""
    wanted = select(scopes.c.name, scopes.c.head, scopes.c.entries).where(scopes.c.name.in_(_names(place)))
    return {row.name: (row.head, row.entries) for row in await tx.execute(wanted)}


def _names(place: UUID) -> tuple[str, str]:
    """The two scopes of a territory. What stands in one of them names it by its place here."""
    return territory(place), private_of(territory(place))


@dataclass(frozen=True, slots=True)
class Original:
    """A territory to copy: the rows that filling it left, each text of bytes cut."""

    began: tuple[tuple[int, int], ...]
    cutter: Cutter
    centre: tuple[float, float]
    feed: Sequence[tuple[int, bytes, int, int, Made]]
    records: Sequence[tuple[bytes, int, int, int, bytes | None, bool, Made]]
    journal: Sequence[tuple[int, int, bytes, bytes, Made]]
    operations: Sequence[tuple[bytes, bytes, int, int, Made]]

    @staticmethod
    async def read(tx: Tx, place: UUID, person: UUID, before: Begun) -> Original:
        """Read a territory, whose scopes stood as `before` when filling it began, with the visits of a person."""
        names = _names(place)
        held = await tx.execute(select(scopes.c.no, scopes.c.name).where(scopes.c.name.in_(names)))
        which = {row.no: names.index(row.name) for row in held}
        entries = (await tx.execute(select(feed).where(feed.c.scope.in_(which)).order_by(feed.c.version))).all()
        places = (await tx.execute(select(records).where(records.c.scope.in_(which)))).all()
        columns = (journal.c.scope, journal.c.position, journal.c.at)
        chain = select(*columns, journal_bodies.c.record, journal_bodies.c.salt, journal_bodies.c.body)
        chain = chain.select_from(journal.join(journal_bodies, with_body)).where(journal.c.scope.in_(which))
        noted = (await tx.execute(chain.order_by(journal.c.scope, journal.c.position))).all()
        noted = [one for one in noted if one.position > before[names[which[one.scope]]][1]]
        asked = (decode(one.body, Change).operation for one in noted)
        ids = [one.id.bytes for one in asked if one is not None]
        known = (await tx.execute(select(operations).where(among(operations.c.operation)), {"ids": ids})).all()
        north, east = _degrees(unpack(one.packed) for one in entries)
        differing = {one.record for one in places} | {one.operation for one in known} | {one.origin for one in known}
        cutter = Cutter(differing, place, person, (north, east))
        cut = cutter.cut
        return Original(
            tuple(before[one] for one in names),
            cutter,
            (fmean(north), fmean(east)),
            [(which[one.scope], one.record, one.version, one.revision, cut(one.packed)) for one in entries],
            [
                (one.record, one.tag, which[one.scope], one.revision, one.outlet, bool(one.staff), cut(one.marks))
                for one in places
            ],
            [(which[one.scope], one.at, one.record, one.salt, cut(one.body)) for one in noted],
            [(one.operation, one.origin, one.number, one.at, cut(one.outcome)) for one in known],
        )

    async def write(self, tx: Tx, number: int, place: UUID, person: UUID, maker: Maker) -> tuple[UUID, ...]:
        """Write copy `number` into a territory that nothing was filled into, in another town, with a person's visits:
        its outlets in order. Raises Failure.
        """
        maker.move()
        moved = maker.centre[0] - self.centre[0], maker.centre[1] - self.centre[1]
        copy = Copy(number, place, person, BEGAN_MS + number * _DAY_MS, moved)
        pool = self.cutter.pool(copy)
        states = await self._states(tx, place)
        found = await self._write_feed(tx, states, copy, pool)
        rows = [
            (
                copy.id(one), tag, states[at].no, revision, copy.id(outlet) if outlet else None,
                person.bytes if has_staff else None, make(pool), False,
            )
            for one, tag, at, revision, outlet, has_staff, make in self.records
        ]  # fmt: skip
        await insert_rows(tx, records, _RECORD, rows)
        known = [
            (copy.id(one), copy.id(origin), at, when, make(pool)) for one, origin, at, when, make in self.operations
        ]
        await insert_rows(tx, operations, _KNOWN, known)
        chain = [
            chained(states[at], when, make(pool), salt, copy.id(record))
            for at, when, record, salt, make in self.journal
        ]
        await write_chained(tx, chain)
        await save_scopes(tx, states)
        return tuple(one.id for one in found if isinstance(one, Outlet))

    async def _states(self, tx: Tx, place: UUID) -> list[ScopeState]:
        """The territory's scopes, locked. Raises Failure where they do not stand as those of the original stood."""
        held = {one.name: one for one in (await lock_scopes(tx, _names(place))).values()}
        states = [held[name] for name in _names(place)]
        if tuple((one.head, one.entries) for one in states) != self.began:
            raise Failure("bench_filled", f"something stands in {place} already", f"片区 {place} 中已有记录")
        return states

    async def _write_feed(
        self, tx: Tx, states: Sequence[ScopeState], copy: Copy, pool: Sequence[bytes]
    ) -> list[Record]:
        """Write feed and typed rows, and move the digests; the records in the order of their versions."""
        epoch = (await read_identity(tx)).epoch
        rows, found = [], []
        for at, record, version, revision, make in self.feed:
            state, packed = states[at], make(pool)
            rows.append((state.no, copy.id(record), version, revision, None, packed))
            found.append((unpack(packed), state.no, revision))
            state.head, state.count = max(state.head, version), state.count + 1
            state.digest = digest.add(state.digest, digest.entry_hash(epoch, version, revision, packed))
        await insert_rows(tx, feed, _ENTRY, rows)
        for one in COLLECTIONS.values():
            those = [some for some in found if type(some[0]) is one.type]
            await insert_rows(tx, TYPED[one.name], TYPED_NAMES[one.name], [typed_values(one, *some) for some in those])
        return [record for record, _, _ in found]


def _degrees(held: Iterable[Record]) -> tuple[set[float], set[float]]:
    """Where outlets and visits are: degrees north, degrees east."""
    places = [one.position for one in held if isinstance(one, Outlet | Visit) and one.position is not None]
    return {one.lat for one in places}, {one.lon for one in places}

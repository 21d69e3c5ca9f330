"""Taking back: new operations through the one write path, with the server's rights and in the name of whoever decided,
a bounded number in each transaction.

What is done is what was shown: each transaction reads the journal again under the locks of the scopes, and leaves out
whatever is not as it was shown. A second run finds nothing to do, so one that was interrupted is finished by running it
again. One entry says that it was begun, one what it came to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from server.field.undo.acts import BEGUN, DONE
from server.field.undo.history import SCOPE, Finding, Meant, Verdict
from server.field.undo.making import closings, operations_of, rank
from server.field.undo.reading import Found, dark_entries, found_of, touched_records
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.inbox import Matter, bring_up
from server.master.journal import Note, note
from server.master.scoping import lock_scopes
from server.master.store import Store, Tx
from server.master.working import located
from server.master.write import apply
from server.ports import Sources
from sync import scopes
from sync.clock import Bounds, Moment, Stamp
from sync.codec import encode
from sync.errors import Refusal
from sync.outcomes import OutcomeCode

__all__ = ["Shown", "Undone", "show", "undo"]

_READ_AT_ONCE = 500
_DONE_AT_ONCE = 200
_LOCK_TRIES = 5
REGISTERED = "registered_by_leaver"
"""The kind of inbox items about outlets that somebody registered whose changes were taken back."""


class Shown(msgspec.Struct, frozen=True):
    """What taking back comes to, as it stands now. `dark` counts entries of the journal whose body was removed,
    `collections` are those that were looked at.
    """

    meant: Meant
    findings: tuple[Finding, ...]
    dark: int = 0
    collections: tuple[str, ...] = ()

    def of(self, verdict: Verdict) -> list[Finding]:
        """The findings with this verdict."""
        return [one for one in self.findings if one.verdict is verdict]


class Undone(msgspec.Struct, frozen=True):
    """What an act of taking back came to: fields restored, records touched, outlets closed because the person had
    registered them, and what was refused, by reason. `act` names it, to take it back in turn.
    """

    act: UUID
    restored: int = 0
    records: int = 0
    closed: int = 0
    refused: dict[str, int] = {}
    changed: frozenset[str] = frozenset()


async def show(store: Store, meant: Meant, collections: Sequence[str] = ()) -> Shown:
    """Field by field, what the meant person or act changed, and what would become of it. Changes nothing."""
    found: list[Finding] = []
    async with store.read() as tx:
        ids = await touched_records(tx, meant)
        for at in range(0, len(ids), _READ_AT_ONCE):
            part = await found_of(tx, ids[at : at + _READ_AT_ONCE], meant, collections)
            found.extend(finding for one in part for finding in one.findings)
        dark = await dark_entries(tx, meant)
    return Shown(meant, tuple(found), dark, tuple(collections))


async def undo(
    store: Store,
    sources: Sources,
    shown: Shown,
    *,
    by: UUID | None = None,
    close_registered: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Undone:
    """Restore what was shown, sparing whatever is not as it was shown any more. `by` is who decided.

    With `close_registered`, outlets that the person registered are closed and contacts set to gone; without, they are
    brought up. `progress` is told how many records are done.
    """
    act = _Act(sources, shown, by, close_registered)
    ids = act.order()
    if not ids:
        await store.transact(act.bring_up)
    for at in range(0, len(ids), _DONE_AT_ONCE):
        part = ids[at : at + _DONE_AT_ONCE]
        await store.transact(partial(act.part, part=part, is_first=at == 0, is_last=at + len(part) == len(ids)))
        act.keep()
        if progress is not None:
            progress(at + len(part))
    return act.total


@dataclass
class _Act:
    """One act of taking back, transaction after transaction."""

    sources: Sources
    shown: Shown
    by: UUID | None
    close_registered: bool
    last: Stamp = field(default_factory=lambda: Stamp(0))
    number: int = 0
    total: Undone = field(init=False)
    _tried: Undone = field(init=False)
    _wanted: dict[UUID, dict[tuple[str, str | None], Finding]] = field(init=False)

    def __post_init__(self) -> None:
        self.total = self._tried = Undone(self.sources.new_id())
        self._wanted = {}
        todo = [*self.shown.of(Verdict.RESTORE), *(self.shown.of(Verdict.REGISTERED) if self.close_registered else ())]
        for one in todo:
            self._wanted.setdefault(one.record, {})[one.field, one.key] = one

    def order(self) -> list[bytes]:
        """The records in an order in which what others hang on comes back first, and goes last."""
        return [one.bytes for one in sorted(self._wanted, key=lambda one: rank(self._wanted[one].values()))]

    def keep(self) -> None:
        """The transaction was committed: what it came to counts."""
        self.total = self._tried

    async def part(self, tx: Tx, *, part: Sequence[bytes], is_first: bool, is_last: bool) -> None:
        """One transaction."""
        by_record = await self._found(tx, part)
        standing = [self._still(by_record[one]) for one in part if one in by_record]
        handed = [one for each in standing for one in self._submissions(each)]
        self._tried = await self._applied(tx, handed, standing)
        if is_last:
            await self.bring_up(tx)
        notes = [Note(scopes.COMPANY, BEGUN, self._about())] if is_first else []
        if is_last:
            counts = {"restored": self._tried.restored, "records": self._tried.records, "closed": self._tried.closed}
            notes.append(Note(scopes.COMPANY, DONE, self._about() | counts | {"refused": self._tried.refused}))
        await note(tx, notes, self.sources.now(), self.sources.random)

    async def bring_up(self, tx: Tx) -> None:
        """Put before the manager what the person registered, where that stays as it is."""
        made = [one for one in self.shown.of(Verdict.REGISTERED) if one.collection == "outlet"]
        person = self.shown.meant.staff
        if person is None or not made or self.close_registered:
            return
        count = len(made)
        en = f"{count} outlets were registered by this person in that time; look at them, or close them"
        zh = f"该人员在此期间登记了 {count} 家终端，请核实或关闭"
        await bring_up(tx, Matter(REGISTERED, person, en, zh, person), self.sources)

    async def _found(self, tx: Tx, part: Sequence[bytes]) -> dict[bytes, Found]:
        """What the journal says of these records, in scopes that are locked: it stays so until the commit."""
        for _ in range(_LOCK_TRIES):
            locked = await self._lock(tx, part)
            found = await found_of(tx, part, self.shown.meant, self.shown.collections)
            if all(one.scope in locked for one in found):
                return {one.held.id: one for one in found}
        raise Refusal("busy", "records kept moving while they were being locked")

    async def _lock(self, tx: Tx, part: Sequence[bytes]) -> set[str]:
        stand_in = set((await located(tx, part, part)).values())
        goals = {
            one.back_to for record in part for one in self._wanted[UUID(bytes=record)].values() if one.field == SCOPE
        }
        places = stand_in | goals
        wanted = places | {scopes.private_of(one) for one in places} | {scopes.COMPANY}
        return {one.name for one in (await lock_scopes(tx, wanted)).values()}

    def _still(self, found: Found) -> Found:
        """What is as it was shown."""
        shown = self._wanted[UUID(bytes=found.held.id)]
        same = [one for one in found.findings if shown.get((one.field, one.key)) == one]
        return msgspec.structs.replace(found, findings=tuple(same))

    def _submissions(self, found: Found) -> Iterable[Submission]:
        now = self.sources.now()
        moment = Moment("undo", now, now)
        made = [*operations_of(found, moment, self.sources.new_id), *closings(found, moment, self.sources.new_id)]
        for operation, whole in made:
            self.number += 1
            yield Submission(self.number, encode(operation), Bounds(now, now, now), operation, revives=whole)

    async def _applied(self, tx: Tx, handed: Sequence[Submission], standing: Sequence[Found]) -> Undone:
        actor = Actor(self.total.act.bytes, Rights(Authority.SERVER), scopes.COMPANY, self.by)
        applied = await apply(tx, actor, handed, Batch(self.sources.now(), self.sources.random, self.last))
        self.last = applied.last
        lost = Counter(one.reason for one in applied.outcomes if one.code is OutcomeCode.REFUSED)
        refused = {
            one.operation.record
            for one, outcome in zip(handed, applied.outcomes, strict=True)
            if outcome.code is OutcomeCode.REFUSED and one.operation is not None
        }
        done = [one for one in standing if one.findings and UUID(bytes=one.held.id) not in refused]
        kinds = Counter(finding.verdict for one in done for finding in one.findings)
        total = self.total
        return Undone(
            total.act,
            total.restored + kinds[Verdict.RESTORE],
            total.records + len(done),
            total.closed + kinds[Verdict.REGISTERED],
            dict(Counter(total.refused) + lost),
            total.changed | applied.changed,
        )

    def _about(self) -> dict[str, Any]:
        meant = self.shown.meant
        of = {"staff": meant.staff, "act": meant.origin, "since": meant.since, "until": meant.until}
        one = {"record": meant.record, "operation": meant.operation} if meant.operation is not None else {}
        return {"id": self.total.act, "by": self.by} | of | one

"""What the journal says of a record, field by field, and what taking somebody's changes back would come to. Pure.

A field goes back to the last value that was not the person's, if the newest change of it is theirs. Whatever somebody
else changed or said again since is spared. What is never changed (visits, orders, payments) is never taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from server.master.journal import Change
from server.master.working import Held
from sync.changes import SetChange, element_key, read_changes
from sync.operations import Act
from sync.records import Collection, Record
from sync.rules import Merge

__all__ = ["BODY", "GONE", "MADE", "SCOPE", "Event", "Finding", "Meant", "Verdict", "findings"]

GONE, SCOPE, MADE, BODY = "@gone", "@scope", "@made", "@body"
"""What is asked of a record besides its fields: whether it was removed, where it stands, who made it, and what an
entry held that does not say what stood before.
"""


class Verdict(StrEnum):
    """What becomes of a field that the person changed."""

    RESTORE = "restore"
    """The newest change is theirs: what stood before comes back."""
    CONFIRMED = "confirmed"
    """Somebody else has said the same since: it stays."""
    CHANGED = "changed"
    """Somebody else has changed it since: it stays."""
    ONWARD = "onward"
    """It only ever goes forward, so it cannot go back."""
    UNKNOWN = "unknown"
    """Entries of the journal were removed by order or are older than this: what stood before is not known."""
    GONE = "gone"
    """Somebody else has removed the record since."""
    REGISTERED = "registered"
    """The person made the record: it is brought up, and closed only if that is asked for."""


class Meant(msgspec.Struct, frozen=True):
    """Whose changes are meant: a person's, or those of one act by its origin; and when they can have been made, in
    server milliseconds. Or one `operation` on one `record` alone, whoever asked for it: `since` is then when it was
    taken in.
    """

    since: int = 0
    until: int | None = None
    staff: UUID | None = None
    origin: bytes | None = None
    record: UUID | None = None
    operation: UUID | None = None

    def covers(self, change: Change) -> bool:
        """Whether this change is one of them. One whose time is not known exactly counts if it can have been then."""
        if self.operation is not None:
            return change.operation is not None and change.operation.id == self.operation
        is_theirs = change.staff == self.staff if self.origin is None else change.origin == self.origin
        return is_theirs and change.latest >= self.since and (self.until is None or change.earliest <= self.until)


class Event(msgspec.Struct, frozen=True):
    """One journal entry of a record, at server milliseconds; `change` is None where its body cannot be read."""

    at: int
    change: Change | None


class Finding(msgspec.Struct, frozen=True):
    """One field (of a set: one element, by `key`) that the person changed: what stands now, and what came before.

    `label` is what people call the record. `whole` is a removed record as it was.
    """

    record: UUID
    collection: str
    label: str
    field: str
    key: str | None
    now: Any
    back_to: Any
    verdict: Verdict
    whole: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Touch:
    """One change of one field: `after` is what was asked for."""

    is_meant: bool
    before: Any
    after: Any
    revision: int
    whole: bytes | None = None


Address = tuple[str, str | None]


def findings(
    held: Held, scope: str, events: Iterable[Event], meant: Meant, collections: Sequence[str]
) -> list[Finding]:
    """What taking back what is `meant` comes to for one record, which stands in `scope`; nothing where it changed
    nothing. `collections` are the only ones looked at; where it is empty, all but tasks: an answer to a task is work
    and no archive.
    """
    name = held.collection.name
    if name not in collections if collections else name == "task":
        return []
    known = list(events)
    is_dark = any(one.change is None and one.at >= meant.since for one in known)
    changes = sorted({_key(one): one.change for one in known if one.change is not None}.items())
    story = _Story(held, scope, meant, is_dark)
    for _, change in changes:
        story.take(change)
    return story.findings()


def _key(event: Event) -> tuple[int, bool, int, bytes]:
    """The order in which a record's changes were made; an entry that stands in two scopes is one."""
    change = event.change
    operation = change.operation if change is not None else None
    if change is None or operation is None:
        return (0, False, event.at, b"")
    return change.outcome.revision, operation.act is Act.MOVE, event.at, operation.id.bytes


class _Story:
    """The changes of one record, field by field, as far as they have been read."""

    def __init__(self, held: Held, scope: str, meant: Meant, is_dark: bool) -> None:
        self._held = held
        self._scope = scope
        self._meant = meant
        self._is_dark = is_dark
        self._is_old = False
        self._touches: dict[Address, list[_Touch]] = {}
        self._made_by_them = False
        self._made_at = 1

    def take(self, change: Change) -> None:
        """Take the next change in."""
        operation, revision = change.operation, change.outcome.revision
        if operation is None:
            return
        is_meant = self._meant.covers(change)
        if not change.origin:
            # Of a version that did not keep what stood before.
            self._is_old |= is_meant
            return
        if operation.act is Act.CREATE:
            self._made_by_them |= is_meant and revision == 1
            self._made_at = revision
        for address, before, after in _touched(change, self._held.collection):
            touch = _Touch(is_meant, before, after, revision, change.whole)
            self._touches.setdefault(address, []).append(touch)

    def findings(self) -> list[Finding]:
        """All that they changed. A record that is theirs from the beginning is one finding."""
        found = [self._finding(address, touches) for address, touches in self._touches.items()]
        listed = [one for one in found if one is not None]
        if self._made_by_them and self._held.record is not None and not self._held.collection.append_only:
            listed.append(self._told((MADE, None), None, None, Verdict.REGISTERED))
        if self._is_old:
            listed.append(self._told((BODY, None), None, None, Verdict.UNKNOWN))
        return listed

    def _finding(self, address: Address, touches: Sequence[_Touch]) -> Finding | None:
        if address[0] == SCOPE and getattr(self._held.record, "merged_into", None) is not None:
            # It goes where the one goes that it was merged into.
            return None
        run = _run(touches)
        now = self._now(address)
        if not run:
            return self._spared(address, touches, now)
        if len(run) == len(touches) and self._made_by_them and address[0] not in {GONE, SCOPE}:
            return None
        back_to = run[0].before
        if back_to == now:
            return None
        whole = run[-1].whole if address[0] == GONE else None
        return self._told(address, now, back_to, self._verdict(address, run), whole)

    def _verdict(self, address: Address, run: Sequence[_Touch]) -> Verdict:
        field = address[0]
        if self._held.record is None and field != GONE:
            return Verdict.GONE if not _ends_theirs(self._touches.get((GONE, None), ())) else Verdict.RESTORE
        if self._is_dark or self._is_old or self._marked(address) > max(run[-1].revision, self._made_at):
            return Verdict.UNKNOWN
        is_onward = field not in {GONE, SCOPE} and self._held.collection.rule(field).merge is Merge.FORWARD
        return Verdict.ONWARD if is_onward else Verdict.RESTORE

    def _spared(self, address: Address, touches: Sequence[_Touch], now: Any) -> Finding | None:
        """What somebody else has seen to since; nothing where the person had no part in it."""
        last = next((at for at in range(len(touches) - 1, -1, -1) if touches[at].is_meant), None)
        if last is None:
            return None
        is_same = all(one.after == touches[last].after for one in touches[last + 1 :])
        start = _run(touches[: last + 1])[0]
        verdict = Verdict.CONFIRMED if is_same else Verdict.CHANGED
        return self._told(address, now, start.before, verdict)

    def _marked(self, address: Address) -> int:
        """The revision at which the store itself says that the field was written last."""
        field, key = address
        if field in {GONE, SCOPE}:
            return 0
        marks = self._held.marks
        if key is None:
            return marks.of(field).revision
        return max((one.revision for one in marks.elements.get(field, {}).get(key, ())), default=0)

    def _now(self, address: Address) -> Any:
        field, key = address
        if field == GONE:
            return self._held.record is None
        if field == SCOPE:
            return self._scope
        if self._held.record is None:
            return None
        stands = getattr(self._held.record, field)
        return stands if key is None else next((one for one in stands if element_key(one) == key), None)

    def _told(self, address: Address, now: Any, back_to: Any, verdict: Verdict, whole: bytes | None = None) -> Finding:
        held = self._held
        label = _label(held.record) if held.record is not None else ""
        record = UUID(bytes=held.id)
        return Finding(record, held.collection.name, label, *address, now, back_to, verdict, whole)


def _label(record: Record) -> str:
    return str(getattr(record, "name", None) or getattr(record, "title", None) or record.id)


def _run(touches: Sequence[_Touch]) -> list[_Touch]:
    """The newest changes, as far back as they are all meant."""
    run: list[_Touch] = []
    for touch in reversed(touches):
        if not touch.is_meant:
            break
        run.insert(0, touch)
    return run


def _ends_theirs(touches: Sequence[_Touch]) -> bool:
    return bool(touches) and touches[-1].is_meant


def _touched(change: Change, one: Collection) -> Iterator[tuple[Address, Any, Any]]:
    """What a change did: where, what stood before, what was asked for."""
    operation = change.operation
    if operation is None:
        return
    if operation.act is Act.REMOVE:
        yield (GONE, None), False, True
    elif operation.act is Act.CREATE and change.outcome.revision > 1:
        yield (GONE, None), True, False
    elif operation.act is Act.MOVE:
        yield (SCOPE, None), change.came_from, operation.scope
    elif operation.act is Act.EDIT:
        yield from _edited(read_changes(one, bytes(operation.changes)), read_changes(one, bytes(change.before)))


def _edited(asked: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[tuple[Address, Any, Any]]:
    for name, stood in before.items():
        if not isinstance(stood, SetChange):
            yield (name, None), stood, asked[name]
            continue
        added = {element_key(element): element for element in asked[name].add}
        was = {element_key(element): element for element in stood.add}
        for key in (*was, *stood.remove):
            yield (name, key), was.get(key), added.get(key)

"""The texts that staff had to know: policies and notices version by version, and who acknowledged which of them.

Each version is put together again from the journal's operations, so that what stood at the time can be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import msgspec

from server.departure.evidence.history import Trace, Value

__all__ = ["Acknowledged", "Version", "acknowledged_by", "versions_of"]

_TEXTS = frozenset({"policy", "notice"})


class Version(msgspec.Struct, frozen=True):
    """One version of a policy or a notice, whole: `text` has its fields by name. `ref` is the entry that made it."""

    record: UUID
    collection: str
    revision: int
    at: int
    author: UUID | None
    text: dict[str, Any]
    ref: tuple[str, int]


class Acknowledged(msgspec.Struct, frozen=True):
    """That somebody acknowledged a version of a notice: when it happened, and when the server took it in."""

    staff: UUID
    notice: UUID
    revision: int
    happened: int
    at: int
    ref: tuple[str, int]


def versions_of(traces: Iterable[Trace]) -> list[Version]:
    """All versions of all policies and notices, in the order of time."""
    found = [version for one in traces if one.collection.name in _TEXTS for version in _versions(one)]
    return sorted(found, key=lambda one: (one.at, one.record, one.revision))


def _versions(trace: Trace) -> Iterator[Version]:
    text: dict[str, Any] = {}
    by_revision: dict[int, list[Value]] = {}
    for values in trace.values.values():
        for one in values:
            by_revision.setdefault(one.revision, []).append(one)
    for revision, written in sorted(by_revision.items()):
        text = text | {one.field: one.value for one in written}
        last = written[-1]
        yield Version(
            trace.record, trace.collection.name, revision, last.at, last.staff, text, (last.scope, last.position)
        )


def acknowledged_by(traces: Iterable[Trace], person: UUID) -> list[Acknowledged]:
    """What somebody acknowledged, in the order of time."""
    found = []
    for one in traces:
        named = one.values.get("notice", ()) if one.collection.name == "acknowledgement" else ()
        revision = one.values.get("notice_revision", ())
        if named and revision and named[0].staff == person:
            value, first = UUID(bytes=bytes(named[0].value)), named[0]
            ref = (first.scope, first.position)
            found.append(Acknowledged(person, value, int(revision[0].value), first.happened, first.at, ref))
    return sorted(found, key=lambda one: (one.at, one.notice))

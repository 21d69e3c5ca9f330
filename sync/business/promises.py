"""Promises that are made and kept, as section 6 of `docs/rules.md` says: the same on the phone and on the server.

A report on a talk may promise something and name a next step, each with a day. Whoever sees to it writes a report that
names that one (`keeps`): nothing of the first is rewritten, and it need not be its author, who may have left.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar
from uuid import UUID

__all__ = ["due_on", "is_promise", "kept", "standing"]


class Promising(Protocol):
    """What is read of a report: a record, or a row of the typed table. Days are YYYY-MM-DD."""

    @property
    def id(self) -> UUID: ...
    @property
    def amends(self) -> UUID | None: ...
    @property
    def keeps(self) -> UUID | None: ...
    @property
    def promised(self) -> str: ...
    @property
    def promised_by(self) -> str | None: ...
    @property
    def next_step(self) -> str: ...
    @property
    def next_on(self) -> str | None: ...


R = TypeVar("R", bound=Promising)


def standing(reports: Iterable[R]) -> list[R]:
    """The reports that no other amends, in the order in which they came."""
    held = list(reports)
    amended = {one.amends for one in held}
    return [one for one in held if one.id not in amended]


def kept(reports: Iterable[R]) -> frozenset[UUID]:
    """The standing reports of which one that stands says that what they promise is kept.

    Either may have been amended meanwhile: a report is named by any of its amendments.
    """
    held = list(reports)
    before = {one.id: one.amends for one in held}
    stands = standing(held)
    named = {_first(one.keeps, before) for one in stands if one.keeps is not None}
    return frozenset(one.id for one in stands if _first(one.id, before) in named)


def _first(report: UUID, before: dict[UUID, UUID | None]) -> UUID:
    seen = {report}
    while (old := before.get(report)) is not None and old not in seen:
        report = old
        seen.add(old)
    return report


def is_promise(one: Promising) -> bool:
    """Whether a report leaves something to be done."""
    return bool(one.promised or one.promised_by or one.next_step or one.next_on)


def due_on(one: Promising) -> str | None:
    """The first day that a report names; None where it names none."""
    return min((day for day in (one.promised_by, one.next_on) if day), default=None)

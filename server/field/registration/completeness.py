"""How complete the archive is: what the outlets of each territory and class lack of what their class requires.

The database says of each outlet which of the fields it has not, and counts those that lack the same; what a class
requires is laid over that, so a company of any size takes the same number of statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from server.identity.territories import all_territories
from server.master.scoping import numbers
from server.master.standing import stands, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.business.registration import FRONT, NO_CLASS
from sync.policies import Policies
from sync.policies.archive import REQUIRED

__all__ = ["Completeness", "Lacking", "completeness", "lacking"]

_OUTLETS, _CONTACTS, _PHOTOS = TYPED["outlet"], TYPED["contact"], TYPED["photo"]
_FIELDS = (
    "name",
    "outlet_class",
    "address",
    "position",
    "phone",
    "opening_hours",
    "contact",
    "photo",
    "status",
    "code",
)
"""What can be required, each a bit of a number in this order."""


class Completeness(msgspec.Struct, frozen=True):
    """The standing outlets of one class in one territory: how many there are, how many have all that is required, and
    how many lack each field of that.
    """

    territory: UUID
    name: str
    outlet_class: str
    outlets: int
    complete: int
    lacking: dict[str, int]


class Lacking(msgspec.Struct, frozen=True):
    """One outlet that lacks something, in the order in which the setting names it."""

    id: UUID
    name: str
    outlet_class: str
    missing: tuple[str, ...]


async def completeness(tx: Tx, policies: Policies, *, of: UUID | None = None) -> list[Completeness]:
    """How complete the archive of each territory (or of that one) is, class by class."""
    places = [one for one in await all_territories(tx) if of is None or one.id == of]
    named = {scopes.territory(one.id): one for one in places}
    held = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    bits = await _bits(tx)
    columns = (_OUTLETS.c.scope, _OUTLETS.c.outlet_class, bits.label("bits"))
    wanted = select(*columns, func.count().label("outlets")).where(stands(), _OUTLETS.c.scope.in_(held))
    counted: dict[tuple[int, str], Counter[int]] = {}
    for row in await tx.execute(wanted.group_by(*columns)):
        key = (row.scope, row.outlet_class or NO_CLASS)
        counted.setdefault(key, Counter())[row.bits] += row.outlets
    found = [_summed(held[scope].id, held[scope].name, kind, by, policies) for (scope, kind), by in counted.items()]
    return sorted(found, key=lambda one: (one.name, one.territory, one.outlet_class))


async def lacking(tx: Tx, policies: Policies, of: UUID) -> list[Lacking]:
    """The outlets of a territory that lack something of what their class requires, by name."""
    scope = (await numbers(tx, [scopes.territory(of)])).values()
    columns = (_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.outlet_class, (await _bits(tx)).label("bits"))
    wanted: Select[Any] = select(*columns).where(stands(), _OUTLETS.c.scope.in_(scope))
    rows = await tx.execute(wanted.order_by(_OUTLETS.c.name, _OUTLETS.c.id))
    found = [
        Lacking(row.id, row.name, row.outlet_class, _missing(row.bits, row.outlet_class or NO_CLASS, policies))
        for row in rows
    ]
    return [one for one in found if one.missing]


def _summed(territory: UUID, name: str, kind: str, by: Mapping[int, int], policies: Policies) -> Completeness:
    lacks: Counter[str] = Counter()
    complete = 0
    for bits, outlets in by.items():
        missing = _missing(bits, kind, policies)
        complete += 0 if missing else outlets
        lacks.update(dict.fromkeys(missing, outlets))
    ordered = {one: lacks[one] for one in policies.of(REQUIRED, kind) if lacks[one]}
    return Completeness(territory, name, kind, sum(by.values()), complete, ordered)


def _missing(bits: int, kind: str, policies: Policies) -> tuple[str, ...]:
    return tuple(one for one in policies.of(REQUIRED, kind) if bits >> _FIELDS.index(one) & 1)


async def _bits(tx: Tx) -> ColumnElement[int]:
    """What an outlet has not: the sum of the bits of these fields."""
    into = await survivors(tx)
    contacts = await _at_merged(tx, _CONTACTS, _CONTACTS.c.active.is_(True), into)
    fronts = await _at_merged(tx, _PHOTOS, _PHOTOS.c.kind == FRONT, into)
    is_there = select(_CONTACTS.c.id).where(_CONTACTS.c.outlet == _OUTLETS.c.id, _CONTACTS.c.active.is_(True)).exists()
    has_front = select(_PHOTOS.c.id).where(_PHOTOS.c.outlet == _OUTLETS.c.id, _PHOTOS.c.kind == FRONT).exists()
    lacks: dict[str, ColumnElement[bool]] = {
        "position": _OUTLETS.c.cell.is_(None),
        "contact": and_(~is_there, _OUTLETS.c.id.not_in(contacts)),
        "photo": and_(~has_front, _OUTLETS.c.id.not_in(fronts)),
        "outlet_class": or_(_is_empty(_OUTLETS.c.outlet_class), _OUTLETS.c.outlet_class == NO_CLASS),
    }
    total: ColumnElement[int] = literal(0)
    for at, one in enumerate(_FIELDS):
        total = total + case((lacks.get(one, _is_empty(_OUTLETS.c.get(one))), 1 << at), else_=0)
    return total


def _is_empty(column: ColumnElement[Any] | None) -> ColumnElement[bool]:
    if column is None:
        return literal(value=True)
    return or_(column.is_(None), column == "")


async def _at_merged(tx: Tx, table: Any, only: ColumnElement[bool], into: Mapping[UUID, UUID]) -> Sequence[UUID]:
    """The outlets that stand for others at which there is one of these."""
    if not into:
        return []
    merged = select(_OUTLETS.c.id).where(_OUTLETS.c.merged_into.is_not(None))
    rows = await tx.execute(select(table.c.outlet).where(table.c.outlet.in_(merged), only).distinct())
    return sorted({into[one] for one in rows.scalars()})

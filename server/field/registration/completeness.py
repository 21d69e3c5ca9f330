"""How complete the archive is: what the outlets of each territory and class lack of what their class requires.

The database says of each outlet which of the fields it has not, and counts those that lack the same; what a class
requires is laid over that, so a company of any size takes the same number of statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import CTE, ColumnElement, Select, Table, and_, case, func, literal, select

from server.identity.territories import all_territories
from server.master.scoping import numbers
from server.master.standing import stands
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.business.registration import FRONT, NO_CLASS
from sync.policies import Policies
from sync.policies.archive import REQUIRED

__all__ = ["LACKS", "Completeness", "Lacking", "completeness", "lacking"]

_OUTLETS, _CONTACTS, _PHOTOS = TYPED["outlet"], TYPED["contact"], TYPED["photo"]


def _ends() -> CTE:
    """For each outlet that was merged all those that it went into, one after the other: `id` and `merged_into`."""
    merged, following = _OUTLETS.alias("merged"), _OUTLETS.alias("following")
    found = select(merged.c.id, merged.c.merged_into).where(merged.c.merged_into.is_not(None))
    into = found.cte("into", recursive=True)
    further = select(into.c.id, following.c.merged_into).join(following, following.c.id == into.c.merged_into)
    return into.union(further.where(following.c.merged_into.is_not(None)))


_INTO = _ends()


def _without(table: Table, only: ColumnElement[bool]) -> ColumnElement[bool]:
    """That an outlet has none of these, neither itself nor through one that was merged into it."""
    here = select(table.c.id).where(table.c.outlet == _OUTLETS.c.id, only).exists()
    through = select(_INTO.c.merged_into).join(table, table.c.outlet == _INTO.c.id).where(only)
    return and_(~here, _OUTLETS.c.id.not_in(through))


LACKS: Mapping[str, ColumnElement[bool]] = {
    "outlet_class": _OUTLETS.c.outlet_class.in_(["", NO_CLASS]),
    "address": _OUTLETS.c.address == "",
    "position": _OUTLETS.c.cell.is_(None),
    "phone": _OUTLETS.c.phone == "",
    "opening_hours": _OUTLETS.c.opening_hours == "",
    "contact": _without(_CONTACTS, _CONTACTS.c.active),
    "photo": _without(_PHOTOS, _PHOTOS.c.kind == FRONT),
    "code": _OUTLETS.c.code == "",
}
"""When an archive lacks something, as `sync.business.registration` says of one. Each has a name and a status."""
_FIELDS = tuple(LACKS)
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
    bits = _bits()
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
    columns = (_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.outlet_class, _bits().label("bits"))
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
    return tuple(one for one in policies.of(REQUIRED, kind) if one in LACKS and bits >> _FIELDS.index(one) & 1)


def _bits() -> ColumnElement[int]:
    """What an outlet has not: the sum of the bits of these fields."""
    total: ColumnElement[int] = literal(0)
    for at, one in enumerate(_FIELDS):
        total = total + case((LACKS[one], 1 << at), else_=0)
    return total

"""What goes on the sheets of a territory: its standing outlets, numbered street by street, with their contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select

from server.master.scoping import numbers
from server.master.standing import stands, survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.business.streets import street_of

__all__ = ["Kind", "Shop", "kinds_of", "shops_of"]

_OUTLETS, _CONTACTS, _CLASSES = TYPED["outlet"], TYPED["contact"], TYPED["outlet_class"]


class Kind(msgspec.Struct, frozen=True):
    """A class of outlets as it is drawn."""

    code: str
    zh: str
    en: str
    colour: str


class Shop(msgspec.Struct, frozen=True):
    """One outlet on the sheets. `number` is its place in the list and on the map; `fields` are the record's by name;
    contacts are (name, role, phone). The private part is on no sheet.
    """

    number: int
    id: UUID
    lat: float | None
    lon: float | None
    fields: dict[str, Any]
    contacts: tuple[tuple[str, str, str], ...]

    @property
    def is_key(self) -> bool:
        """A key outlet is red and on top."""
        return bool(self.fields["grade"] == "A")


async def shops_of(tx: Tx, territory: UUID) -> list[Shop]:
    """The standing outlets of a territory by street, address and name, numbered from 1."""
    places = (await numbers(tx, [scopes.territory(territory)])).values()
    rows = list(await tx.execute(select(_OUTLETS).where(stands(), _OUTLETS.c.scope.in_(places))))
    rows.sort(key=lambda row: (street_of(row.address) or "\uffff", row.address, row.name, row.id))
    into = await survivors(tx)
    people, visited = await _contacts(tx, places, into), await _visited(tx, places, into)
    return [_shop(at, row, people[row.id], visited.get(row.id)) for at, row in enumerate(rows, 1)]


def _shop(number: int, row: Row[Any], people: Sequence[tuple[str, str, str]], visited: int | None) -> Shop:
    at, fields = row.position or {}, row._asdict() | {"last_visit_at": visited}
    return Shop(number, row.id, at.get("lat"), at.get("lon"), fields, tuple(people))


async def _visited(tx: Tx, places: Any, into: Mapping[UUID, UUID]) -> dict[UUID, int]:
    """The last visit of each outlet, or of one that was merged into it."""
    found: dict[UUID, int] = {}
    columns = select(_OUTLETS.c.id, _OUTLETS.c.last_visit_at)
    for row in await tx.execute(columns.where(_OUTLETS.c.scope.in_(places), _OUTLETS.c.last_visit_at.is_not(None))):
        one = into.get(row.id, row.id)
        found[one] = max(found.get(one, 0), row.last_visit_at)
    return found


async def _contacts(tx: Tx, places: Any, into: Mapping[UUID, UUID]) -> dict[UUID, list[tuple[str, str, str]]]:
    found: dict[UUID, list[tuple[str, str, str]]] = defaultdict(list)
    wanted = select(_CONTACTS).where(_CONTACTS.c.scope.in_(places), _CONTACTS.c.active.is_(True))
    for row in await tx.execute(wanted.order_by(_CONTACTS.c.name, _CONTACTS.c.id)):
        found[into.get(row.outlet, row.outlet)].append((row.name, row.role, row.phone))
    return found


async def kinds_of(tx: Tx) -> dict[str, Kind]:
    """The company's classes by code."""
    rows = await tx.execute(select(_CLASSES).order_by(_CLASSES.c.code))
    return {row.code: Kind(row.code, row.zh, row.en, row.colour) for row in rows}

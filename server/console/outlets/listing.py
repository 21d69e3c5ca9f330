"""The list of outlets: searched, narrowed, in one of three orders, by pages that begin after an outlet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, func, select, tuple_

from server.console.outlets.filters import OUTLETS, Filters, conditions
from server.field.ground import Ground
from server.field.registration.reading import lacks_of
from server.identity import staff
from server.identity.rosters import teams
from server.identity.staff import Role
from server.identity.territories import all_pools, all_territories
from server.master.scoping import names, numbers
from server.master.store import Tx
from server.master.typed import TYPED
from sync import scopes
from sync.ids import parse_id

__all__ = [
    "NO_CHOICES",
    "PAGE",
    "Choices",
    "Kind",
    "Line",
    "Listing",
    "Named",
    "choices",
    "listing",
    "page_of",
    "wanted_by",
]

PAGE = 30
_COUNTED = 1000
"""More than this many are not counted."""


class Kind(msgspec.Struct, frozen=True):
    """A class of outlets with its names and the colour (#rrggbb) in which it is drawn."""

    code: str
    zh: str
    en: str
    colour: str


class Named(msgspec.Struct, frozen=True):
    """Something that can be chosen by name; `is_pool` tells pools from territories."""

    id: UUID
    name: str
    is_pool: bool = False


class Choices(msgspec.Struct, frozen=True):
    """What the list can be narrowed by besides what is always the same: classes, places, reps who own some."""

    classes: tuple[Kind, ...]
    places: tuple[Named, ...]
    reps: tuple[Named, ...]
    owners: dict[UUID, UUID]
    """The owner of each territory that has one."""
    people: dict[UUID, str]

    def kind(self, code: str) -> Kind | None:
        """The class of that code; None where the company has none."""
        return next((one for one in self.classes if one.code == code), None)

    async def standing(self, tx: Tx, scope: int) -> tuple[str, str]:
        """The name of the territory or pool with that scope's number, and of who owns it; empty where there is none."""
        named = (await names(tx, [scope]))[scope]
        place = next((one for one in self.places if _scope(one) == named), None)
        owner = self.owners.get(place.id) if place is not None else None
        return place.name if place is not None else "", self.people.get(owner, "") if owner is not None else ""


NO_CHOICES = Choices((), (), (), {}, {})
"""Where nothing of it is asked for."""


class Line(msgspec.Struct, frozen=True):
    """One outlet of the list. `place` is the name of its territory or pool, `owner` that of whose it is; both are empty
    where there is none. `lacks` is what its class requires and its archive has not; times are server milliseconds.
    """

    id: UUID
    name: str
    code: str
    kind: Kind | None
    grade: str
    status: str
    review: str
    address: str
    phone: str
    place: str
    owner: str
    contact: str
    contact_phone: str
    last_visit_at: int | None
    lacks: tuple[str, ...]


class Listing(msgspec.Struct, frozen=True):
    """A page of the list. `count` is how many outlets there are in all, told on the first page alone; where `is_more`
    it is more than that. `before` and `after` begin the pages on both sides (None: there is none).
    """

    lines: tuple[Line, ...]
    count: int | None = None
    is_more: bool = False
    before: UUID | None = None
    after: UUID | None = None


async def choices(tx: Tx) -> Choices:
    """What the list can be narrowed by, in the order in which it is shown."""
    table = TYPED["outlet_class"]
    rows = (await tx.execute(select(table).where(table.c.active).order_by(table.c.id))).all()
    found = [Named(one.id, one.name) for one in await all_territories(tx)]
    found += [Named(one.id, one.name, is_pool=True) for one in await all_pools(tx)]
    owners = {of: team.owner for of, team in (await teams(tx)).items() if team.owner is not None}
    people = await staff.everybody(tx)
    reps = [Named(one.id, one.name) for one in people if one.is_active and one.role is Role.REP]
    return Choices(
        tuple(Kind(row.code, row.zh, row.en, row.colour) for row in rows),
        tuple(found),
        tuple(reps),
        owners,
        {one.id: one.name for one in people},
    )


async def listing(
    tx: Tx, filters: Filters, ground: Ground, known: Choices, *, after: UUID | None = None, before: UUID | None = None
) -> Listing:
    """The page of outlets after (or before) that one, which no filter need find; the first page where neither is
    named, or it is not there any more. A number of statements that does not grow with the store.
    """
    wanted = await wanted_by(tx, filters, ground, known)
    order = _order(filters.sort)
    begin = await _key(tx, order, before or after)
    is_back = begin is not None and before is not None
    if begin is not None:
        here = tuple_(*order)
        wanted.append(here < tuple_(*begin) if is_back else here > tuple_(*begin))
    by = [one.desc() for one in order] if is_back else order
    most = PAGE if begin is not None else _COUNTED
    ids = list((await tx.execute(select(OUTLETS.c.id).where(*wanted).order_by(*by).limit(most + 1))).scalars())
    shown = ids[:PAGE]
    is_cut = len(ids) > PAGE
    if is_back:
        shown.reverse()
    lines = await _lines(tx, shown, ground, known)
    has_before, has_after = (is_cut, True) if is_back else (begin is not None, is_cut)
    return Listing(
        lines,
        min(len(ids), _COUNTED) if begin is None else None,
        is_more=begin is None and len(ids) > _COUNTED,
        before=shown[0] if has_before and shown else None,
        after=shown[-1] if has_after and shown else None,
    )


async def wanted_by(tx: Tx, filters: Filters, ground: Ground, known: Choices) -> list[ColumnElement[bool]]:
    """What a row of outlets has to be to pass these filters."""
    return conditions(filters, ground, await scopes_meant(tx, filters, known), [one.code for one in known.classes])


def _order(sort: str) -> list[ColumnElement[Any]]:
    """By what the list is in order, ascending, and which of two outlets comes first where that is the same."""
    if sort == "name":
        return [OUTLETS.c.words, OUTLETS.c.id]
    seen = func.coalesce(OUTLETS.c.last_visit_at, 0)
    return [seen if sort == "unseen" else -seen, OUTLETS.c.id]


async def _key(tx: Tx, order: Sequence[ColumnElement[Any]], outlet: UUID | None) -> Sequence[Any] | None:
    if outlet is None:
        return None
    row = (await tx.execute(select(*order).where(OUTLETS.c.id == outlet))).one_or_none()
    return None if row is None else tuple(row)


async def scopes_meant(tx: Tx, filters: Filters, known: Choices) -> list[int] | None:
    """The scopes in which outlets have to stand; None where they may stand anywhere."""
    if filters.place is None and filters.rep is None:
        return None
    places = [one for one in known.places if filters.place in {None, one.id}]
    if filters.rep is not None:
        places = [one for one in places if known.owners.get(one.id) == filters.rep]
    return list((await numbers(tx, map(_scope, places))).values())


def _scope(place: Named) -> str:
    return scopes.pool(place.id) if place.is_pool else scopes.territory(place.id)


async def _lines(tx: Tx, ids: Sequence[UUID], ground: Ground, known: Choices) -> tuple[Line, ...]:
    contacts = TYPED["contact"]
    joined = OUTLETS.outerjoin(contacts, contacts.c.id == OUTLETS.c.main_contact)
    told = (contacts.c.name.label("contact_name"), contacts.c.phone.label("contact_phone"))
    rows = (await tx.execute(select(OUTLETS, *told).select_from(joined).where(OUTLETS.c.id.in_(ids)))).all()
    lacks = await lacks_of(tx, ground, rows)
    stand = await names(tx, {row.scope for row in rows})
    places = {_scope(one): one for one in known.places}
    by_id = {row.id: row for row in rows}
    return tuple(
        _line(by_id[one], known, places.get(stand[by_id[one].scope]), lacks[one]) for one in ids if one in by_id
    )


def _line(row: Row[Any], known: Choices, place: Named | None, lacks: tuple[str, ...]) -> Line:
    owner = known.owners.get(place.id) if place is not None else None
    return Line(
        row.id, row.name, row.code, known.kind(row.outlet_class), row.grade, row.status, row.review, row.address,
        row.phone, place.name if place is not None else "", known.people.get(owner, "") if owner else "",
        row.contact_name or "", row.contact_phone or "", row.last_visit_at, lacks,
    )  # fmt: skip


def page_of(query: Mapping[str, str]) -> dict[str, UUID | None]:
    """Where the page begins that an address names: `after` or `before` an outlet."""
    return {name: parse_id(query.get(name, "")) for name in ("after", "before")}

"""What the archive held before the history began: the opening that the plain calculation starts from."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from sqlalchemy import select

from server.identity import staff, territories
from server.identity.rosters import teams
from server.master.scoping import names
from server.master.store import Tx
from server.master.typed import TYPED
from sync.scopes import ScopeKind, parse_scope

__all__ = ["Opening", "Shop", "Team", "opening_of"]


class Shop(msgspec.Struct, frozen=True):
    """An outlet of the list: its fields as it was taken in. `area` is empty for one in the pool."""

    key: str
    name: str
    area: str
    grade: str
    kind: str
    status: str
    phone: str
    lat: float | None
    lon: float | None
    contacts: int
    credit_days: int


class Team(msgspec.Struct, frozen=True):
    """Who works in a territory, by name."""

    owner: str
    partners: tuple[str, ...]
    service: tuple[str, ...]


class Opening(msgspec.Struct, frozen=True):
    """The outlets by code, and the teams by territory."""

    shops: dict[str, Shop]
    teams: dict[str, Team]


async def opening_of(tx: Tx) -> Opening:
    """What the store holds now, in the words of the history."""
    outlets, contacts = TYPED["outlet"], TYPED["contact"]
    people = {one.id: one.name for one in await staff.everybody(tx)}
    areas = {one.id: one.name for one in await territories.all_territories(tx)}
    held = Counter((await tx.execute(select(contacts.c.outlet).where(contacts.c.active))).scalars())
    rows = (await tx.execute(select(outlets).where(outlets.c.code != ""))).all()
    scopes = await names(tx, {row.scope for row in rows})
    shops = {row.code: _shop(row, _area(scopes[row.scope], areas), held[row.id]) for row in rows}
    rosters = {areas[one]: team for one, team in (await teams(tx)).items() if one in areas}
    named = {
        area: Team(
            people[team.owner] if team.owner else "",
            tuple(people[one] for one in team.partners),
            tuple(people[one] for one in team.service),
        )
        for area, team in rosters.items()
    }
    return Opening(shops, named)


def _area(scope: str, areas: dict[Any, str]) -> str:
    read = parse_scope(scope)
    return areas[read.of] if read is not None and read.kind is ScopeKind.TERRITORY else ""


def _shop(row: Any, area: str, contacts: int) -> Shop:
    at = row.position or {}
    return Shop(
        row.code, row.name, area, row.grade, row.outlet_class, row.status, row.phone,
        at.get("lat"), at.get("lon"), contacts, (row.credit or {}).get("days", 0),
    )  # fmt: skip

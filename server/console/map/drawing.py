"""A territory that is drawn on the map: which outlets it takes in, and whose they are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, or_, select

from server.console.map.sheet import Box, Sheet, blocks
from server.field.redrawing import MOST
from server.identity import staff
from server.identity.rosters import teams
from server.identity.territories import all_pools, all_territories
from server.master.scoping import names
from server.master.spots import Place, place_of
from server.master.standing import stands
from server.master.store import Tx
from server.master.typed import TYPED
from server.values import Unfit
from sync import scopes
from sync.business.sweeps import encloses
from sync.records import Corner, Grade

__all__ = ["Drawn", "Holder", "Taken", "corners_of", "taken_in", "written"]

_OUTLETS = TYPED["outlet"]
_MOST_CORNERS = 200


class Taken(msgspec.Struct, frozen=True):
    """An outlet that lies inside; `place` names where it stands now."""

    id: UUID
    name: str
    address: str
    grade: str
    place: str

    @property
    def is_key(self) -> bool:
        """Whether it is a key outlet."""
        return self.grade == Grade.A


class Holder(msgspec.Struct, frozen=True):
    """A territory or pool that has some of what lies inside: its name, who owns it (empty: nobody), and how many."""

    place: str
    owner: str
    outlets: int


class Drawn(msgspec.Struct, frozen=True):
    """What a ring takes in: at most so many outlets as go at once, `is_more` where there are others."""

    outlets: tuple[Taken, ...]
    holders: tuple[Holder, ...]
    is_more: bool = False


def corners_of(text: str) -> list[Place]:
    """The corners that were typed or drawn: a line each, degrees north and east. Raises Unfit."""
    corners = list[Place]()
    for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
        parts = line.replace("，", ",").replace(",", " ").split()
        try:
            lat, lon = map(float, parts)
        except ValueError:
            raise Unfit(
                f"line {number} of the corners is not two numbers, degrees north and east: “{line.strip()[:40]}”",
                f"第 {number} 行不是“纬度, 经度”两个数字：“{line.strip()[:40]}”",
            ) from None
        if not (-85 <= lat <= 85 and -180 <= lon <= 180):
            raise Unfit(
                f"line {number} of the corners is no place on the map; degrees north come first",
                f"第 {number} 行不在地图范围内，请先写纬度再写经度",
            )
        corners.append((lat, lon))
    if not 3 <= len(corners) <= _MOST_CORNERS:
        raise Unfit(
            f"an area has 3 to {_MOST_CORNERS} corners; this one has {len(corners)}",
            f"片区需要 3 到 {_MOST_CORNERS} 个角点，现在有 {len(corners)} 个",
        )
    return corners


def written(corners: Sequence[Place]) -> str:
    """Corners as `corners_of` reads them."""
    return "\n".join(f"{lat:.6f}, {lon:.6f}" for lat, lon in corners)


async def taken_in(tx: Tx, sheet: Sheet, corners: Sequence[Place]) -> Drawn:
    """The outlets inside a ring that was drawn on that sheet, key outlets first, and who holds them."""
    ring = [Corner(*sheet.meant(corner)) for corner in corners]
    lats, lons = [one.lat for one in ring], [one.lon for one in ring]
    spot = _OUTLETS.c.spot
    near = [and_(spot >= one, spot < end) for one, end in blocks(Box(min(lats), min(lons), max(lats), max(lons)))]
    inside = list[UUID]()
    for row in await tx.execute(
        select(_OUTLETS.c.id, spot).where(or_(*near), stands()).order_by(_OUTLETS.c.grade, spot)
    ):
        if encloses(ring, *place_of(row.spot)):
            inside.append(row.id)
            if len(inside) > MOST:
                break
    return await _told(tx, inside[:MOST], is_more=len(inside) > MOST)


async def _told(tx: Tx, ids: Sequence[UUID], *, is_more: bool) -> Drawn:
    columns = (_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.address, _OUTLETS.c.grade, _OUTLETS.c.scope)
    by_id = {row.id: row for row in await tx.execute(select(*columns).where(_OUTLETS.c.id.in_(ids)))}
    rows = [by_id[one] for one in ids]
    stand = await names(tx, {row.scope for row in rows})
    places, owners = await _places(tx)

    def one(row: Any) -> Taken:
        return Taken(row.id, row.name, row.address, row.grade, places.get(stand[row.scope], ""))

    counts = Counter(stand[row.scope] for row in rows)
    holders = [Holder(places.get(name, ""), owners.get(name, ""), count) for name, count in counts.most_common()]
    return Drawn(tuple(map(one, rows)), tuple(holders), is_more)


async def _places(tx: Tx) -> tuple[dict[str, str], dict[str, str]]:
    """The names of territories and pools, and of who owns each territory, by scope."""
    people = {one.id: one.name for one in await staff.everybody(tx)}
    found = {scopes.territory(one.id): one.name for one in await all_territories(tx)}
    found |= {scopes.pool(one.id): one.name for one in await all_pools(tx)}
    owned = {scopes.territory(of): team.owner for of, team in (await teams(tx)).items()}
    return found, {name: people.get(owner, "") for name, owner in owned.items() if owner is not None}

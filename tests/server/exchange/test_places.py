"""Places: whatever datum a position comes in, the store has WGS-84, and a shop is where it is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from server.master.typed import TYPED
from sync.operations import Act
from sync.positions import Datum, Position, distance_m, from_wgs84
from tests.server.exchange.conftest import Company
from tests.server.exchange.ways import outlets

DOOR = Position(31.2304, 121.4737, 8.0)


def shown(datum: Datum) -> list[Any]:
    """The door as a map of this datum has it, as it travels."""
    there = from_wgs84(DOOR, datum)
    return [there.lat, there.lon, there.accuracy, there.datum]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@pytest.mark.parametrize("act", [Act.CREATE, Act.EDIT])
async def test_a_shop_from_a_map_and_a_check_in_by_satellite_are_one_place(
    company: Company, datum: Datum, act: Act
) -> None:
    """Registered or moved by a map's position, visited with WGS-84: no metre lies between the two."""
    wang = await company.phone(company.wang)
    (shop,) = await outlets(company, company.east, 1) if act is Act.EDIT else (wang.id(),)
    await wang.sync()
    visit = wang.id()
    wang.log(act, "outlet", shop, base=int(act is Act.EDIT), scope=company.east_scope, name="店", position=shown(datum))
    wang.log(Act.CREATE, "visit", visit, outlet=shop, position=[DOOR.lat, DOOR.lon, DOOR.accuracy])
    assert wang.agrees(await wang.sync())
    held: dict[Any, Any] = dict(wang.records(company.east_scope))
    assert held[shop].position.datum == held[visit].position.datum == "wgs84"
    assert distance_m(held[shop].position, held[visit].position) < 1
    assert abs(held[shop].position.lat - DOOR.lat) < 1e-5
    outlet = TYPED["outlet"]
    async with company.desk.store.read() as tx:
        row = (await tx.execute(select(outlet.c.position).where(outlet.c.id == shop))).scalar_one()
    assert abs(row["lat"] - DOOR.lat) < 1e-5
    assert abs(row["lon"] - DOOR.lon) < 1e-5


async def test_a_visit_from_two_kilometres_away_moves_no_shop(company: Company) -> None:
    """A visit's position is an observation: only an operation on the outlet says where the outlet is."""
    wang = await company.phone(company.wang)
    await wang.sync()
    shop, visit = wang.id(), wang.id()
    wang.log(Act.CREATE, "outlet", shop, scope=company.east_scope, name="店", position=[DOOR.lat, DOOR.lon])
    wang.log(Act.CREATE, "visit", visit, outlet=shop, position=[DOOR.lat + 0.018, DOOR.lon])
    await wang.sync()
    held: dict[Any, Any] = dict(wang.records(company.east_scope))
    assert distance_m(held[shop].position, DOOR) < 1
    assert 1900 < distance_m(held[visit].position, DOOR) < 2100

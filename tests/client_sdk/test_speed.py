"""The calls of every day ask the file a few questions, however many outlets the phone holds: none for each outlet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from client_sdk.map import Bounds
from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from client_sdk.testing.world import HERE, World
from sync import scopes
from sync.positions import Position
from sync.records import CodeBlock, Delivery, Grade, OrderLine, Outlet, Visit

OUTLETS = 120
MOST = 100
"""Statements that one call runs at most, as the longest (the brief) does."""
BOX = Bounds(HERE.lat - 1, HERE.lon - 1, HERE.lat + 1, HERE.lon + 1)

CALLS: dict[str, Callable[[Replica, Outlet], Any]] = {
    "today": lambda phone, _: phone.today(near=HERE),
    "map": lambda phone, _: phone.map(BOX),
    "near": lambda phone, _: phone.outlets.near(HERE, within=5_000, size=OUTLETS),
    "alike": lambda phone, _: phone.outlets.alike("新店", position=HERE, phone="13800000001"),
    "list": lambda phone, _: phone.outlets.list(size=OUTLETS),
    "codes.left": lambda phone, _: phone.codes.left(),
    "codes.take": lambda phone, _: phone.codes.take(),
    "money.of": lambda phone, shop: phone.money.of(shop.id),
    "money.overdue": lambda phone, _: phone.money.overdue(),
    "care": lambda phone, _: phone.care.ahead(400),
    "brief": lambda phone, shop: phone.brief(shop.id),
    "draft": lambda phone, _: phone.reports.draft(),
    "sweep": lambda phone, _: phone.sweeps.start().finish(),
}


@pytest.fixture
def crowd(world: World) -> Outlet:
    """Many outlets with visits of today, deliveries and codes; one of them."""
    shops = []
    for number in range(OUTLETS):
        place = Position(HERE.lat + number * 1e-5, HERE.lon)
        shop = world.outlet(f"店{number}", position=place, grade=Grade.A, code=f"K{number:04}")
        world.put(Visit(world.company.new_id(), shop.id, staff=world.rep.id, started_at=world.time.now - 1000))
        world.put(msgspec.structs.replace(shop, last_visit_at=world.time.now - 1000))
        lines = (OrderLine("SKU-1", 1, 70),)
        world.put(Delivery(world.company.new_id(), shop.id, lines=lines, delivered_on="2026-01-01"))
        shops.append(shop)
    world.company.master.put(CodeBlock(world.company.new_id(), "K", 100, 140), scopes.staff(world.rep.id))
    return shops[0]


def test_no_daily_call_asks_for_each_outlet(world: World, crowd: Outlet) -> None:
    """Counted in statements, which a slow machine does not change."""
    world.phone().close()
    asked: list[str] = []
    phone = world.opened(disk=Disk(asked.append))
    phone.today()
    found = {}
    for name, call in CALLS.items():
        asked.clear()
        call(phone, crowd)
        found[name] = sum(not one.startswith("PRAGMA") for one in asked)
    assert {name: count for name, count in found.items() if count > MOST} == {}

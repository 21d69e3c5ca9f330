"""A small district for an app's screens: outlets of three classes, their people and stock, products, tasks."""

from __future__ import annotations

import msgspec

from client_sdk.testing.world import HERE, World
from sync.positions import Position
from sync.records import Contact, Grade, Outlet, OutletClass, Price, Product, StockLine, Task

__all__ = ["District", "furnish"]

_CLASSES = (
    ("tobacco_liquor", "名烟名酒店", "Tobacco and liquor shop", "#8e44ad"),
    ("food_stall", "大排档", "Food stall", "#e67e22"),
    ("hotel_a", "A类酒店", "Hotel, class A", "#1f4e9e"),
)
_PRODUCTS = (("SKU-1", "赣江特曲 500ml", 5800), ("SKU-2", "赣江老窖 500ml", 12800), ("SKU-3", "青山啤酒 330ml", 450))
_STREETS = ("人民路", "东湖路", "解放路", "文昌街")
_SIGNS = (("老张烟酒", "张建国"), ("夜市烧烤", "李秀英"), ("滨江大酒店", "王海"))
_BESIDE = 0.0008
"""Degrees from one outlet to the next: some 90 metres."""


class District(msgspec.Struct, frozen=True):
    """What stands in the territory of the world's rep: each outlet has one contact; `tasks` are the rep's."""

    outlets: tuple[Outlet, ...]
    contacts: tuple[Contact, ...]
    products: tuple[Product, ...]
    tasks: tuple[Task, ...]


def furnish(world: World) -> District:
    """Put twelve outlets, their people, three products with prices and two tasks into a world. A phone has them after
    its next sync.
    """
    products = _sold(world)
    outlets = tuple(_outlet(world, number) for number in range(len(_STREETS) * len(_SIGNS)))
    contacts = tuple(
        world.contact(outlet, _SIGNS[number % len(_SIGNS)][1], f"1380000{number:04}", "owner")
        for number, outlet in enumerate(outlets)
    )
    tasks = (world.task(world.rep, "送新品海报"), world.task(world.rep, "核对冰柜编号"))
    return District(outlets, contacts, products, tasks)


def _sold(world: World) -> tuple[Product, ...]:
    world.publish(*(OutletClass(world.company.new_id(), *row) for row in _CLASSES))
    products = tuple(world.product(code, name, "瓶") for code, name, _ in _PRODUCTS)
    world.publish(*(Price(world.company.new_id(), code, amount) for code, _, amount in _PRODUCTS))
    return products


def _outlet(world: World, number: int) -> Outlet:
    street, kind = _STREETS[number // len(_SIGNS)], number % len(_SIGNS)
    return world.outlet(
        f"{street}{_SIGNS[kind][0]}",
        outlet_class=_CLASSES[kind][0],
        grade=(Grade.A, Grade.B, Grade.C)[kind],
        address=f"{street}{number + 1}号",
        phone=f"1390000{number:04}",
        position=Position(HERE.lat + _BESIDE * (number // len(_SIGNS)), HERE.lon + _BESIDE * kind),
        stock={"SKU-1": StockLine(bought=24, sold=12, on_hand=12)},
    )

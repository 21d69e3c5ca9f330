"""Setting a company up from the other sheets of its workbook: territories, pools, people and products.

What is there already stays as it is; nobody is taken off a roster and no price is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.defaults import add_company_records
from server.field.intake.companions import Companions, ListedProduct, ListedStaff
from server.identity import staff, territories
from server.identity.staff import Role
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources

__all__ = ["SetUp", "add_places", "set_up"]


class SetUp(msgspec.Struct, frozen=True):
    """What was added, by name; `products` counts. `changed` are scope names."""

    territories: tuple[str, ...] = ()
    pools: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    products: int = 0
    changed: frozenset[str] = frozenset()


async def add_places(tx: Tx, names: Iterable[str], pools: Iterable[str], sources: Sources) -> SetUp:
    """Add the territories and pools that are missing. New territories belong to the first pool there is."""
    held = {one.name: one.id for one in await territories.all_pools(tx)}
    new_pools = [name for name in dict.fromkeys(pools) if name not in held]
    for name in new_pools:
        held[name] = (await territories.add_pool(tx, name, sources)).id
    known = {one.name for one in await territories.all_territories(tx)} | held.keys()
    new = [name for name in dict.fromkeys(names) if name not in known]
    pool = next(iter(held.values()), None)
    for name in new:
        await territories.add_territory(tx, name, pool, sources)
    return SetUp(tuple(new), tuple(new_pools))


async def set_up(tx: Tx, listed: Companions, sources: Sources) -> SetUp:
    """Add what the sheets list and the store has not."""
    names = [one.name for one in listed.territories if not one.pool]
    places = await add_places(tx, names, [one.name for one in listed.territories if one.pool], sources)
    people = await _add_people(tx, listed.staff, sources)
    products, changed = await _add_products(tx, listed.products, sources)
    return SetUp(places.territories, places.pools, people, products, changed)


async def _add_people(tx: Tx, listed: Sequence[ListedStaff], sources: Sources) -> tuple[str, ...]:
    """Add people with their places on rosters. Whoever answers for a territory sees the contacts' private part."""
    by_name = {one.name: one.id for one in await territories.all_territories(tx)}
    known = {one.name for one in await staff.everybody(tx)}
    added = [one for one in listed if one.name not in known]
    for one in added:
        person = await staff.add(tx, one.name, Role(one.role), sources)
        for place in one.territories:
            if place in by_name:
                await _assign(tx, by_name[place], person.id, one, sources)
    return tuple(one.name for one in added)


async def _assign(tx: Tx, territory: UUID, person: UUID, listed: ListedStaff, sources: Sources) -> None:
    role = Role.SERVICE if listed.part == "service" else None
    await territories.assign(tx, territory, person, sources, role=role, private=listed.part == "owner")


async def _add_products(tx: Tx, listed: Sequence[ListedProduct], sources: Sources) -> tuple[int, frozenset[str]]:
    table = TYPED["product"]
    known = set((await tx.execute(select(table.c.code))).scalars())
    new = [one for one in listed if one.code not in known]
    if not new:
        return 0, frozenset()
    rows = [{"code": one.code, "name": one.name or one.code, "unit": one.unit} for one in new]
    prices = [{"product": one.code, "amount": one.price} for one in new if one.price is not None]
    changed = await add_company_records(tx, sources, "product", rows)
    return len(new), changed | await add_company_records(tx, sources, "price", prices)

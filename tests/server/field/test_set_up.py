"""Setting a company up from a workbook: what is missing is added, what is there stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.field.intake.companions import Companions, ListedProduct, ListedStaff, ListedTerritory, read_companions
from server.field.set_up import SetUp, add_places, set_up
from server.identity import staff, territories
from server.identity.staff import Role
from server.master.store import Store
from server.ports import Sources
from sync.records import Price, Product
from sync.scopes import COMPANY
from tests.server.desk import Desk

DISTRICT = Path(__file__).parents[3] / "fixtures" / "district" / "district.xlsx"
LISTED = Companions(
    staff=(
        ListedStaff("1", "王芳", "", "rep", ("城东",), "owner"),
        ListedStaff("2", "李强", "", "rep", ("城东", "别处"), "partner"),
        ListedStaff("3", "许静", "", "service", ("城东",), "service"),
    ),
    territories=(ListedTerritory("", "城东", "", pool=False), ListedTerritory("", "公海", "", pool=True)),
    products=(ListedProduct("A1", "特曲", "瓶", 6800), ListedProduct("A2", "", "瓶", None)),
)


class Office:
    """A company with nobody in it, and a short way to set it up."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sources = Sources(lambda: desk.now, desk.random.randbytes)

    async def set_up(self, listed: Companions) -> SetUp:
        """Set the company up from these sheets."""
        async with self.desk.store.write() as tx:
            return await set_up(tx, listed, self.sources)


@pytest.fixture
async def office(store: Store) -> Office:
    """An office on each of the two databases."""
    return Office(await Desk(store).open())


async def test_what_the_sheets_list_is_added(office: Office) -> None:
    """Territories belong to the pool; who answers for a territory sees the contacts' private part."""
    made = await office.set_up(LISTED)
    assert (made.territories, made.pools, made.staff, made.products) == (
        ("城东",),
        ("公海",),
        ("王芳", "李强", "许静"),
        2,
    )
    async with office.desk.store.read() as tx:
        (place,) = await territories.all_territories(tx)
        (pool,) = await territories.all_pools(tx)
        names = {one.id: one.name for one in await staff.everybody(tx)}
        roster = {names[one.staff]: one for one in await territories.roster_of(tx, place.id)}
    assert place.pool == pool.id
    assert {name: (one.role, one.private) for name, one in roster.items()} == {
        "王芳": (Role.REP, True),
        "李强": (Role.REP, False),
        "许静": (Role.SERVICE, False),
    }


async def test_products_and_prices_are_records_of_the_company(office: Office) -> None:
    """Phones get them like any other record; a product without a price has none."""
    made = await office.set_up(LISTED)
    assert made.changed == {COMPANY}
    records = (await office.desk.records(COMPANY)).values()
    assert {(one.code, one.name) for one in records if isinstance(one, Product)} == {("A1", "特曲"), ("A2", "A2")}
    assert {(one.product, one.amount) for one in records if isinstance(one, Price)} == {("A1", 6800)}


async def test_a_second_time_adds_nothing(office: Office) -> None:
    """What is there stays as it is, rosters and prices included."""
    await office.set_up(LISTED)
    async with office.desk.store.write() as tx:
        (place,) = await territories.all_territories(tx)
        (li,) = await staff.named(tx, "李强")
        await territories.unassign(tx, place.id, li.id, office.sources)
    assert await office.set_up(LISTED) == SetUp()
    async with office.desk.store.read() as tx:
        assert li.id not in {one.staff for one in await territories.roster_of(tx, place.id)}


async def test_somebody_who_left_is_not_hired_again_by_a_list(office: Office) -> None:
    """An old workbook brings nobody back."""
    await office.set_up(LISTED)
    async with office.desk.store.read() as tx:
        before = await staff.everybody(tx)
    await office.set_up(LISTED)
    async with office.desk.store.read() as tx:
        assert await staff.everybody(tx) == before


async def test_places_are_added_once_in_their_order(office: Office) -> None:
    """Names that rows repeat make one territory each; a pool's name makes no territory."""
    async with office.desk.store.write() as tx:
        made = await add_places(tx, ["乙", "甲", "乙", "公海"], ["公海"], office.sources)
    assert (made.territories, made.pools) == (("乙", "甲"), ("公海",))


async def test_the_sample_districts_sheets(office: Office) -> None:
    """Ten reps, a manager, a service person and an archivist; six territories, a pool, twelve products."""
    made = await office.set_up(read_companions(DISTRICT))
    assert (len(made.staff), len(made.territories), len(made.pools), made.products) == (13, 6, 1, 12)

"""What if somebody left: single faces, their money, and the tasks that lower the risk."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import insert, update

from server.field.faces import Person, Shop
from server.field.purchases import Basis
from server.field.whatif import Exposed, Windows, at_risk, create_tasks, wanted_tasks, what_if
from server.master.people import devices, outboxes, rosters, staff, territories
from server.ports import Sources
from sync import scopes
from sync.operations import Act
from sync.records import Grade
from tests.server.desk import Desk

DAY = 86_400_000
ME, OTHER = UUID(int=1), UUID(int=2)
KEY, PLAIN, SHARED, QUIET = (UUID(int=at) for at in range(10, 14))
SHOPS = [
    Shop(PLAIN, "plain", Grade.C, "other", 1),
    Shop(KEY, "key", Grade.A, "other", 1),
    Shop(SHARED, "shared", Grade.A, "other", 1),
    Shop(QUIET, "quiet", Grade.B, "other", 1),
]
CONTACTS = [
    Person(UUID(int=20), KEY, "老板", is_private=True),
    Person(UUID(int=21), SHARED, "店长", is_private=False),
    Person(UUID(int=22), SHARED, "会计", is_private=False),
]
FACES = {KEY: {ME}, PLAIN: {ME}, SHARED: {ME, OTHER}, UUID(int=21): {ME}, UUID(int=22): {ME, OTHER}}


def test_single_faces_come_first_and_an_outlet_that_nobody_touched_hangs_on_nobody() -> None:
    """Contacts are at risk with their outlet, or when only this person wrote to them."""
    found = at_risk(ME, SHOPS, CONTACTS, FACES, ({SHARED: 900, PLAIN: 5}, {KEY: 70}))
    assert [(one.name, one.is_single, one.bought, one.owes) for one in found] == [
        ("key", True, 0, 70), ("plain", True, 5, 0), ("shared", False, 900, 0), ("quiet", False, 0, 0),
    ]  # fmt: skip
    assert [one.single_contacts for one in found] == [("老板",), (), ("店长",), ()]


def test_tasks_are_joint_visits_at_key_outlets_second_faces_at_others_and_company_channels() -> None:
    """Each lowers one risk; what is shared already needs none."""
    tasks = wanted_tasks(at_risk(ME, SHOPS, CONTACTS, FACES, ({}, {})))
    assert [(one.kind, one.outlet) for one in tasks] == [
        ("joint_visit", KEY), ("company_channel", KEY), ("second_face", PLAIN),
    ]  # fmt: skip


async def _company(desk: Desk) -> None:
    """Two reps with phones, the first on the eastern roster."""
    now = desk.now - 300 * DAY
    people = [(desk.wang, "王"), (desk.li, "李")]
    async with desk.store.write() as tx:
        await tx.execute(
            insert(staff),
            [{"id": one.bytes, "name": n, "role": "rep", "status": "active", "joined_at": now} for one, n in people],
        )
        await tx.execute(insert(territories).values(id=desk.east.bytes, name="东区"))
        await tx.execute(
            insert(rosters).values(
                territory=desk.east.bytes, staff=desk.wang.bytes, role="rep", private=True, since=now
            )
        )
        for one, _ in people:
            device = {"id": one.bytes, "staff": one.bytes, "enrolment": one.bytes, "public_key": b"k"}
            await tx.execute(insert(devices).values(**device, standing="active", enrolled_at=now))
            await tx.execute(insert(outboxes).values(id=one.bytes, device=one.bytes, stamp=b"", begun_at=now))


async def _look(desk: Desk) -> Exposed:
    async with desk.store.read() as tx:
        return await what_if(tx, desk.wang, desk.now, Windows())


async def test_faces_are_visits_companions_orders_and_edits_from_phones_within_the_time(desk: Desk) -> None:
    """A manager's edit at a desk is no face, nor is a colleague who left, and what was long ago is none any more."""
    await _company(desk)
    wang, li, boss = desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.east), desk.manager()
    shops = [await desk.register(wang, desk.east, name) for name in ("alone", "visited", "joined", "edited", "ordered")]
    alone, visited, joined, edited, ordered = shops
    await desk.edit(boss, "outlet", alone, 1, notes="n")
    await desk.submit(li, desk.operation(Act.CREATE, "visit", desk.id(), outlet=visited))
    await desk.submit(wang, desk.operation(Act.CREATE, "visit", desk.id(), outlet=joined, companions=[desk.li]))
    await desk.edit(li, "outlet", edited, 1, notes="n")
    await desk.submit(li, desk.operation(Act.CREATE, "order", desk.id(), outlet=ordered))
    assert {one.name for one in (await _look(desk)).single} == {"alone"}
    async with desk.store.write() as tx:
        await tx.execute(update(staff).where(staff.c.id == desk.li.bytes).values(status="departed"))
    assert len((await _look(desk)).single) == 5
    desk.now += 181 * DAY
    assert (await _look(desk)).single == []


async def test_a_territory_where_somebody_only_helps_does_not_hang_on_them(desk: Desk) -> None:
    """It is the colleague's, whoever is there for two hours."""
    await _company(desk)
    await desk.register(desk.rep(desk.wang, desk.east), desk.east, "老张烟酒")
    assert len((await _look(desk)).outlets) == 1
    async with desk.store.write() as tx:
        await tx.execute(update(rosters).values(until=desk.now + DAY))
    assert (await _look(desk)).outlets == ()


async def test_purchases_are_deliveries_as_amended_and_what_is_owed_is_less_payments(desk: Desk) -> None:
    """Without deliveries orders count; money in minor units; what is older than the window does not count."""
    await _company(desk)
    wang = desk.rep(desk.wang, desk.east)
    shop = await desk.register(wang, desk.east)
    order = desk.operation(Act.CREATE, "order", desk.id(), outlet=shop, lines=[["SKU-1", 3, 100, ""]])
    await desk.submit(wang, order)
    assert ((await _look(desk)).basis, (await _look(desk)).outlets[0].bought) == (Basis.ORDERED, 300)
    first = desk.id()
    await desk.submit(
        wang,
        desk.operation(
            Act.CREATE, "delivery", first, outlet=shop, lines=[["SKU-1", 9, 100, ""]], delivered_on="2027-01-10"
        ),
        desk.operation(
            Act.CREATE, "delivery", desk.id(), outlet=shop, lines=[["SKU-1", 5, 100, ""]], delivered_on="2027-01-10",
            amends=first,
        ),
        desk.operation(
            Act.CREATE, "delivery", desk.id(), outlet=shop, lines=[["SKU-1", 1, 100, ""]], delivered_on="2026-01-10"
        ),
        desk.operation(Act.CREATE, "payment", desk.id(), outlet=shop, amount=150, account="company"),
    )  # fmt: skip
    found = await _look(desk)
    assert (found.basis, found.outlets[0].bought, found.outlets[0].owes, found.company_bought) == (
        Basis.DELIVERED, 500, 450, 500,
    )  # fmt: skip


async def test_tasks_are_given_once(desk: Desk) -> None:
    """What somebody has open already is not given again."""
    await _company(desk)
    await desk.register(desk.rep(desk.wang, desk.east), desk.east)
    tasks = wanted_tasks((await _look(desk)).outlets)
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    assert (await create_tasks(desk.store, sources, desk.li, tasks))[0] == 1
    assert (await create_tasks(desk.store, sources, desk.li, tasks))[0] == 0
    assert len(await desk.records(scopes.staff(desk.li))) == 1

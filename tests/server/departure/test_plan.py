"""The plan of a handover: territories, outlets and the pool; lists, tasks, channels."""

from __future__ import annotations

import pytest

from server.departure.cutoff import offboard
from server.departure.leaving.wanted import Goes, Wanted
from server.identity import channels, territories
from server.identity.channels import ChannelKind
from server.master import inbox
from server.master.people import rosters
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from tests.server.departure.ground import Ground, territory_of
from tests.server.departure.office import Office


@pytest.fixture
def ground(office: Office) -> Ground:
    """Where the office's people work."""
    return Ground(office)


async def matters(office: Office) -> dict[str, str]:
    """What waits for a manager: the sentence by kind."""
    async with office.store.read() as tx:
        return {one.matter.kind: one.matter.en for one in await inbox.listed(tx)}


async def test_whoever_follows_is_told_of_each_outlet_what_there_is_to_know(office: Office, ground: Ground) -> None:
    """Last visits, promises, credit, money open, contacts and dates of care arrive as one task an outlet."""
    shop = await ground.outlet(office.east, "老张烟酒", grade="A", credit=[900_000, 30], phone="13800000000")
    await ground.write("visit", by=office.wang, outlet=shop, notes="补货两箱", questions="何时送样品")
    await ground.write("delivery", outlet=shop, lines=[["YL", 10, 2_500]])
    await ground.write("payment", outlet=shop, amount=5_000, account="公户")
    contact = await ground.write("contact", outlet=shop, name="张建国", role="老板", phone="13900000000")
    consent = [True, ["care"], None]
    birthday = [8, 15, "lunar"]
    await ground.write("contact_private", contact=contact, outlet=shop, birthday=birthday, consent=consent)
    unasked = await ground.write("contact", outlet=shop, name="李梅")
    await ground.write("contact_private", contact=unasked, outlet=shop, birthday=[6, 7])
    await ground.task(office.wang, "带新品样品", shop)
    first = await ground.write(
        "contact_report", by=office.wang, outlet=shop, promised="换灯箱", promised_by="2026-11-02"
    )
    await ground.write("contact_report", by=office.wang, outlet=shop, next_step="谈陈列")
    await ground.write("contact_report", by=office.wang, outlet=shop, said="灯箱已换", keeps=first)
    await offboard(office.means, office.wang, "left", office.li)
    (task,) = (await ground.tasks_of(office.li))["handover"]
    assert (task.outlet, task.title) == (shop, "A · 接手 Take over · 老张烟酒")
    for said in (
        "补货两箱",
        "何时送样品",
        "王芳",
        "带新品样品",
        "30 d, 9000.00",
        "200.00",
        "张建国",
        "lunar 8-15",
        "谈陈列",
    ):
        assert said in task.notes
    # Nobody asked one of them for consent, and one promise is kept.
    assert [one in task.notes for one in ("谈陈列", "6-7", "换灯箱")] == [True, False, False]


async def test_dates_of_care_are_for_who_holds_the_private_part(office: Office, ground: Ground) -> None:
    """In the other territory nobody had the private part, and whoever follows does not get it by the list."""
    shop = await ground.outlet(office.west, "福顺超市")
    contact = await ground.write("contact", outlet=shop, name="李梅")
    await ground.write("contact_private", contact=contact, outlet=shop, birthday=[3, 9], consent=[True, ["care"], None])
    await offboard(office.means, office.wang, "left", office.li)
    (task,) = (await ground.tasks_of(office.li))["handover"]
    assert "李梅" in task.notes
    assert "3-9" not in task.notes


async def test_key_outlets_come_first_and_are_visited_together(office: Office, ground: Ground) -> None:
    """A joint visit for whoever follows and a manager, at key outlets and no others."""
    manager = await ground.manager()
    for name, grade in (("丙", "C"), ("甲", "A"), ("乙", "B")):
        await ground.outlet(office.east, name, grade=grade)
    await offboard(office.means, office.wang, "left", office.li)
    mine, theirs = await ground.tasks_of(office.li), await ground.tasks_of(manager)
    assert [one.title[0] for one in mine["handover"]] == ["A", "B", "C"]
    assert [one.title for one in mine["joint_visit"]] == ["A · 联合拜访 Joint visit · 甲"]
    assert [one.title for one in theirs["joint_visit"]] == ["A · 联合拜访 Joint visit · 甲"]
    assert "handover" not in theirs


async def test_a_territory_an_outlet_and_the_rest_go_each_its_way(office: Office, ground: Ground) -> None:
    """One territory to another, one outlet of the other to the pool, the rest with the successor."""
    south = await territory_of(office, "城南", office.li)
    pool = await ground.pool(office.west)
    moved, pooled, kept = [
        await ground.outlet(place, name)
        for place, name in ((office.east, "东"), (office.west, "池"), (office.west, "西"))
    ]
    wanted = Wanted(
        office.li, territories=((office.east, Goes(territory=south)),), outlets=((pooled, Goes(pool=True)),)
    )
    await offboard(office.means, office.wang, "left", wanted=wanted)
    assert await ground.place_of(moved) == scopes.territory(south)
    assert await ground.place_of(pooled) == scopes.pool(pool)
    assert await ground.place_of(kept) == scopes.territory(office.west)
    on = {(row["territory"], row["staff"]) for row in await office.rows(rosters)}
    assert on == {(south.bytes, office.li.bytes), (office.west.bytes, office.li.bytes)}
    assert {one.outlet for one in (await ground.tasks_of(office.li))["handover"]} == {moved, kept}


async def test_an_outlet_for_a_colleague_goes_to_the_colleagues_territory(office: Office, ground: Ground) -> None:
    """A person who stands in one territory gets the outlet there; one who stands in none cannot be meant."""
    shop = await ground.outlet(office.east, "老张烟酒")
    wanted = Wanted(outlets=((shop, Goes(successor=office.li)),))
    with pytest.raises(Refusal, match="name the territory"):
        await offboard(office.means, office.wang, "left", wanted=wanted)
    south = await territory_of(office, "城南", office.li)
    await offboard(office.means, office.wang, "left", wanted=wanted)
    assert await ground.place_of(shop) == scopes.territory(south)


async def test_without_a_pool_the_outlets_stay_and_the_inbox_says_so(office: Office, ground: Ground) -> None:
    """An outlet that should go to a pool that is not there is not lost from sight."""
    pool = await ground.pool(office.west)
    stays, goes = await ground.outlet(office.east, "甲"), await ground.outlet(office.west, "乙")
    await offboard(office.means, office.wang, "left", wanted=Wanted(to_pool=True))
    assert await ground.place_of(stays) == scopes.territory(office.east)
    assert await ground.place_of(goes) == scopes.pool(pool)
    assert "their territory has none" in (await matters(office))["outlets_without_owner"]


async def test_a_territory_where_a_colleague_stands_goes_to_no_pool(office: Office, ground: Ground) -> None:
    """What others hold is not dealt out because one of them left; the colleague gets the list."""
    await ground.pool(office.east)
    async with office.store.write() as tx:
        await territories.assign(tx, office.east, office.li, office.sources)
    shop = await ground.outlet(office.east, "老张烟酒")
    await offboard(office.means, office.wang, "left", wanted=Wanted(to_pool=True))
    assert await ground.place_of(shop) == scopes.territory(office.east)
    assert [one.outlet for one in (await ground.tasks_of(office.li))["handover"]] == [shop]


async def test_with_nobody_to_follow_the_inbox_counts_the_outlets(office: Office, ground: Ground) -> None:
    """And the tasks, and the checklist; each is one matter."""
    await ground.outlet(office.east, "甲", grade="A")
    await ground.task(office.wang, "送样品")
    await offboard(office.means, office.wang, "left")
    waiting = await matters(office)
    assert waiting["outlets_without_owner"].startswith("1 outlets (1 key outlets) have nobody")
    assert waiting["tasks_without_owner"].startswith("1 open tasks")
    assert "devices returned" in waiting["leaving_checklist"]
    assert [one.title for one in (await ground.tasks_of(office.wang))["general"]] == ["送样品"]


async def test_open_tasks_go_to_who_follows_and_done_ones_stay(office: Office, ground: Ground) -> None:
    """A task keeps its id and what was written into it; history stays with whom it was."""
    shop = await ground.outlet(office.east, "甲")
    about, general, done = [
        await ground.task(office.wang, title, outlet) for title, outlet in (("查", shop), ("报", None), ("完", None))
    ]
    await ground.write("task", act=Act.EDIT, record=done, by=office.wang, status="done")
    await offboard(office.means, office.wang, "left", office.li)
    assert {one.id for one in (await ground.tasks_of(office.li))["general"]} == {about, general}
    assert {one.id for one in (await ground.tasks_of(office.wang))["general"]} == {done}


async def test_company_channels_pass_on(office: Office) -> None:
    """What the leaver had is the successor's from then on, journalled; others' channels stay where they are."""
    async with office.store.write() as tx:
        await channels.add(tx, ChannelKind.PHONE, "13800000001", office.wang, office.sources)
        await channels.add(tx, ChannelKind.WECHAT, "yl-east", office.wang, office.sources)
        await channels.add(tx, ChannelKind.QQ, "10001", None, office.sources)
    await offboard(office.means, office.wang, "left", office.li)
    async with office.store.read() as tx:
        now = {one.number: one.staff for one in await channels.listed(tx)}
        history = await channels.listed(tx, office.wang, everything=True)
    assert now == {"13800000001": office.li, "yl-east": office.li, "10001": None}
    assert [one.until for one in history] == [office.clock(), office.clock()]
    assert [kind for kind, _ in await office.journal()].count("channels_passed_on_departure") == 1

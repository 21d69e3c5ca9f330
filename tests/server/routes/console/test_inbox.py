"""The inbox over HTTP: everybody's list, the pages of its items, decisions, and what is said of them afterwards."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from server.console.inbox.kinds import KINDS
from server.departure.evidence.history import notes_in
from server.identity.staff import Role
from server.master.inbox import Matter, bring_up, listed
from sync import scopes
from sync.operations import Act
from sync.positions import Position
from tests.server.routes.console.scene import HERE, Scene, set_scene
from tests.server.routes.house import House


@pytest.fixture
async def scene(house: House) -> Scene:
    """A company with a rep."""
    return await set_scene(house)


def _addresses(page: str, kind: str) -> list[str]:
    """The items of a list, in its order."""
    return re.findall(rf'href="(/inbox/{kind}/[^"?]+)"', page)


async def _outlet(scene: Scene, outlet: UUID) -> object:
    return await scene.house.desk.get(scopes.territory(scene.east.id), outlet)


async def test_a_registration_is_approved_with_one_click_and_the_next_comes_up(scene: Scene) -> None:
    """What it lacks is on the page; afterwards it is said who decided, and that the rep was told."""
    first = await scene.whole("老张烟酒")
    scene.house.desk.now += 1000
    second = await scene.whole("和平饭店", position=Position(39.95, 116.5), phone="13900000000")
    browser = await scene.house.console(Role.MANAGER)
    listed_page = (await browser.get("/inbox", kind="registrations")).text
    assert _addresses(listed_page, "registrations") == [f"/inbox/registrations/{one}" for one in (first, second)]
    assert "资料齐全" in (await browser.get(f"/inbox/registrations/{first}")).text
    assert "照片尚未上传 门头" in browser.says
    page = await browser.post(f"/inbox/registrations/{first}", {"act": "approve"})
    assert page.url.path == f"/inbox/registrations/{second}"
    assert "已通过 1 家" in browser.says
    assert (await _outlet(scene, first)).review == "approved"  # type: ignore[attr-defined]
    await browser.get(f"/inbox/registrations/{first}")
    assert browser.person is not None
    assert f"审核：已通过 · {browser.person.name}" in browser.says
    assert "已告知 王伟：已通过" in browser.says
    assert "老张烟酒" in (await browser.get("/inbox", kind="registrations", state="decided")).text


async def test_a_question_without_words_is_asked_again_and_what_was_typed_is_kept(scene: Scene) -> None:
    """A decision that takes a reason says so; nothing is decided without one."""
    outlet = await scene.register(phone="", address="")
    browser = await scene.house.console(Role.MANAGER)
    page = await browser.post(f"/inbox/registrations/{outlet}", {"act": "question", "reason": " "})
    assert page.status_code == 422
    assert "请填写“问题（登记人会看到）”" in browser.says
    assert (await _outlet(scene, outlet)).review == "pending"  # type: ignore[attr-defined]
    await browser.post(f"/inbox/registrations/{outlet}", {"act": "question", "reason": "门牌号是多少？"})
    assert (await _outlet(scene, outlet)).review_note == "门牌号是多少？"  # type: ignore[attr-defined]


async def test_several_are_approved_at_once_and_what_lacks_something_is_said(scene: Scene) -> None:
    """One that is incomplete stays, with why."""
    whole = await scene.whole("老张烟酒")
    part = await scene.register("和平饭店", position=None, phone="")
    browser = await scene.house.console(Role.MANAGER)
    await browser.post("/inbox/registrations", {"act": "approve", "item": [str(whole), str(part)]})
    assert "已通过 1 家" in browser.says
    assert "1 家未处理：资料不全" in browser.says
    assert (await browser.post("/inbox/registrations", {"act": "approve"})).status_code == 422
    assert "请至少选择一项" in browser.says


async def test_the_second_who_decides_is_told_what_the_first_decided(scene: Scene) -> None:
    """Two pages stand open on the same registration: the second click changes nothing."""
    outlet = await scene.whole()
    one, other = await scene.house.console(Role.MANAGER), await scene.house.console(Role.DEALER)
    await one.get(f"/inbox/registrations/{outlet}")
    await other.get(f"/inbox/registrations/{outlet}")
    await one.post(f"/inbox/registrations/{outlet}", {"act": "approve"})
    assert one.person is not None
    await other.post(f"/inbox/registrations/{outlet}", {"act": "refuse", "reason": "不存在"})
    assert f"{one.person.name} 已先作决定" in other.says
    assert (await _outlet(scene, outlet)).review == "approved"  # type: ignore[attr-defined]


async def test_two_that_may_be_one_stand_side_by_side_with_a_map_and_are_merged(scene: Scene) -> None:
    """Which fields differ is marked; the one that stays takes over what was ticked; undoing it is offered."""
    first = await scene.register("老张烟酒", notes="老客户")
    scene.house.desk.now += 1000
    second = await scene.register("老张烟酒店", position=replace(HERE, lat=HERE.lat + 0.0002), phone="13800000000")
    browser = await scene.house.console(Role.ARCHIVIST)
    (address,) = _addresses((await browser.get("/inbox", kind="duplicates")).text, "duplicates")
    page = (await browser.get(address)).text
    assert 'class="sketch"' in page
    assert "A 与 B 相距 22 米" in browser.says
    gone, kept = (first, second) if address.endswith(str(first)) else (second, first)
    await browser.post(address, {"act": "keep_one", "reason": "同一家店", "take": "name"})
    assert "已合并" in browser.says
    merged, stays = await _outlet(scene, gone), await _outlet(scene, kept)
    assert merged.merged_into == kept  # type: ignore[attr-defined]
    assert stays.name == merged.name  # type: ignore[attr-defined]
    await browser.get(address)
    assert "合并：同一家店" in browser.says
    await browser.post(address, {"act": "part", "reason": "看错了"})
    assert (await _outlet(scene, gone)).merged_into is None  # type: ignore[attr-defined]
    await browser.get(address)
    assert "撤销合并：看错了" in browser.says


async def test_a_proposal_shows_both_values_and_is_written_when_accepted(scene: Scene) -> None:
    """What stands, what is proposed, by whom."""
    outlet = await scene.register()
    await scene.tries(Act.EDIT, "outlet", outlet, grade="A")
    browser = await scene.house.console(Role.MANAGER)
    (address,) = _addresses((await browser.get("/inbox", kind="proposals")).text, "proposals")
    assert "等级：C 类 → A 类（重点）" in browser.says
    await browser.post(address, {"act": "accept"})
    assert (await _outlet(scene, outlet)).grade == "A"  # type: ignore[attr-defined]
    await browser.post(address, {"act": "refuse", "reason": "不够"})
    assert "已先作决定" in browser.says
    assert "已采纳" in browser.says


async def test_refused_work_is_mended_and_handed_in_or_closed_with_a_word(scene: Scene) -> None:
    """The page says why in words; a field is mended, the work goes in under its person's name; both are told of."""
    await scene.register("老张烟酒")
    other = uuid4()
    await scene.tries(Act.CREATE, "visit", other, outlet=uuid4().bytes, notes="补货两箱")
    scene.house.desk.now += 1
    await scene.tries(Act.EDIT, "outlet", uuid4(), name="无此店")
    browser = await scene.house.console(Role.MANAGER)
    visit, edit = _addresses((await browser.get("/inbox", kind="letters")).text, "letters")
    await browser.get(visit)
    assert "补货两箱" in browser.says
    page = await browser.post(visit, {"act": "replay"})
    assert page.status_code in {404, 422}
    assert 'role="alert"' in page.text
    await browser.post(edit, {"act": "close", "reason": "测试数据"})
    assert "已关闭 1 条" in browser.says
    await browser.get(edit)
    assert "已关闭 测试数据" in browser.says


async def test_what_a_manager_mends_goes_in_under_its_persons_name(scene: Scene) -> None:
    """A value that was unfit is put right on the page, and the journal says which field that was."""
    outlet, record = await scene.register(), uuid4()
    await scene.tries(Act.CREATE, "visit", record, outlet=outlet.bytes, duration_s=-5)
    browser = await scene.house.console(Role.MANAGER)
    (address,) = _addresses((await browser.get("/inbox", kind="letters")).text, "letters")
    await browser.get(address)
    await browser.post(address, {"act": "mend", "f_duration_s": "600"})
    assert "已修改并提交 1 条" in browser.says
    visit = await _outlet(scene, record)
    assert (visit.duration_s, visit.staff) == (600, scene.wang.id)  # type: ignore[attr-defined]
    await browser.get(address)
    assert "mended: duration_s" in browser.says


async def test_the_quarantine_is_a_managers_and_what_is_not_there_is_told_as_such(house: House) -> None:
    """An archivist does not get in; an item that is not there is no error of the server."""
    browser = await house.console(Role.ARCHIVIST)
    assert (await browser.get("/inbox", kind="quarantine")).status_code == 403
    manager = await house.console(Role.MANAGER)
    assert "没有待决定的事项" in (await manager.get("/inbox", kind="quarantine")).text
    assert (await manager.get(f"/inbox/quarantine/{uuid4()}")).status_code == 404
    assert (await manager.get("/inbox/quarantine/something")).status_code == 404


async def test_a_matter_is_settled_with_a_word_and_an_urgent_one_comes_first(scene: Scene, house: House) -> None:
    """What it was settled as, and by whom, stays on its page."""
    async with house.store.write() as tx:
        await bring_up(tx, Matter("phase_ready", scene.east.id, "It can end.", "可以结束。"), house.sources)
        house.desk.now += 1000
        urgent = Matter("outlets_without_owner", scene.east.id, "Nobody owns 3.", "3 家终端无人负责。")
        await bring_up(tx, urgent, house.sources)
    browser = await house.console(Role.MANAGER)
    first, second = _addresses((await browser.get("/inbox")).text, "matters")
    await browser.get(first)
    assert "3 家终端无人负责" in browser.says
    page = await browser.post(first, {"act": "settle", "reason": "已分给李强"})
    assert page.url.path == second
    async with house.store.read() as tx:
        (settled,) = await listed(tx, is_open=False)
    assert settled.settled_as == "已分给李强"
    await browser.get(first)
    assert "已处理：已分给李强" in browser.says


ROLES = (Role.DEALER, Role.MANAGER, Role.SERVICE, Role.ARCHIVIST)


@pytest.mark.parametrize("role", ROLES)
async def test_each_kind_is_open_to_the_roles_that_it_names(house: House, role: Role) -> None:
    """Looking and deciding, on one item and on several: 403 for everybody else, and no button that would be refused."""
    browser = await house.console(role)
    for kind in KINDS:
        looks = [await browser.get("/inbox", kind=kind.key), await browser.get(f"/inbox/{kind.key}/{uuid4()}")]
        assert [one.status_code == 403 for one in looks] == [role not in kind.roles] * 2, kind.key
        acts = [
            await browser.post(f"/inbox/{kind.key}/{uuid4()}", {"act": "settle"}),
            await browser.post(f"/inbox/{kind.key}", {"act": "settle"}),
        ]
        assert [one.status_code == 403 for one in acts] == [role not in kind.deciders] * 2, kind.key
        assert all(one.status_code < 500 for one in [*looks, *acts]), kind.key


async def test_looks_at_customers_are_in_the_journal(scene: Scene) -> None:
    """A list and an item are each one access of who looked."""
    outlet = await scene.register()
    browser = await scene.house.console(Role.MANAGER)
    await browser.get("/inbox")
    await browser.get(f"/inbox/registrations/{outlet}")
    assert browser.person is not None
    async with scene.house.store.read() as tx:
        noted = await notes_in(tx, [scopes.staff(browser.person.id)])
    told = [(one.note["what"], one.note["lines"]) for one in noted if one.kind == "accessed"]
    assert told == [("inbox", 1), ("registrations", 1)]


async def test_a_conflict_shows_both_values_and_the_one_that_lost_can_be_taken(scene: Scene, house: House) -> None:
    """Which stands, which lost, who wrote each; afterwards what was decided."""
    outlet = await scene.register()
    desk, li = house.desk, await house.person("李娜")
    desk.now += 10_000
    for who, phone, at in ((scene.wang.id, "111", 1000), (li.id, "222", 5000)):
        edit = desk.operation(Act.EDIT, "outlet", outlet, base=1, phone=phone)
        await desk.submit(desk.rep(who, scene.east.id), edit, at=desk.now - at)
    browser = await house.console(Role.MANAGER)
    (address,) = _addresses((await browser.get("/inbox", kind="conflicts")).text, "conflicts")
    await browser.get(address)
    assert "电话 ≠ 111 222" in browser.says
    assert "电话：111 · 王伟" in browser.says
    await browser.post(address, {"act": "take"})
    assert (await _outlet(scene, outlet)).phone == "222"  # type: ignore[attr-defined]
    await browser.get(address)
    assert browser.person is not None
    assert f"决定：改用未生效的值 · {browser.person.name}" in browser.says


async def test_a_doubtful_visit_is_shown_with_both_places_and_accepted(scene: Scene, house: House) -> None:
    """Why it is doubted, on a small map; the rep hears of the decision."""
    outlet, visit = await scene.register(), uuid4()
    far = replace(HERE, lat=HERE.lat + 0.05)
    await scene.tries(Act.CREATE, "visit", visit, outlet=outlet.bytes, position=far, duration_s=600)
    await scene.look()
    browser = await house.console(Role.MANAGER)
    (address,) = _addresses((await browser.get("/inbox", kind="visits")).text, "visits")
    page = (await browser.get(address)).text
    assert "允许 200 米" in browser.says
    assert 'class="sketch"' in page
    await browser.post(address, {"act": "accept", "reason": "客户确认来过"})
    assert "已采信 1 次拜访" in browser.says
    await browser.get(address)
    assert "决定：采信（客户确认来过）" in browser.says
    assert "已告知 王伟：已接受（客户确认来过）" in browser.says
    assert "老张烟酒" in (await browser.get("/inbox", kind="visits", state="decided")).text

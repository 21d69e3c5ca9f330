"""Deciding in the inbox, kind by kind, on both databases: what the page offers, what comes of it, what it says then."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from server.console.inbox.kinds import kind_of
from server.console.inbox.parts import Hand, Item, Look
from server.field import incidents
from server.field.arrivals import look
from server.field.credit import overdue
from server.field.incidents import Suspicion
from server.identity import staff
from server.identity.staff import Role
from server.master.inbox import Matter, bring_up
from server.master.store import Store
from server.values import Unfit
from sync.errors import Refusal
from sync.records import CreditTerms
from tests.server.console.clicking import decided_on, hand_of, hand_with, means_with, page_of, ref_of
from tests.server.departure.conftest import office as _office
from tests.server.departure.office import Office
from tests.server.departure.test_quarantine import drained
from tests.server.field.credit.firm import Firm as Trade
from tests.server.field.test_orders import CHEAP, ordered, priced
from tests.server.firm import Firm

office = _office


def _steps(item: Item) -> str:
    """What happened, in one text."""
    return " | ".join(step.what for step in item.story)


async def test_an_incident_is_the_dealers_to_decide(firm: Firm, tmp_path: Path) -> None:
    """A manager looks at it and has no button; the decision and its reason stay on the page."""
    async with firm.store.write() as tx:
        manager = await staff.add(tx, "陈经理", Role.MANAGER, firm.sources)
        seen = Suspicion("private_channel", firm.desk.id(), "A private channel.", "使用私人渠道。", staff=firm.wang)
        await incidents.report(tx, [seen], firm.sources)
    looks = await page_of(await hand_of(firm, manager.id, tmp_path), "incidents")
    assert (looks.acts, looks.advice) == ((), "违规事件由经销商决定。")
    hand = await hand_of(firm, firm.dealer, tmp_path, reason="本人承认")
    came, then = await decided_on(hand, "incidents", "breach")
    assert came.zh == "已决定：违规。"
    assert (then.is_open, then.line.by, then.line.ended) == (False, firm.dealer, "违规 本人承认")


async def test_an_order_off_the_list_is_accepted_and_its_taker_hears_of_it(firm: Firm, tmp_path: Path) -> None:
    """Both prices are on its page."""
    await priced(firm)
    await ordered(firm, firm.wang, await firm.shop(), CHEAP)
    hand = await hand_of(firm, firm.dealer, tmp_path, reason="太便宜")
    assert (await page_of(hand, "orders")).line.said == "酒 45.00（价目 50.00）"
    _, then = await decided_on(hand, "orders", "accept")
    assert (then.is_open, then.line.by) == (False, firm.dealer)
    assert "已告知 王：已接受" in _steps(then)
    again = await kind_of("orders").decide(hand, [ref_of(then.line)], "refuse")
    assert not again.is_done


async def test_good_practice_is_shared_or_answered(firm: Firm, tmp_path: Path) -> None:
    """The author hears of either."""
    for title in ("先看货架再开口", "送礼"):
        firm.desk.now += 1000
        await firm.does(firm.wang, "practice", title=title, body="进门先数货")
    await look(firm.store, await firm.ground())
    hand = await hand_of(firm, firm.dealer, tmp_path, reason="不合规矩")
    came, shared = await decided_on(hand, "practices", "approve")
    assert (came.zh, shared.line.ended) == ("已分享给所有人。", "已通过")
    _, refused = await decided_on(hand, "practices", "refuse")
    assert "已告知 王：未通过（不合规矩）" in _steps(refused)


async def test_a_late_visit_is_left_out_with_a_reason(firm: Firm, tmp_path: Path) -> None:
    """The second who decides changes nothing."""
    shop = await firm.shop("老张烟酒")
    async with firm.store.write() as tx:
        await bring_up(tx, Matter("late_visit", shop, "May be.", "时间不明。", firm.wang), firm.sources)
    hand = await hand_of(firm, firm.dealer, tmp_path, reason="没有证据")
    assert (await page_of(hand, "late")).line.title == "老张烟酒"
    _, then = await decided_on(hand, "late", "refuse")
    assert (then.is_open, "refused: 没有证据" in _steps(then)) == (False, True)
    assert not (await kind_of("late").decide(hand, [ref_of(then.line)], "accept")).is_done


async def test_too_many_changes_of_one_person_are_decided_together(firm: Firm, tmp_path: Path) -> None:
    """The matter has a button for all of them."""
    async with firm.store.write() as tx:
        await bring_up(tx, Matter("mass_change", firm.wang, "Far too many.", "太多。", firm.wang), firm.sources)
    hand = await hand_of(firm, firm.dealer, tmp_path)
    item = await page_of(hand, "matters")
    assert [one.name for one in item.acts] == ["accept_all", "refuse_all"]
    came = await kind_of("matters").decide(hand, [ref_of(item.line)], "accept_all")
    assert (came.is_done, came.zh) == (False, "没有待决定的修改。")


async def test_service_people_settle_what_is_theirs_and_nothing_else(firm: Firm, tmp_path: Path) -> None:
    """Another matter is not there for them; an order of a wipe is no matter of theirs."""
    async with firm.store.write() as tx:
        await bring_up(tx, Matter("call_back_nobody", firm.east, "Nobody.", "无人回访。"), firm.sources)
        other = await bring_up(tx, Matter("wipe_unconfirmed", firm.west, "Hangs.", "未确认。"), firm.sources)
    hand = await hand_of(firm, firm.sun, tmp_path, reason="已安排")
    came, then = await decided_on(hand, "matters", "settle")
    assert (came.zh, then.line.by) == ("已处理 1 项。", firm.sun)
    for act in ("settle", "close_order"):
        with pytest.raises(Refusal):
            await kind_of("matters").decide(hand, [str(other.id)], act)


async def test_what_was_handed_in_is_accepted_or_refused_and_says_what_came_of_it(office: Office) -> None:
    """Committed or not is said; an accepted outlet is in the master store, a refused one is kept."""
    await drained(office, "老张烟酒", "福顺超市")
    async with office.store.write() as tx:
        manager = await staff.add(tx, "陈经理", Role.MANAGER, office.sources)
    hand = await hand_with(office.means, manager.id, reason="编造")
    first = await page_of(hand, "quarantine")
    assert (first.line.title, first.line.badge) == ("新增终端 · 老张烟酒", "未证实")
    came, accepted = await decided_on(hand, "quarantine", "accept")
    assert came.zh == "已接受 1 条：已写入主库 1。"
    assert (accepted.line.ended, accepted.line.by) == ("已接受：已写入主库", manager.id)
    _, refused = await decided_on(hand, "quarantine", "refuse")
    assert refused.line.ended == "未接受 编造"
    async with office.store.read() as tx:
        done = await kind_of("quarantine").lines(tx, hand, Look(is_open=False))
    assert {one.title for one in done} == {"新增终端 · 老张烟酒", "新增终端 · 福顺超市"}
    assert not (await kind_of("quarantine").decide(hand, [ref_of(accepted.line)], "refuse")).is_done


@pytest.fixture
async def trade(store: Store) -> Trade:
    """A dealer, a manager and two reps, each with a territory."""
    return await Trade(store).open()


async def _hand(trade: Trade, home: Path, who: UUID, **typed: str) -> Hand:
    """The hand of somebody of the trade."""
    return await hand_with(means_with(trade.store, trade.sources, home), who, **typed)


async def test_longer_credit_is_the_dealers_to_give(trade: Trade, tmp_path: Path) -> None:
    """An amount that is none is said in words; the button for longer terms is on the dealer's page alone."""
    shop = await trade.outlet()
    await trade.apply(shop, limit=500_000, days=30, operations="稳定")
    manager = await _hand(trade, tmp_path, trade.manager, limit="很多", days="20")
    assert "extend" not in {one.name for one in (await page_of(manager, "credit")).acts}
    with pytest.raises(Unfit, match="amount"):
        await decided_on(manager, "credit", "approve")
    dealer = await _hand(trade, tmp_path, trade.dealer, limit="3,000", days="20")
    assert "extend" in {one.name for one in (await page_of(dealer, "credit")).acts}
    _, then = await decided_on(dealer, "credit", "approve")
    assert not then.is_open
    assert "额度 3000.00 元，账期 20 天" in then.line.ended


async def test_overdue_money_is_closed_when_it_is_paid(trade: Trade, tmp_path: Path) -> None:
    """While it is owed a manager has no button; afterwards it takes a reason and a plan."""
    shop = await trade.outlet(credit=CreditTerms(1_000_000, 10))
    await trade.deliver(shop, 50_000, ago=12, on_credit=True)
    await trade.nights(1)
    manager = await _hand(trade, tmp_path, trade.manager, reason="忘记付款", plan="提前三天提醒")
    item = await page_of(manager, "overdue")
    assert (item.acts, "500.00" in item.line.said) == ((), True)
    dealer = await _hand(trade, tmp_path, trade.dealer)
    assert [one.name for one in (await page_of(dealer, "overdue")).acts] == ["write_off"]
    await trade.pay(shop, 50_000)
    came, then = await decided_on(manager, "overdue", "close")
    assert came.zh == "已结案，负责人可再次赊销。"
    assert (then.is_open, then.line.ended) == (False, "已结案 忘记付款")
    async with trade.store.read() as tx:
        assert await overdue.cases(tx, trade.ground) == []


@pytest.mark.parametrize(
    ("kind", "title"),
    [("journal_fault", "日志未通过校验"), ("sign_exports", "异常迹象"), ("of_a_later_version", "其他事项")],
)
async def test_no_matter_is_called_by_its_code(firm: Firm, tmp_path: Path, kind: str, title: str) -> None:
    """Also one that this page knows nothing of; a fault says which command looks at it."""
    async with firm.store.write() as tx:
        told = Matter(kind, firm.east, "Run `saojie journal verify`.", "请运行 saojie journal verify。")
        await bring_up(tx, told, firm.sources)
    page = await page_of(await hand_of(firm, firm.dealer, tmp_path), "matters")
    assert (page.line.title, page.line.said) == (title, "请运行 saojie journal verify。")

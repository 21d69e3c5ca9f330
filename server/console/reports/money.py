"""Reports on money: purchases by quarter, the appraisal, overdue money and credit, questions about stock, promises."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from uuid import UUID

from server.console.plots import Data, Plot, Series, bars
from server.console.reports.values import Cell, Figure, Look, Report, Shape, Table, outlet
from server.field.appraisal.facts import Line, Why
from server.field.appraisal.months import days_of
from server.field.appraisal.scores import TURN, growing
from server.field.appraisal.statement import closed
from server.field.credit.overdue import Case, cases
from server.field.credit.review import applications
from server.field.owners import Shop, shops
from server.field.purchases import Quarterly, by_quarter, change
from server.field.stock.found import said
from server.field.stock.questions import ANSWERED, EXPLAINED, OPEN, Asked, listed
from server.master.promises import Promise, promises
from server.master.turns import last_turn
from server.times import local
from sync.business.quarters import before, year_before

__all__ = ["appraisal", "overdue", "promised", "purchases", "stock"]


def money(minor: float) -> str:
    """An amount in whole units, for an axis: `1,234`."""
    return f"{minor / 100:,.0f}"


# ---- purchases -------------------------------------------------------------------------------------------------------


async def purchases(look: Look) -> Report:
    """What each outlet bought in a quarter, against the one before and the year before."""
    quarter, of = look.asked.quarter, look.asked.territory
    read = await by_quarter(look.tx, quarter, look.ground.zone)
    known = await shops(look.tx, read.keys())
    found = [one for one in read.values() if one.outlet in known and of in {None, known[one.outlet].territory}]
    found.sort(key=lambda one: (-one.bought, known[one.outlet].name, one.outlet))
    now, then, last_year = (sum(getattr(one, name) for one in found) for name in ("bought", "before", "year_before"))
    figures = (
        Figure(look.say("本季采购", "Bought"), now, Shape.MONEY),
        Figure(look.say("环比", "Against the quarter before"), change(now, then), Shape.PERCENT),
        Figure(look.say("同比", "Against the year before"), change(now, last_year), Shape.PERCENT),
        Figure(look.say("有采购的终端", "Outlets that bought"), sum(one.bought > 0 for one in found)),
    )
    note = look.say(
        "按送货日和送货价统计；已合并的终端合计。", "By deliveries, their days and prices; merged outlets are one."
    )
    table = _purchase_table(look, found, known)
    return Report(figures, (_by_quarter_plot(look, found, known),), (table,), note)


def _by_quarter_plot(look: Look, found: Sequence[Quarterly], known: dict[UUID, Shop]) -> Plot:
    summed: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in found:
        at = known[one.outlet].territory
        row = summed[look.say("公海", "Pool") if at is None else look.places.get(at, str(at))]
        row[0], row[1], row[2] = row[0] + one.bought, row[1] + one.before, row[2] + one.year_before
    places = sorted(summed, key=lambda one: (-summed[one][0], one))
    quarters = look.asked.quarter, before(look.asked.quarter), year_before(look.asked.quarter)
    if len(places) == 1:
        series = [Series(look.say("采购额", "Bought"), tuple(summed[places[0]]))]
        axes = look.say("季度", "Quarter"), look.say("元", "Amount")
        return bars(Data(look.say("三个季度的采购", "Purchases of three quarters"), quarters, series, axes, money))
    series = [Series(look.asked.quarter, tuple(summed[one][0] for one in places))]
    axes = look.say("片区", "Territory"), look.say("元", "Amount")
    return bars(Data(look.say("各片区本季采购", "Purchases by territory"), places, series, axes, money))


def _purchase_table(look: Look, found: Sequence[Quarterly], known: dict[UUID, Shop]) -> Table:
    columns = (
        look.column("终端", "Outlet"), look.column("本季", "Bought", Shape.MONEY),
        look.column("上季", "Quarter before", Shape.MONEY), look.column("环比", "Change", Shape.PERCENT),
        look.column("去年同季", "Year before", Shape.MONEY), look.column("同比", "Change in a year", Shape.PERCENT),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            outlet(one.outlet, known[one.outlet].name),
            one.bought,
            one.before,
            one.change,
            one.year_before,
            one.year_change,
        )
        for one in found
    ]
    return Table(look.say("每家终端", "Each outlet"), columns, rows, customers=True)


# ---- appraisal -------------------------------------------------------------------------------------------------------

_REASONS = {Why.BUILD: ("建档", "Built"), Why.KEEP: ("维护", "Kept"), Why.SALES: ("销售", "Sales")}


async def appraisal(look: Look) -> Report:
    """A month's lines: as it was closed, or as they stood when they last grew."""
    month = look.asked.month
    kept = await closed(look.tx, month)
    lines = list(kept.lines) if kept is not None else await growing(look.tx, month)
    chosen = [one for one in lines if look.asked.person in {None, one.staff}]
    known = await shops(look.tx, {one.about for one in chosen if one.about is not None})
    figures = (
        Figure(look.say("合计", "Total"), sum(one.amount for one in chosen), Shape.MONEY),
        Figure(look.say("人员", "People"), len({one.staff for one in chosen})),
        Figure(look.say("笔数", "Lines"), len(chosen)),
    )
    tables = (_totals(look, chosen), _appraisal_lines(look, chosen, known))
    closes = month if kept is None and days_of(month)[1] < look.ground.today else ""
    note = await _as_of(look, is_closed=kept is not None)
    return Report(figures, (_paid(look, chosen),), tables, note, closes)


async def _as_of(look: Look, *, is_closed: bool) -> str:
    if is_closed:
        return look.say("本月已结账，不再变化。", "This month is closed and stays as it is.")
    at = await last_turn(look.tx, TURN)
    if at is None:
        return look.say("尚未计算：每晚计算一次。", "Not worked out yet: that is done each night.")
    when = local(at, look.ground.zone)
    zh = f"本月尚在增长，数字截至 {when}，每晚更新。"
    return look.say(zh, f"Still growing: as of {when}, brought up to date each night.")


def _paid(look: Look, lines: Sequence[Line]) -> Plot:
    summed: dict[UUID, Counter[Why]] = defaultdict(Counter)
    for one in lines:
        summed[one.staff][one.reason] += one.amount
    people = sorted(summed, key=lambda one: (-summed[one].total(), look.person(one)))
    series = [
        Series(look.say(*_REASONS[why]), tuple(summed[one][why] for one in people)) for why in (Why.BUILD, Why.KEEP)
    ]
    axes = look.say("人员", "Person"), look.say("元", "Amount")
    return bars(
        Data(look.say("每人合计", "Total by person"), [look.person(one) for one in people], series, axes, money)
    )


def _totals(look: Look, lines: Sequence[Line]) -> Table:
    summed: dict[UUID, Counter[Why]] = defaultdict(Counter)
    for one in lines:
        summed[one.staff][one.reason] += one.amount
    said = {one.staff: one.detail for one in lines if one.reason is Why.SALES}
    columns = (
        look.column("人员", "Person"), look.column("建档", "Built", Shape.MONEY),
        look.column("维护", "Kept", Shape.MONEY), look.column("合计", "Total", Shape.MONEY),
        look.column("销售", "Sales"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (look.person(one), by[Why.BUILD], by[Why.KEEP], by.total(), said.get(one, ""))
        for one, by in sorted(summed.items(), key=lambda each: look.person(each[0]))
    ]
    return Table(look.say("每人", "By person"), columns, rows)


def _appraisal_lines(look: Look, lines: Sequence[Line], known: dict[UUID, Shop]) -> Table:
    columns = (
        look.column("人员", "Person"), look.column("理由", "Reason"), look.column("终端", "Outlet"),
        look.column("金额", "Amount", Shape.MONEY), look.column("说明", "Detail"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (look.person(one.staff), look.say(*_REASONS[one.reason]), _shop(one.about, known), one.amount, one.detail)
        for one in lines
    ]
    return Table(look.say("逐笔", "Line by line"), columns, rows, customers=True)


def _shop(one: UUID | None, known: dict[UUID, Shop]) -> Cell:
    if one is None:
        return None
    return outlet(one, known[one].name if one in known else one)


# ---- overdue money and credit ----------------------------------------------------------------------------------------


async def overdue(look: Look) -> Report:
    """Cases of overdue money, and credit that was asked for."""
    found = await cases(look.tx, look.ground, everything=look.asked.everything)
    chosen = [one for one in found if look.asked.person in {None, one.owner}]
    asked = await applications(look.tx)
    figures = (
        Figure(look.say("逾期金额", "Overdue"), sum(one.overdue for one in chosen), Shape.MONEY),
        Figure(look.say("未结案", "Open cases"), sum(one.closed_at is None for one in chosen)),
        Figure(look.say("待批赊销申请", "Credit asked for"), len(asked)),
    )
    return Report(figures, (_late_by_owner(look, chosen),), (_case_table(look, chosen),))


def _late_by_owner(look: Look, found: Sequence[Case]) -> Plot:
    summed: Counter[str] = Counter()
    for one in found:
        summed[look.person(one.owner)] += one.overdue
    people = [name for name, _ in summed.most_common()]
    series = [Series(look.say("逾期金额", "Overdue"), tuple(summed[one] for one in people))]
    axes = look.say("负责人", "Owner"), look.say("元", "Amount")
    return bars(Data(look.say("各负责人的逾期", "Overdue by owner"), people, series, axes, money))


def _case_table(look: Look, found: Sequence[Case]) -> Table:
    columns = (
        look.column("终端", "Outlet"), look.column("负责人", "Owner"), look.column("立案日", "Opened on"),
        look.column("逾期", "Overdue", Shape.MONEY), look.column("欠款", "Owed", Shape.MONEY),
        look.column("结案原因", "Closed because"), look.column("整改计划", "Plan"),
        look.column("核销", "Written off", Shape.MONEY),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (outlet(one.outlet, one.name), look.person(one.owner), one.opened_on, one.overdue, one.balance, one.reason,
         one.plan, one.written_off)
        for one in found
    ]  # fmt: skip
    return Table(look.say("逾期案件", "Cases of overdue money"), columns, rows, customers=True)


# ---- stock -----------------------------------------------------------------------------------------------------------

_STATES = {OPEN: ("未答复", "Open"), ANSWERED: ("已答复", "Answered"), EXPLAINED: ("已撤回", "Explained since")}


async def stock(look: Look) -> Report:
    """What stock asks, with its figures."""
    asked = look.asked
    found = await listed(look.tx, everything=asked.everything, person=asked.person, territory=asked.territory)
    outlets = {one.question.outlet for one in found}
    outlets |= {one.question.other for one in found if one.question.other is not None}
    names = look.people | {one.id: one.name for one in (await shops(look.tx, outlets)).values()}
    is_open = sum(one.state == OPEN for one in found)
    return Report(
        (Figure(look.say("未答复", "Open"), is_open),),
        (_asked_by_person(look, found),),
        (_question_table(look, found, names),),
    )


def _asked_by_person(look: Look, found: Sequence[Asked]) -> Plot:
    counted = Counter(look.person(one) for each in found for one in each.question.people)
    people = [name for name, _ in counted.most_common()]
    series = [Series(look.say("疑问", "Questions"), tuple(counted[one] for one in people))]
    axes = look.say("人员", "Person"), look.say("个", "Questions")
    return bars(Data(look.say("各人的疑问", "Questions by person"), people, series, axes))


def _question_table(look: Look, found: Sequence[Asked], names: dict[UUID, str]) -> Table:
    columns = (
        look.column("日期", "Day"), look.column("终端", "Outlet"), look.column("人员", "Whose"),
        look.column("疑问", "Question"), look.column("状态", "State"), look.column("答复", "Answer"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        what = one.question
        whose = look.say("、", ", ").join(names.get(each, str(each)) for each in what.people)
        text, state = look.say(*said(what, names)), look.say(*_STATES[one.state])
        shop = outlet(what.outlet, names.get(what.outlet, what.outlet))
        rows.append((str(what.day), shop, whose, text, state, one.answer))
    return Table(look.say("疑问", "Questions"), columns, rows, customers=True)


# ---- promises --------------------------------------------------------------------------------------------------------


async def promised(look: Look) -> Report:
    """What was promised to outlets: open, late, kept."""
    made = [one for one in await promises(look.tx) if look.asked.person in {None, one.staff}]
    today = str(look.ground.today)
    kept, late = sum(one.is_kept for one in made), sum(one.is_late(today) for one in made)
    shown = [one for one in made if look.asked.everything or not one.is_kept]
    names = {one.id: one.name for one in (await shops(look.tx, {one.outlet for one in shown})).values()}
    figures = (
        Figure(look.say("逾期", "Late"), late),
        Figure(look.say("未了", "Open"), len(made) - kept - late),
        Figure(look.say("已兑现", "Kept"), kept),
    )
    return Report(figures, (_promises_by_person(look, made, today),), (_promise_table(look, shown, names, today),))


def _promises_by_person(look: Look, made: Sequence[Promise], today: str) -> Plot:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for one in made:
        counted[look.person(one.staff)][_state(one, today)] += 1
    people = sorted(counted, key=lambda one: (-counted[one]["late"], one))
    series = [Series(look.say(*words), tuple(counted[one][state] for one in people)) for state, words in _KEPT.items()]
    axes = look.say("人员", "Person"), look.say("个", "Promises")
    return bars(Data(look.say("各人的承诺", "Promises by person"), people, series, axes))


_KEPT = {"late": ("逾期", "Late"), "open": ("未了", "Open"), "kept": ("已兑现", "Kept")}


def _state(one: Promise, today: str) -> str:
    return "kept" if one.is_kept else "late" if one.is_late(today) else "open"


def _promise_table(look: Look, found: Sequence[Promise], names: dict[UUID, str], today: str) -> Table:
    columns = (
        look.column("日期", "Due"), look.column("终端", "Outlet"), look.column("承诺人", "By"),
        look.column("承诺", "Promised"), look.column("下一步", "Next step"), look.column("状态", "State"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (one.due, outlet(one.outlet, names.get(one.outlet, one.outlet)), look.person(one.staff), one.promised,
         one.next_step, look.say(*_KEPT[_state(one, today)]))
        for one in found
    ]  # fmt: skip
    return Table(look.say("承诺", "Promises"), columns, rows, customers=True)

"""Reports on work outside: visits, daily reports, coverage, sweeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from server.console.plots import Data, Plot, Series, bars, lines
from server.console.reports.values import Cell, Figure, Look, Report, Shape, Table, outlet, percent
from server.field.daily_reports import Reported, ThatDay, reported
from server.field.purchases import Span
from server.field.sweeps.coverage import Covered, covered
from server.field.sweeps.over_time import coverage_by_day
from server.field.sweeps.reports import SweepReport, sweep_reports
from server.field.visits.counting import Counted, visits_by_day
from server.times import midnight

__all__ = ["coverage", "daily", "span_of", "sweeps", "visits"]

_SWEEPS = 1000


def span_of(look: Look) -> Span:
    """The days that were asked for."""
    return Span(look.asked.first, look.asked.last + timedelta(days=1), look.ground.zone)


def days_in(span: Span) -> list[date]:
    """Each day of a time."""
    return [span.first + timedelta(days=one) for one in range((span.until - span.first).days)]


# ---- visits ----------------------------------------------------------------------------------------------------------


async def visits(look: Look) -> Report:
    """Visits by day and by person."""
    span = span_of(look)
    found = await visits_by_day(look.tx, span, of=look.asked.territory, staff=look.asked.person)
    total = sum(one.visits for one in found)
    doubtful = sum(one.doubtful for one in found)
    figures = (
        Figure(look.say("拜访", "Visits"), total),
        Figure(look.say("存疑", "Doubtful"), doubtful),
        Figure(look.say("有拜访的人员", "People who visited"), len({one.staff for one in found})),
    )
    return Report(figures, (_visits_over_time(look, span, found), _visits_of_people(look, found)), (
        _visits_by_person(look, found), _visits_table(look, span, found),
    ))  # fmt: skip


def _summed(found: Sequence[Counted], key: str) -> dict[object, tuple[int, int, int]]:
    counted: dict[object, Counter[str]] = {}
    for one in found:
        by = counted.setdefault(getattr(one, key), Counter())
        by.update(visits=one.visits, in_person=one.in_person, doubtful=one.doubtful)
    return {each: (by["visits"], by["in_person"], by["doubtful"]) for each, by in counted.items()}


def _visits_over_time(look: Look, span: Span, found: Sequence[Counted]) -> Plot:
    by_day, days = _summed(found, "day"), days_in(span)
    values = [by_day.get(day, (0, 0, 0)) for day in days]
    series = [
        Series(look.say("全部拜访", "All visits"), tuple(one[0] for one in values)),
        Series(look.say("存疑", "Doubtful"), tuple(one[2] for one in values)),
    ]
    title = look.say("每天的拜访", "Visits by day")
    return lines(
        Data(title, [f"{day:%m-%d}" for day in days], series, (look.say("日期", "Day"), look.say("次", "Visits")))
    )


def _visits_of_people(look: Look, found: Sequence[Counted]) -> Plot:
    by_person = sorted(_summed(found, "staff").items(), key=lambda one: -one[1][0])
    sound = tuple(one[0] - one[2] for _, one in by_person)
    series = [
        Series(look.say("不存疑", "Not doubtful"), sound),
        Series(look.say("存疑", "Doubtful"), tuple(one[2] for _, one in by_person)),
    ]
    names = [look.people.get(one, str(one)) for one, _ in by_person]  # type: ignore[call-overload]
    title = look.say("每人的拜访", "Visits by person")
    return bars(Data(title, names, series, (look.say("人员", "Person"), look.say("次", "Visits"))))


def _visits_by_person(look: Look, found: Sequence[Counted]) -> Table:
    days: dict[object, set[date]] = {}
    for one in found:
        days.setdefault(one.staff, set()).add(one.day)
    summed = sorted(_summed(found, "staff").items(), key=lambda one: -one[1][0])
    rows: list[tuple[Cell, ...]] = [
        (look.people.get(one, str(one)), *counts, len(days[one]))  # type: ignore[call-overload]
        for one, counts in summed
    ]
    columns = (
        look.column("人员", "Person"), look.count("拜访", "Visits"), look.count("当面", "In person"),
        look.count("存疑", "Doubtful"), look.count("有拜访的天数", "Days with visits"),
    )  # fmt: skip
    return Table(look.say("按人员", "By person"), columns, rows)


def _visits_table(look: Look, span: Span, found: Sequence[Counted]) -> Table:
    by_day = _summed(found, "day")
    rows: list[tuple[Cell, ...]] = [(str(day), *by_day.get(day, (0, 0, 0))) for day in reversed(days_in(span))]
    columns = (
        look.column("日期", "Day"), look.count("拜访", "Visits"), look.count("当面", "In person"),
        look.count("存疑", "Doubtful"),
    )  # fmt: skip
    return Table(look.say("按日期", "By day"), columns, rows)


# ---- daily reports ---------------------------------------------------------------------------------------------------


async def daily(look: Look) -> Report:
    """Daily reports of one day beside the company's own figures."""
    found = await reported(look.tx, look.asked.day, look.ground)
    silent = [one for one in found if one.reported is None]
    figures = (
        Figure(look.say("已交日报", "Reports handed in"), len(found) - len(silent)),
        Figure(look.say("未交", "Not handed in"), len(silent)),
        Figure(look.say("完成计划拜访", "Planned visits made"), sum(one.ours.done for one in found)),
        Figure(look.say("计划外拜访", "Other visits"), sum(one.ours.extra for one in found)),
    )
    return Report(figures, (_planned(look, found),), (_beside(look, found),))


def _planned(look: Look, found: Sequence[Reported]) -> Plot:
    series = [
        Series(look.say("计划内已拜访", "Planned, visited"), tuple(one.ours.done for one in found)),
        Series(look.say("计划内未拜访", "Planned, missed"), tuple(one.ours.planned - one.ours.done for one in found)),
        Series(look.say("计划外", "Not planned"), tuple(one.ours.extra for one in found)),
    ]
    title = look.say("计划与拜访（公司所记）", "Plan and visits, as the company has them")
    return bars(
        Data(title, [one.name for one in found], series, (look.say("人员", "Person"), look.say("家", "Outlets")))
    )


def _beside(look: Look, found: Sequence[Reported]) -> Table:
    columns = (
        look.column("人员", "Person"), look.column("所报：完成/计划", "Reported: done/planned"),
        look.column("公司所记", "As the company has it"), look.count("登记（所报）", "Registered, reported"),
        look.count("登记", "Registered"), look.column("订单（所报）", "Orders, reported", Shape.MONEY),
        look.column("订单", "Orders", Shape.MONEY), look.column("说明", "Words"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        said = one.reported
        told = (said.registered, said.orders) if said is not None else (None, None)
        plan = look.say("未交", "not handed in") if said is None else _done(said)
        rows.append(
            (one.name, plan, _done(one.ours), told[0], one.ours.registered, told[1], one.ours.orders, one.notes)
        )
    return Table(look.say("所报与公司所记", "Reported, and as the company has it"), columns, rows)


def _done(day: ThatDay) -> str:
    return f"{day.done}/{day.planned} +{day.extra}"


# ---- coverage --------------------------------------------------------------------------------------------------------


async def coverage(look: Look) -> Report:
    """Coverage of each territory, with what nobody has seen for a quarter where one is chosen."""
    of, ground = look.asked.territory, look.ground
    found = await covered(look.tx, ground, of=of)
    outlets, unseen = sum(one.outlets for one in found), sum(len(one.unseen) for one in found)
    figures = (
        Figure(look.say("终端", "Outlets"), outlets),
        Figure(look.say("覆盖率", "Coverage"), percent(outlets - unseen, outlets), Shape.PERCENT),
        Figure(look.say("一季度未见", "Not seen for a quarter"), unseen),
        Figure(look.say("空白网格", "Blank cells"), sum(len(one.blank) for one in found)),
    )
    tables = [_coverage_table(look, found)]
    if of is not None:
        tables.append(_unseen(look, found))
    by_day = await coverage_by_day(look.tx, ground, look.asked.first, look.asked.last, of=of)
    plots = _covered_over_time(look, by_day), _covered_by_territory(look, found), _blank(look, found)
    note = look.say(
        "覆盖率：今天在营的终端中，一季度内见过的占多少；折线按所选期间，其余为今天。",
        "Coverage: how many of the outlets that stand today were seen within a quarter. The line is of the days that "
        "were chosen, all else of today.",
    )
    return Report(figures, plots, tuple(tables), note)


def _covered_over_time(look: Look, found: Sequence[tuple[date, int | None]]) -> Plot:
    series = [Series(look.say("覆盖率", "Coverage"), tuple(percent for _, percent in found))]
    title = look.say("每天的覆盖率", "Coverage by day")
    return lines(Data(title, [f"{day:%m-%d}" for day, _ in found], series, (look.say("日期", "Day"), "%")))


def _covered_by_territory(look: Look, found: Sequence[Covered]) -> Plot:
    ordered = sorted(found, key=lambda one: (one.percent if one.percent is not None else 101, one.name))
    series = [Series(look.say("覆盖率", "Coverage"), tuple(one.percent for one in ordered))]
    title = look.say("各片区的覆盖率，低的在前", "Coverage by territory, the lowest first")
    return bars(Data(title, [one.name for one in ordered], series, (look.say("片区", "Territory"), "%")))


def _blank(look: Look, found: Sequence[Covered]) -> Plot:
    ordered = sorted(found, key=lambda one: (-len(one.blank), one.name))
    series = [
        Series(look.say("空白网格", "Blank cells"), tuple(len(one.blank) for one in ordered)),
        Series(look.say("走过的网格", "Cells that were walked"), tuple(one.cells - len(one.blank) for one in ordered)),
    ]
    title = look.say("各片区的空白网格", "Blank cells by territory")
    words = look.say("片区", "Territory"), look.say("网格", "Cells")
    return bars(Data(title, [one.name for one in ordered], series, words))


def _coverage_table(look: Look, found: Sequence[Covered]) -> Table:
    columns = (
        look.column("片区", "Territory"), look.count("终端", "Outlets"),
        look.column("覆盖率", "Coverage", Shape.PERCENT), look.count("一季度未见", "Not seen for a quarter"),
        look.count("空白网格", "Blank cells"), look.count("网格", "Cells"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (one.name, one.outlets, one.percent, len(one.unseen), len(one.blank), one.cells) for one in found
    ]
    return Table(look.say("各片区", "By territory"), columns, rows)


def _unseen(look: Look, found: Sequence[Covered]) -> Table:
    columns = look.column("等级", "Grade"), look.column("店名", "Name"), look.column("地址", "Address")
    rows: list[tuple[Cell, ...]] = [
        (shop.grade, outlet(shop.id, shop.name), shop.address) for one in found for shop in one.unseen
    ]
    return Table(look.say("一季度未见的终端", "Outlets not seen for a quarter"), columns, rows, customers=True)


# ---- sweeps ----------------------------------------------------------------------------------------------------------


async def sweeps(look: Look) -> Report:
    """What each sweep of some days found."""
    span = span_of(look)
    read = await sweep_reports(
        look.tx, of=look.asked.territory, staff=look.asked.person, since=span.since_ms, most=_SWEEPS
    )
    until = midnight(span.until, span.zone)
    found = [one for one in read if one.started_at < until]
    figures = (
        Figure(look.say("扫街", "Sweeps"), len(found)),
        Figure(look.say("找到", "Found"), sum(one.figures.found for one in found)),
        Figure(look.say("新增", "New"), sum(one.figures.new for one in found)),
    )
    return Report(figures, (_swept(look, found),), (_sweep_table(look, found),))


def _swept(look: Look, found: Sequence[SweepReport]) -> Plot:
    counted: dict[str, Counter[str]] = {}
    for one in found:
        by = counted.setdefault(look.person(one.staff), Counter())
        came = one.figures
        by.update(found=came.found, new=came.new, changed=came.changed, missing=came.missing, closed=came.closed)
    names = sorted(counted, key=lambda one: (-counted[one]["found"], one))
    words = {
        "new": look.say("新增", "New"), "changed": look.say("变更", "Changed"),
        "missing": look.say("未找到", "Missing"), "closed": look.say("关闭", "Closed"),
    }  # fmt: skip
    series = [Series(word, tuple(counted[name][key] for name in names)) for key, word in words.items()]
    axes = look.say("人员", "Person"), look.say("家", "Outlets")
    return bars(Data(look.say("扫街带来的变化", "What sweeps brought"), names, series, axes))


def _sweep_table(look: Look, found: Sequence[SweepReport]) -> Table:
    columns = (
        look.column("开始", "Began", Shape.WHEN), look.column("人员", "Person"), look.count("分钟", "Minutes"),
        look.count("找到", "Found"), look.count("新增", "New"), look.count("变更", "Changed"),
        look.count("未找到", "Missing"), look.count("关闭", "Closed"), look.column("每小时家数", "Outlets an hour"),
        look.column("未走街道", "Streets not walked"), look.count("未走网格", "Cells not walked"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        came = one.figures
        rate = None if came.per_hour is None else f"{came.per_hour // 10}.{came.per_hour % 10}"
        counts = came.found, came.new, came.changed, came.missing, came.closed
        streets = "、".join(one.streets)
        rows.append((one.started_at, look.person(one.staff), one.seconds // 60, *counts, rate, streets, len(one.cells)))
    return Table(look.say("每次扫街", "Each sweep"), columns, rows)

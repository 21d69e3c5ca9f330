"""Reports on the archive: how complete it is, how far verification and call-backs are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from server.console.plots import Data, Plot, Series, bars
from server.console.reports.values import Cell, Figure, Look, Report, Shape, Table, outlet, percent
from server.console.words import word
from server.field.quarterly.callbacks import CalledBack, called_back
from server.field.quarterly.verification import Progress, progress
from server.field.registration.completeness import Completeness, completeness, lacking
from server.master.typed import TYPED

__all__ = ["callbacks", "complete", "verification"]

_OUTLETS, _CLASSES = TYPED["outlet"], TYPED["outlet_class"]


# ---- completeness ----------------------------------------------------------------------------------------------------


async def complete(look: Look) -> Report:
    """What the archive lacks of what each class requires."""
    of = look.asked.territory
    found = await completeness(look.tx, look.ground.policies, of=of)
    kinds = await _classes(look)
    outlets, done = sum(one.outlets for one in found), sum(one.complete for one in found)
    figures = (
        Figure(look.say("终端", "Outlets"), outlets),
        Figure(look.say("资料完整", "Complete"), percent(done, outlets), Shape.PERCENT),
        Figure(look.say("有缺项", "Lacking something"), outlets - done),
    )
    tables = [_completeness_table(look, found, kinds)]
    if of is not None:
        tables.append(await _lacking(look, of, kinds))
    note = look.say(
        "必填项见“设置”中的“必填资料”。", "What is required of each class stands in Settings, Required fields."
    )
    return Report(figures, (_by_field(look, found), _by_place(look, found)), tuple(tables), note)


async def _classes(look: Look) -> dict[str, str]:
    rows = await look.tx.execute(select(_CLASSES.c.code, _CLASSES.c.zh, _CLASSES.c.en))
    return {row.code: look.say(row.zh, row.en) for row in rows}


def _by_field(look: Look, found: Sequence[Completeness]) -> Plot:
    lacks = sum((Counter(one.lacking) for one in found), Counter[str]())
    names = [name for name, _ in lacks.most_common()]
    series = [Series(look.say("缺少此项的终端", "Outlets that lack it"), tuple(lacks[one] for one in names))]
    words = [word("missing", one, look.viewer.language) for one in names]
    axes = look.say("项目", "Field"), look.say("家", "Outlets")
    return bars(Data(look.say("缺什么", "What is lacking"), words, series, axes))


def _by_place(look: Look, found: Sequence[Completeness]) -> Plot:
    places: dict[str, tuple[int, int]] = {}
    for one in found:
        done, lacks = places.get(one.name, (0, 0))
        places[one.name] = done + one.complete, lacks + one.outlets - one.complete
    names = sorted(places, key=lambda one: (-places[one][1], one))
    series = [
        Series(look.say("完整", "Complete"), tuple(places[one][0] for one in names)),
        Series(look.say("有缺项", "Lacking something"), tuple(places[one][1] for one in names)),
    ]
    axes = look.say("片区", "Territory"), look.say("家", "Outlets")
    return bars(Data(look.say("各片区", "By territory"), names, series, axes))


def _completeness_table(look: Look, found: Sequence[Completeness], kinds: dict[str, str]) -> Table:
    columns = (
        look.column("片区", "Territory"), look.column("类别", "Class"), look.count("终端", "Outlets"),
        look.column("完整", "Complete", Shape.PERCENT), look.column("缺", "Lacking"),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (one.name, kinds.get(one.outlet_class, one.outlet_class), one.outlets, percent(one.complete, one.outlets),
         _lacks(look, one))
        for one in found
    ]  # fmt: skip
    return Table(look.say("按片区和类别", "By territory and class"), columns, rows)


def _lacks(look: Look, one: Completeness) -> str:
    between = look.say("、", ", ")
    return between.join(f"{word('missing', name, look.viewer.language)} {lack}" for name, lack in one.lacking.items())


async def _lacking(look: Look, of: UUID, kinds: dict[str, str]) -> Table:
    columns = look.column("店名", "Name"), look.column("类别", "Class"), look.column("缺", "Lacking")
    between = look.say("、", ", ")
    rows: list[tuple[Cell, ...]] = [
        (
            outlet(one.id, one.name),
            kinds.get(one.outlet_class, one.outlet_class),
            between.join(word("missing", each, look.viewer.language) for each in one.missing),
        )
        for one in await lacking(look.tx, look.ground.policies, of)
    ]
    return Table(look.say("有缺项的终端", "Outlets that lack something"), columns, rows, customers=True)


# ---- verification and call-backs -------------------------------------------------------------------------------------


async def verification(look: Look) -> Report:
    """How far each territory is with the quarter's verification."""
    found = await progress(look.tx, look.asked.quarter)
    chosen = [one for one in found if look.asked.territory in {None, one.territory}]
    parts = [(one.name, one.wanted - len(one.missing), len(one.missing)) for one in chosen]
    tables = [_parts_table(look, parts, look.say("已核实", "Verified"))]
    if look.asked.territory is not None:
        tables.append(await _not_verified(look, chosen))
    return Report(_part_figures(look, parts, look.say("已核实", "Verified")), (_parts_plot(
        look, parts, look.say("核实进度", "Verification"), look.say("已核实", "Verified")
    ),), tuple(tables))  # fmt: skip


async def callbacks(look: Look) -> Report:
    """Which customers were called back in a quarter."""
    found = await called_back(look.tx, look.asked.quarter, look.ground)
    chosen = [one for one in found if look.asked.territory in {None, one.territory}]
    parts = [(one.name, len(one.done), len(one.missing)) for one in chosen]
    tables = [_parts_table(look, parts, look.say("已回访", "Called back"))]
    if look.asked.territory is not None:
        tables.append(_not_called(look, chosen))
    return Report(_part_figures(look, parts, look.say("已回访", "Called back")), (_parts_plot(
        look, parts, look.say("回访进度", "Call-backs"), look.say("已回访", "Called back")
    ),), tuple(tables))  # fmt: skip


_Part = tuple[str, int, int]
"""A territory's name, what is done there, what is missing."""


def _part_figures(look: Look, parts: Sequence[_Part], done: str) -> tuple[Figure, ...]:
    finished, missing = sum(one[1] for one in parts), sum(one[2] for one in parts)
    return (
        Figure(done, percent(finished, finished + missing), Shape.PERCENT),
        Figure(done, finished),
        Figure(look.say("尚缺", "Missing"), missing),
    )


def _parts_plot(look: Look, parts: Sequence[_Part], title: str, done: str) -> Plot:
    ordered = sorted(parts, key=lambda one: (-one[2], one[0]))
    series = [
        Series(done, tuple(one[1] for one in ordered)),
        Series(look.say("尚缺", "Missing"), tuple(one[2] for one in ordered)),
    ]
    axes = look.say("片区", "Territory"), look.say("家", "Outlets")
    return bars(Data(title, [one[0] for one in ordered], series, axes))


def _parts_table(look: Look, parts: Sequence[_Part], done: str) -> Table:
    columns = (
        look.column("片区", "Territory"), look.count("应完成", "To do"), look.count(done, done),
        look.count("尚缺", "Missing"), look.column("进度", "Done", Shape.PERCENT),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (name, finished + missing, finished, missing, percent(finished, finished + missing))
        for name, finished, missing in parts
    ]
    return Table(look.say("各片区", "By territory"), columns, rows)


async def _not_verified(look: Look, found: Sequence[Progress]) -> Table:
    missing = [shop for one in found for shop in one.missing]
    wanted = select(_OUTLETS.c.id, _OUTLETS.c.name, _OUTLETS.c.address, _OUTLETS.c.phone)
    rows = await look.tx.execute(wanted.where(_OUTLETS.c.id.in_(missing)).order_by(_OUTLETS.c.name, _OUTLETS.c.id))
    columns = look.column("店名", "Name"), look.column("地址", "Address"), look.column("电话", "Phone")
    lines: list[tuple[Cell, ...]] = [(outlet(row.id, row.name), row.address, row.phone) for row in rows]
    return Table(look.say("尚未核实的终端", "Outlets not verified"), columns, lines, customers=True)


def _not_called(look: Look, found: Sequence[CalledBack]) -> Table:
    rows: list[tuple[Cell, ...]] = [(outlet(shop, name),) for one in found for shop, name in one.missing]
    title = look.say("尚未回访的客户", "Customers not called back")
    return Table(title, (look.column("店名", "Name"),), rows, customers=True)

"""Reports as they are looked at and taken out: who does either is in the journal before a line about customers is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from urllib.parse import urlencode

from server.console.apart import apart
from server.console.reports.asked import Wrong, asked_of, months, quarters
from server.console.reports.keeping import KEEPER, Keeper
from server.console.reports.values import Asked, Cell, Column, Filter, Kind, Look, Report, Shape, Table
from server.console.viewer import Viewer
from server.departure.evidence.access import note_access
from server.field.ground import Ground
from server.field.outgoing import hand_out
from server.field.workbooks import AMOUNT, PERCENT, Sheet, workbook
from server.identity import staff
from server.identity.territories import all_territories
from server.master.store import Store, Tx
from server.times import local

__all__ = ["Opened", "exported", "open_report"]

Ruled = Callable[[Tx], Awaitable[Ground]]
"""What rules stand on, with the company's settings."""
_FORMATS = {Shape.MONEY: AMOUNT, Shape.PERCENT: PERCENT}
_MINOR, _PERCENT = 100, 100


@dataclass(frozen=True, slots=True)
class Opened:
    """A report on its page: what was asked for and what was found; `wrong` are sentences about what was typed.
    `people`, `places`, `quarters` and `months` are what the form offers, the first two as (id, name). The figures are
    of the server time `at`, which is `now` unless they were kept.
    """

    kind: Kind
    report: Report
    asked: Asked
    wrong: Sequence[Wrong]
    query: Mapping[str, str]
    people: Sequence[tuple[str, str]]
    places: Sequence[tuple[str, str]]
    quarters: Sequence[str]
    months: Sequence[str]
    at: int
    now: int

    @property
    def is_kept(self) -> bool:
        """Whether it is of some minutes ago."""
        return self.at != self.now

    @property
    def fresh(self) -> str:
        """Where it is made anew."""
        return "?" + urlencode({name: value for name, value in self.query.items() if value} | {"fresh": "yes"})

    @property
    def workbook(self) -> str:
        """Where the same is as a workbook."""
        kept = {name: value for name, value in self.query.items() if name not in {"lang", "fresh"} and value}
        return f"/reports/{self.kind.name}.xlsx" + (f"?{urlencode(kept)}" if kept else "")

    def offered(self, name: str) -> list[tuple[str, str]]:
        """The quarters or months that the form offers, with the one that is shown."""
        one, usual = (self.asked.quarter, self.quarters) if name == "quarters" else (self.asked.month, self.months)
        return [(each, each) for each in (usual if one in usual else [one, *usual])]

    def has(self, name: str) -> bool:
        """Whether the report is narrowed by this."""
        return Filter(name) in self.kind.filters


async def open_report(
    store: Store, ruled: Ruled, viewer: Viewer, kind: Kind, query: Mapping[str, str], keeper: Keeper = KEEPER
) -> Opened:
    """Make a report for somebody who looks at it, or show one of some minutes ago that took long (a fresh one where the
    address says `fresh`). What it shows of customers is journalled.
    """
    found = await _made(store, ruled, viewer, kind, query, keeper)
    lines = found.report.customers(whole=False)
    if lines:
        async with store.write() as tx:
            ground = await ruled(tx)
            about = {"filters": _filters(found.asked, kind)}
            await note_access(tx, f"report_{kind.name}", viewer.person.id, lines, ground.sources, **about)
    return found


async def exported(
    store: Store, ruled: Ruled, viewer: Viewer, kind: Kind, query: Mapping[str, str]
) -> tuple[str, bytes]:
    """Make a report for somebody who takes it out: the file's name, and the workbook. It is journalled as an export.
    Raises Refusal for somebody who is leaving.
    """
    found = await _made(store, ruled, viewer, kind, query, Keeper(for_ms=0))
    rows: list[Sequence[Cell]] = [row for one in found.report.tables for row in one.rows]

    async def gather(_: Tx) -> list[Sequence[Cell]]:
        return rows

    async with store.read() as tx:
        ground = await ruled(tx)
    about = {"what": f"report_{kind.name}", "filters": _filters(found.asked, kind)}
    await hand_out(store, ground.sources, gather, about, staff=viewer.person.id)
    title = viewer.say(*kind.title)
    sheets = [_sheet(one, viewer) for one in found.report.tables]
    return f"{title}-{ground.today}.xlsx", await asyncio.to_thread(workbook, sheets)


async def _made(
    store: Store, ruled: Ruled, viewer: Viewer, kind: Kind, query: Mapping[str, str], keeper: Keeper
) -> Opened:
    async with store.read() as tx:
        ground = await ruled(tx)
        asked, wrong = asked_of(query, ground.today, kind.filters)
        people = {one.id: one.name for one in await staff.everybody(tx)}
        places = {one.id: one.name for one in await all_territories(tx)}
        look, now = Look(tx, ground, viewer, asked, people, places), ground.sources.now()
        key = kind.name, asked, viewer.language, ground.today
        make = partial(_made_apart, store, kind, look) if kind.is_long else partial(kind.make, look)
        kept = await keeper.of(store, key, now, make, fresh=bool(query.get("fresh")))
    by_name = sorted(((str(one), name) for one, name in people.items()), key=lambda one: one[1])
    offered = sorted(((str(one), name) for one, name in places.items()), key=lambda one: one[1])
    today: date = ground.today
    return Opened(
        kind, kept.report, asked, wrong, query, by_name, offered, quarters(today), months(today), kept.at, now
    )


async def _made_apart(store: Store, kind: Kind, look: Look) -> Report:
    async def work(own: Store) -> Report:
        async with own.read() as tx:
            return await kind.make(replace(look, tx=tx))

    return await apart(store, work)


def _filters(asked: Asked, kind: Kind) -> dict[str, str]:
    """What a report was narrowed by, as the journal keeps it."""
    said: dict[Filter, dict[str, object]] = {
        Filter.PERIOD: {"from": asked.first, "to": asked.last},
        Filter.DAY: {"day": asked.day},
        Filter.MONTH: {"month": asked.month},
        Filter.QUARTER: {"quarter": asked.quarter},
        Filter.TERRITORY: {"territory": asked.territory},
        Filter.PERSON: {"person": asked.person},
        Filter.EVERYTHING: {"all": "yes" if asked.everything else None},
    }
    found = {name: value for one in kind.filters for name, value in said[one].items()}
    return {name: str(value) for name, value in found.items() if value is not None}


def _sheet(table: Table, viewer: Viewer) -> Sheet:
    rows = [tuple(map(_written, row, table.columns, [viewer.zone] * len(row))) for row in table.rows]
    headings = tuple(one.title for one in table.columns)
    return Sheet(table.title, headings, rows, tuple(_FORMATS.get(one.shape, "") for one in table.columns))


def _written(value: Cell, column: Column, zone: str) -> str | int | float | None:
    """A cell of a workbook: amounts in whole units, percents as parts of one, times as the company's."""
    if isinstance(value, int):
        if column.shape is Shape.MONEY:
            return value / _MINOR
        if column.shape is Shape.PERCENT:
            return value / _PERCENT
        return local(value, zone) if column.shape is Shape.WHEN else value
    return None if value is None else str(value)

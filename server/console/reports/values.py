"""What a report is made of: figures, plots, tables; the same value fills the page, the print and the workbook."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from server.console.plots import Plot
from server.console.viewer import Viewer
from server.field.ground import Ground
from server.identity.staff import Role
from server.master.store import Tx

__all__ = [
    "SHOWN",
    "Asked",
    "Cell",
    "Column",
    "Figure",
    "Filter",
    "Kind",
    "Linked",
    "Look",
    "Report",
    "Shape",
    "Table",
    "outlet",
    "percent",
]

SHOWN = 200
"""So many lines of a table stand on a page; a workbook has them all."""


class Shape(StrEnum):
    """What stands in a column."""

    TEXT = "text"
    COUNT = "count"
    MONEY = "money"
    PERCENT = "percent"
    WHEN = "when"


class Filter(StrEnum):
    """What a report can be narrowed by."""

    PERIOD = "period"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    TERRITORY = "territory"
    PERSON = "person"
    EVERYTHING = "everything"


class Linked(msgspec.Struct, frozen=True):
    """A name that leads to a page of the console."""

    name: str
    path: str

    def __str__(self) -> str:
        return self.name


Cell = str | int | Linked | None
"""Money in minor units, times in server milliseconds; None where there is nothing to say."""


class Column(msgspec.Struct, frozen=True):
    """A column by its heading."""

    title: str
    shape: Shape = Shape.TEXT

    @property
    def is_number(self) -> bool:
        """Whether it is written to the right."""
        return self.shape in {Shape.COUNT, Shape.MONEY, Shape.PERCENT}


class Table(msgspec.Struct, frozen=True):
    """A table; `total` is its last line. `customers`: its lines tell of outlets one by one."""

    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]] = ()
    total: tuple[Cell, ...] = ()
    customers: bool = False

    @property
    def shown(self) -> Sequence[tuple[Cell, ...]]:
        """The lines that stand on a page."""
        return self.rows[:SHOWN]

    @property
    def left_out(self) -> int:
        """How many do not."""
        return len(self.rows) - len(self.shown)


class Figure(msgspec.Struct, frozen=True):
    """One number that says most, with what it is."""

    label: str
    value: Cell
    shape: Shape = Shape.COUNT


class Report(msgspec.Struct, frozen=True):
    """What a report found; `note` is a sentence on what is counted in this case, `closes` the month that may be closed
    now.
    """

    figures: tuple[Figure, ...] = ()
    plots: tuple[Plot, ...] = ()
    tables: tuple[Table, ...] = ()
    note: str = ""
    closes: str = ""

    def customers(self, *, whole: bool) -> int:
        """How many lines of customers' data are on its page, or in all of it."""
        return sum(len(one.rows if whole else one.shown) for one in self.tables if one.customers)


class Asked(msgspec.Struct, frozen=True):
    """What somebody wants to see: days are the company's, `last` is included."""

    first: date
    last: date
    day: date
    month: str
    quarter: str
    territory: UUID | None = None
    person: UUID | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looks at a report: what it is read from, who looks, and what they asked for. `people` and `places` are
    the names of staff and territories by id.
    """

    tx: Tx
    ground: Ground
    viewer: Viewer
    asked: Asked
    people: dict[UUID, str]
    places: dict[UUID, str]

    def say(self, zh: str, en: str) -> str:
        """The one of two texts that is in the reader's language."""
        return self.viewer.say(zh, en)

    def column(self, zh: str, en: str, shape: Shape = Shape.TEXT) -> Column:
        """A column with its heading in the reader's language."""
        return Column(self.say(zh, en), shape)

    def count(self, zh: str, en: str) -> Column:
        """A column of numbers."""
        return self.column(zh, en, Shape.COUNT)

    def person(self, one: UUID | None) -> str:
        """Somebody's name; nobody's where nobody is meant."""
        return self.say("无人负责", "nobody") if one is None else self.people.get(one, str(one))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of report: its name in addresses, its title and what it tells, who may see it, what narrows it, how it is
    made. `group` is the heading under which the index lists it; one that `is_long` reads so much that it is made apart.
    """

    name: str
    group: str
    title: tuple[str, str]
    about: tuple[str, str]
    roles: frozenset[Role]
    filters: tuple[Filter, ...]
    make: Callable[[Look], Awaitable[Report]]
    is_long: bool = False


def outlet(one: UUID, name: Any) -> Linked:
    """An outlet's name, which leads to its archive."""
    return Linked(str(name), f"/outlets/{one}")


def percent(part: int, whole: int) -> int | None:
    """A part in percent, rounded half up; None of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else None

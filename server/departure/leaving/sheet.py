"""What is known of an outlet, in words: for the task on the successor's phone and for the sheet that is printed.

Each line is a label in Chinese and English and a value.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from server.departure.leaving.knowledge import Care, Known, VisitLine
from server.times import day_of

__all__ = ["Line", "lines_of", "notes_of"]

_MOST_NOTES = 4000
_MINOR = 100


class Line(msgspec.Struct, frozen=True):
    """One line of a sheet."""

    zh: str
    en: str
    value: str


def lines_of(known: Known, zone: str, *, with_care: bool) -> list[Line]:
    """The lines of one outlet; dates of care only for who holds the private scope."""
    return [
        Line(*one)
        for one in (
            *_place(known),
            *(("上次拜访", "Last visit", _visit(visit, zone)) for visit in known.visits),
            *(("未了事项", "Promised", _joined(one.title, one.due or "", one.notes)) for one in known.promises),
            *_money(known),
            *(("联系人", "Contact", _joined(one.name, one.role, one.phone)) for one in known.contacts),
            *(("关怀日期", "Care", _care(one)) for one in known.care if with_care),
            *((("备注", "Notes", known.notes),) if known.notes else ()),
        )
    ]


def _place(known: Known) -> Iterator[tuple[str, str, str]]:
    value = _joined(known.address, known.phone)
    if value:
        yield "地址电话", "Address, phone", value


def _money(known: Known) -> Iterator[tuple[str, str, str]]:
    if known.credit_days or known.credit_limit:
        yield "账期", "Credit terms", f"{known.credit_days} d, {known.credit_limit / _MINOR:.2f}"
    if known.owes:
        yield "未结金额", "Money open", f"{known.owes / _MINOR:.2f}"


def _visit(visit: VisitLine, zone: str) -> str:
    when = "" if visit.at is None else day_of(visit.at, zone)
    return _joined(when, visit.by, visit.purpose, visit.result, visit.questions, visit.notes)


def _care(care: Care) -> str:
    calendar = "农历 lunar" if care.calendar == "lunar" else "公历 solar"
    return f"{care.who}: {calendar} {care.month}-{care.day}"


def _joined(*parts: str) -> str:
    return "；".join(part.strip() for part in parts if part.strip())


def notes_of(known: Known, zone: str, *, with_care: bool) -> str:
    """The lines as the notes of a task, at most as long as notes can be."""
    lines = (f"{one.zh} {one.en}: {one.value}" for one in lines_of(known, zone, with_care=with_care))
    text = "\n".join(lines)
    return text if len(text) <= _MOST_NOTES else f"{text[: _MOST_NOTES - 1]}…"

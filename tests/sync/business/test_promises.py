"""Promises: kept once a report that stands names them, whichever of their amendments is named."""

from __future__ import annotations

from uuid import UUID

from sync.business.promises import due_on, is_promise, kept, standing
from sync.records import ContactReport

OUTLET = UUID(int=1)


def report(number: int, **fields: object) -> ContactReport:
    """A report with that id."""
    return ContactReport(UUID(int=number), OUTLET, **fields)  # type: ignore[arg-type]


def test_a_promise_is_kept_once_a_report_names_it() -> None:
    """The other stays open; who keeps promises nothing by it."""
    first, other = report(10, promised="送样品"), report(11, promised="换海报")
    done = report(12, said="已送到", keeps=first.id)
    assert kept([first, other]) == frozenset()
    assert kept([done, first, other]) == {first.id}
    assert kept([report(13, said="我也送了", keeps=first.id), done, first, other]) == {first.id}
    assert [is_promise(one) for one in (first, other, done)] == [True, True, False]


def test_amendments_on_either_side_are_the_same_report() -> None:
    """The promise is named by what it was before, or by what it became."""
    first = report(10, promised="送样品")
    amended = report(11, promised="送两瓶样品", amends=first.id)
    for named in (first.id, amended.id):
        assert kept([first, amended, report(12, keeps=named)]) == {amended.id}
    done = report(12, keeps=first.id)
    taken_back = report(13, said="还没送", amends=done.id)
    assert kept([first, done, taken_back]) == frozenset()
    assert standing([first, done, taken_back]) == [first, taken_back]


def test_a_promise_that_nobody_has_is_kept_by_nobody() -> None:
    """The report may have been removed, and a forged circle ends."""
    assert kept([report(12, keeps=UUID(int=99))]) == frozenset()
    circle = [report(20, amends=UUID(int=21)), report(21, amends=UUID(int=20)), report(22, keeps=UUID(int=20))]
    assert kept(circle) == frozenset()


def test_the_first_day_that_is_named_is_when_it_is_due() -> None:
    """Of promise and next step; none where there is none."""
    assert due_on(report(1, promised_by="2026-10-31", next_on="2026-10-30")) == "2026-10-30"
    assert due_on(report(1, promised="x", next_on="2026-11-01")) == "2026-11-01"
    assert due_on(report(1, promised="x")) is None

"""A few days of the month, replayed through real phones and the real server, against the plain calculation."""

from __future__ import annotations

import asyncio
from datetime import date

import msgspec
import pytest

from server.cli.month.whole import Outcome, replay
from server.cli.talk import Talk
from tests.builders.month import PLACE, build, lines_of


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """Three days with every eighth outlet."""
    events, planted = build(date(2026, 10, 3), 8)
    return asyncio.run(replay(Talk("en", is_quiet=True), events, planted))


def test_the_fixture_comes_out_the_same() -> None:
    """Byte for byte."""
    events, planted = build()
    assert (PLACE / "events.jsonl").read_bytes() == lines_of(events)
    assert msgspec.json.decode((PLACE / "planted.json").read_bytes()) == msgspec.to_builtins(planted)


def test_what_happens_on_phones_reaches_the_server(outcome: Outcome) -> None:
    """Nothing is refused, and the reports have something in them."""
    assert (outcome.refused, outcome.unsent) == ((), ())
    assert outcome.reports["visits"].product["verified"] > 0
    assert outcome.reports["purchases"].product["this_quarter"] > 0


def test_every_report_is_what_the_plain_calculation_says(outcome: Outcome) -> None:
    """Two programs by one page of rules."""
    unlike = {name: one.differing for name, one in outcome.reports.items() if not one.matches_plain_calculation}
    assert unlike == {}


def test_people_and_shelves_are_in_the_reports(outcome: Outcome) -> None:
    """Tasks of care, one's own people, talks, key outlets, counted shelves."""
    for name in ("care", "staff_care", "trusted_visits", "key_outlets", "contact_reports"):
        assert outcome.reports[name].product, name
    assert outcome.reports["stock_figures"].product["steps"] > 0


def test_nothing_is_asked_about_in_vain(outcome: Outcome) -> None:
    """Of what stands as it was planted to stand."""
    assert outcome.planted.false == ()

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


def test_the_pool_goes_by_its_rules(outcome: Outcome) -> None:
    """The same number for everybody; of two offline claims the first to arrive; each reason to refuse one."""
    found = outcome.reports["claims_and_deals"].product
    assert {*found["dealt"].values()} == {3}
    assert found["claims"]["lost: taken"] == 1
    reasons = {"hold", "claims", "cool_down", "not_on_roster"}
    assert {f"refused: {one}" for one in reasons} <= found["claims"].keys()


def test_money_reviews_and_consent_go_by_their_rules(outcome: Outcome) -> None:
    """Credit refused before approval and over its limit, a case written off, bad rows, consent withdrawn."""
    found = {name: one.product for name, one in outcome.reports.items()}
    assert found["credit"] == {"approved": 2, "refused": 1}
    assert found["overdue_cases"]["refused"] == {"credit_not_approved": 1, "credit_over_limit": 1}
    assert found["overdue_cases"]["opened"] > found["overdue_cases"]["closed"] == 1
    assert outcome.counts["tasks"]["overdue"] == found["overdue_cases"]["opened"]
    assert outcome.counts["inbox"]["overdue"] >= 1
    assert (found["books"]["deliveries"], found["incidents"]) == ([4, 1, 3, 1], {"foreign_account": 1})
    assert found["registrations"] == {"approved": 1, "coded": 3, "questioned": 1, "refused": 1}
    assert found["consent"]["held_on_phones"] > 0
    assert {name: found["consent"][name] for name in ("withdrawn", "left", "left_on_phones")} == {
        "withdrawn": 1, "left": 0, "left_on_phones": 0,
    }  # fmt: skip


def test_nothing_is_asked_about_in_vain(outcome: Outcome) -> None:
    """Of what stands as it was planted to stand."""
    assert outcome.planted.false == ()

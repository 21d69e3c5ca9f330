"""The rules of the appraisal on their edges: phases, first approval, doubt, questions, months and quarters."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from server.field.appraisal.facts import Archive, Facts, Met, Phase, Why
from server.field.appraisal.rules import build_lines, keep_lines, phase_at, quarters_that_count
from server.identity.staff import Role
from server.identity.territories import Place
from sync.business.registration import is_complete
from sync.policies import Policies

EAST, WEST, WANG, LI = (UUID(int=number) for number in range(1, 5))
SHOP = UUID(int=9)
FIELDS: dict[str, Any] = {
    "name": "老张烟酒",
    "outlet_class": "hotel_a",
    "grade": "A",
    "position": object(),
    "phone": "138",
    "review": "approved",
    "status": "buyer",
}


def archive(**over: Any) -> Archive:
    """An approved archive of Wang's in the east."""
    fields = FIELDS | over.pop("fields", {})
    made: dict[str, Any] = {"territory": EAST, "registered_by": WANG, "approved_at": 100, "approved_in": EAST} | over
    return Archive(SHOP, fields, **made)


def facts(one: Archive, **over: Any) -> Facts:
    """Facts of one archive that has all it needs, in Wang's territory."""
    place = Place(EAST, WANG, Role.REP, True, 1)
    made: dict[str, Any] = {
        "verified": {SHOP: {"2026Q3"}},
        "contacts": {SHOP: 1},
        "fronts": {SHOP},
        "places": [place],
    }
    return Facts({SHOP: one}, **(made | over))


def built(one: Archive, month: str = "2026-10", **over: Any) -> list[tuple[UUID, int]]:
    """Who gets how much for an archive that was approved in October."""
    held, earlier = over.pop("held", ()), over.pop("earlier", ())
    lines, _ = build_lines(facts(one, **over), {SHOP: "2026-10"}, month, held=held, earlier=earlier)
    return [(line.staff, line.amount) for line in lines]


def kept(one: Archive, met: date | None = date(2026, 10, 2), **over: Any) -> list[tuple[UUID, int]]:
    """Who gets how much for keeping an archive in October."""
    known = facts(one, **({"phases": {EAST: [(50, Phase.KEEP)]}} | over))
    days = (date(2026, 10, 1), date(2026, 10, 31))
    lines = keep_lines(known, days, {SHOP: met} if met else {}, held=over.pop("held", ()))
    assert all(line.reason is Why.KEEP for line in lines)
    return [(line.staff, line.amount) for line in lines]


def test_an_archive_is_paid_for_once_in_the_month_of_its_first_approval() -> None:
    """To who registered it, at the rate of its class and grade."""
    assert built(archive()) == [(WANG, 500)]
    assert built(archive(), "2026-09") == built(archive(), "2026-11") == []
    assert built(archive(), policies=Policies({"reward_build_hotel_a_A": "1200"})) == [(WANG, 1200)]
    assert built(archive(registered_by=None)) == []


def test_what_a_question_held_back_is_paid_for_in_a_later_month() -> None:
    """And is told as held back in the month of its approval."""
    lines, held = build_lines(facts(archive()), {SHOP: "2026-10"}, "2026-10", held={SHOP}, earlier=())
    assert (lines, held) == ([], [SHOP])
    assert built(archive(), "2026-11", earlier={SHOP}) == [(WANG, 500)]
    assert built(archive(), "2026-09", earlier={SHOP}) == []


def test_duplicate_doubtful_and_removed_work_does_not_count() -> None:
    """Only where all of the registrar's own visits are doubtful."""
    assert built(archive(fields={"merged_into": UUID(int=8)})) == []
    assert built(archive(gone=True)) == []
    doubt, fine = Met(SHOP, WANG, 1, "doubtful"), Met(SHOP, WANG, 2, "verified")
    colleague = Met(SHOP, LI, 3, "verified")
    assert built(archive(), visits=[doubt]) == built(archive(), visits=[doubt, colleague]) == []
    assert built(archive(), visits=[doubt, fine]) == built(archive(), visits=[]) == [(WANG, 500)]
    assert kept(archive(), visits=[doubt, colleague]) == []
    assert kept(archive(), visits=[doubt, fine]) == [(WANG, 100)]


def test_the_phase_on_the_day_of_approval_decides() -> None:
    """A switch at that very moment counts."""
    phases = {EAST: [(100, Phase.KEEP)]}
    assert built(archive(approved_at=99), phases=phases) == [(WANG, 500)]
    assert built(archive(approved_at=100), phases=phases) == []
    assert phase_at({EAST: [(1, Phase.KEEP), (5, Phase.BUILD)]}, EAST, 5) is Phase.BUILD
    assert phase_at({}, None, 5) is Phase.BUILD


def test_a_kept_archive_is_complete_verified_and_up_to_date() -> None:
    """In the second phase, for who owns the territory at the month's end."""
    assert kept(archive()) == [(WANG, 100)]
    assert kept(archive(), phases={}) == []
    assert kept(archive(), verified={SHOP: {"2026Q2"}}) == kept(archive(), verified={}) == []
    assert kept(archive(fields={"review": "pending"})) == kept(archive(fields={"phone": ""})) == []
    assert kept(archive(), contacts={}) == [(WANG, 100)]
    assert kept(archive(fields={"status": "closed"})) == kept(archive(territory=None)) == []
    assert kept(archive(), places=[Place(EAST, LI, Role.REP, True, 1)]) == [(LI, 100)]
    assert kept(archive(), places=[]) == []


@pytest.mark.parametrize(
    ("day", "paid"), [(date(2026, 9, 30), 0), (date(2026, 10, 1), 1), (date(2026, 10, 31), 1), (None, 0)]
)
def test_up_to_date_is_a_visit_within_the_last_days_of_the_month(day: date | None, paid: int) -> None:
    """31 days before the end of October is the first."""
    assert len(kept(archive(), day)) == paid


def test_what_a_class_requires_is_its_own() -> None:
    """A class that nobody chose is none; a contact and a photo count where they are asked for."""
    assert is_complete(FIELDS, 0, has_front=True, policies=Policies())
    assert not is_complete(FIELDS, 0, has_front=False, policies=Policies())
    assert not is_complete(FIELDS | {"outlet_class": "other"}, 1, has_front=True, policies=Policies())
    strict = Policies({"required_hotel_a": "name,contact"})
    assert [is_complete(FIELDS, count, has_front=False, policies=strict) for count in (0, 1)] == [False, True]


@pytest.mark.parametrize(
    ("last", "found"),
    [
        (date(2026, 1, 31), {"2026Q1", "2025Q4"}),
        (date(2026, 12, 31), {"2026Q4", "2026Q3"}),
        (date(2026, 4, 1), {"2026Q2", "2026Q1"}),
    ],
)
def test_the_quarters_that_count_go_over_the_year(last: date, found: set[str]) -> None:
    """This one and the one before."""
    assert quarters_that_count(last) == found

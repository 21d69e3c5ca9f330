"""A plan says of each row what it means for the store, and importing a list twice changes nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.field.intake.drafts import Draft, Facts
from server.field.intake.duplicates import BECAUSE, Finding, Kind, Plan, Stored, match, tally, turned_back
from server.field.intake.table import Row, Table
from tests.builders.lists import HOME, draft, facts, north_of

MOBILE, OTHER = "+8615400000001", "+8615400000002"


def stored(plan: Plan) -> list[Stored]:
    """The store after a plan was carried out on an empty one."""
    new = [finding.draft for finding in plan.findings if finding.kind is Kind.NEW]
    return [Stored(UUID(int=at), one.source, one.facts, said=one.facts) for at, one in enumerate(new, 1)]


def kept(source: str, said: Facts, **now: object) -> Stored:
    """One outlet in the store that a list once gave, changed since by `now`."""
    return Stored(UUID(int=7), source, msgspec.structs.replace(said, **now), said)


def only(drafts: list[Draft], *existing: Stored) -> Finding:
    """The finding for the last row."""
    return match(drafts, existing).findings[-1]


def test_what_nobody_has_is_new() -> None:
    """A chain's second shop a street apart is as new as the first."""
    plan = match([draft(2, position=HOME), draft(3, position=north_of(HOME, 120)), draft(4, "福顺超市", position=HOME)])
    assert [finding.kind for finding in plan.findings] == [Kind.NEW] * 3
    assert plan.questions == ()


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({"code": "C1", "position": HOME}, {"code": "C1", "address": "一号"}, "same_code"),
        ({"ref": "osm:1", "position": HOME}, {"ref": "osm:1", "address": "一号"}, "same_source"),
        ({"address": "一号"}, {"address": "一号"}, "same_source"),
        ({"code": "C1", "position": HOME}, {"code": "C2", "position": north_of(HOME, 30)}, "same_name_near"),
        ({"code": "C1", "phones": [MOBILE]}, {"code": "C2", "phones": [MOBILE]}, "same_name_phone"),
    ],
)
def test_a_later_row_is_a_duplicate_of_an_earlier_one(first: dict[str, Any], second: dict[str, Any], why: str) -> None:
    """By source, by code, or by name with place or phone; the row it repeats is named."""
    found = only([draft(2, **first), draft(3, **second)])
    assert (found.kind, found.of_row, found.why) == (Kind.DUPLICATE, 2, why)
    assert found.why in BECAUSE


def test_a_row_like_an_outlet_in_the_store_is_a_duplicate_of_it() -> None:
    """A shop that a rep registered on a sweep is not imported beside itself, and what differs is told."""
    there = Stored(UUID(int=7), "", facts(position=HOME, phones=[MOBILE]))
    found = only([draft(2, code="C1", position=north_of(HOME, 20), address="一号", phones=[MOBILE])], there)
    assert (found.kind, found.of, found.why) == (Kind.DUPLICATE, UUID(int=7), "same_name_near")
    assert "address" in found.fields


def test_two_numbers_in_one_register_are_two_outlets() -> None:
    """Two osm_ids at one door were told apart by whoever drew the map: a question, and both are in."""
    plan = match([draft(2, ref="osm:1", position=HOME), draft(3, ref="osm:2", position=north_of(HOME, 30))])
    assert [finding.kind for finding in plan.findings] == [Kind.NEW, Kind.NEW]
    assert [(asked.row, asked.of_row, asked.how.certain) for asked in plan.questions] == [(3, 2, False)]


def test_what_is_only_alike_is_imported_and_asked_about() -> None:
    """老章烟酒 two doors from 老张烟酒 may be another shop; a person decides."""
    plan = match([draft(2, position=HOME), draft(3, "老章烟酒", position=north_of(HOME, 20))])
    assert [finding.kind for finding in plan.findings] == [Kind.NEW, Kind.NEW]
    assert [(asked.row, asked.of_row) for asked in plan.questions] == [(3, 2)]


def test_a_changed_cell_changes_its_field_alone() -> None:
    """The source tells the outlet again; an empty cell takes nothing away."""
    before = facts(code="C1", address="一号", phones=[MOBILE], notes="旺")
    found = only([draft(9, code="C1", address="二号", phones=[MOBILE])], kept("code:C1", before))
    assert (found.kind, found.of, found.fields) == (Kind.CHANGED, UUID(int=7), ("address",))


def test_a_position_moved_by_less_than_a_metre_is_the_same() -> None:
    """Rounding in a spreadsheet moves no shop."""
    before = facts(code="C1", position=HOME)
    assert only([draft(2, code="C1", position=north_of(HOME, 0.5))], kept("code:C1", before)).kind is Kind.SAME
    assert only([draft(2, code="C1", position=north_of(HOME, 5))], kept("code:C1", before)).fields == ("position",)


def test_what_a_rep_mended_since_is_not_taken_back() -> None:
    """The list says what it said last time, so the rep's new phone stands; what the list itself changed goes in."""
    before = facts(code="C1", address="一号", phones=[MOBILE])
    now = kept("code:C1", before, phones=facts(phones=[OTHER]).phones)
    assert only([draft(2, code="C1", address="一号", phones=[MOBILE])], now).kind is Kind.SAME
    assert only([draft(2, code="C1", address="二号", phones=[MOBILE])], now).fields == ("address",)


def test_a_code_that_stands_for_quite_another_outlet_sends_the_row_back() -> None:
    """Neither in the file nor in the store is one shop turned into another by a slip of the code."""
    there = draft(2, code="C1", position=HOME, phones=[MOBILE])
    slip = draft(3, "福顺超市", code="C1", position=north_of(HOME, 4000), phones=[OTHER])
    in_file = match([there, slip])
    assert (in_file.findings[1].kind, in_file.findings[1].of_row) == (Kind.REJECTED, 2)
    assert only([slip], kept("code:C1", there.facts)).kind is Kind.REJECTED
    table = Table("csv", ("编码", "店名"), (Row(2, ("C1", "老张烟酒")), Row(3, ("C1", "福顺超市"))), 1)
    back = turned_back(in_file, table)
    assert [(one.row, one.cells, one.reasons[0].code) for one in back] == [(3, ("C1", "福顺超市"), "code_taken")]


def test_a_shop_renamed_at_its_door_is_an_update() -> None:
    """The code and the place say that it is the same outlet under a new sign."""
    before = facts(code="C1", position=HOME)
    found = only([draft(2, "福顺超市", code="C1", position=HOME)], kept("code:C1", before))
    assert (found.kind, found.fields) == (Kind.CHANGED, ("name",))


def test_the_numbers_add_up_to_the_rows() -> None:
    """New, changed, same, duplicate and rejected rows are each counted once; the same counts as a duplicate."""
    before = facts("鑫源酒店", code="C9", address="九号")
    drafts = [
        draft(2, code="C1", position=HOME),
        draft(3, code="C2", position=north_of(HOME, 10)),
        draft(4, "鑫源酒店", code="C9", address="九号"),
        draft(5, "福顺超市", code="C1", position=north_of(HOME, 4000)),
        draft(6, "旺旺食杂", address="六号"),
    ]
    count = tally(match(drafts, [kept("code:C9", before)]), rejected=4)
    assert (count.imported, count.updated, count.duplicates, count.rejected) == (2, 0, 2, 5)
    assert sum(msgspec.structs.astuple(count)) == len(drafts) + 4


names = st.sampled_from(["老张烟酒", "老章烟酒", "福顺超市", "福顺便利店", "鑫源酒店"])
rows = st.lists(
    st.tuples(
        names,
        st.sampled_from([None, "C1", "C2", "C3"]),
        st.sampled_from([None, "osm:1", "osm:2"]),
        st.integers(0, 400),
        st.sampled_from([(), (MOBILE,), (OTHER,)]),
    ),
    max_size=14,
)


@given(rows)
def test_a_second_import_of_the_same_list_changes_nothing(
    listed: list[tuple[str, str, str, int, tuple[str, ...]]],
) -> None:
    """Whatever a list holds, all that came in the first time is known the second time, and nobody is asked again."""
    drafts = [
        draft(at, name, code=code, ref=ref, position=north_of(HOME, metres), phones=phones)
        for at, (name, code, ref, metres, phones) in enumerate(listed, 2)
    ]
    first = match(drafts)
    second = match(drafts, stored(first))
    count = tally(second, 0)
    assert (count.imported, count.updated) == (0, 0)
    assert count.duplicates + count.rejected == len(drafts)
    assert second.questions == ()

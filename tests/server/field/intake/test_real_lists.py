"""Whole files: the sample district with its documented mess, and the real outlets of Helsinki."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from uuid import UUID

import phonenumbers
import pytest

from server.field.intake.companions import read_companions
from server.field.intake.duplicates import Kind, Plan, Stored, Tally, match, tally, turned_back
from server.field.intake.normalise import ListSettings
from server.field.intake.prepare import Prepared, prepare
from server.field.intake.records import facts_of, outlet_fields
from server.field.likeness import Why
from sync.positions import distance_m
from sync.records import Outlet
from tests.builders.district import MESS, PATH, build, shops
from tests.builders.fixed_workbook import parts_of

HELSINKI = PATH.parents[1] / "helsinki" / "outlets_helsinki_west.csv"

Imported = tuple[Prepared, Plan]


@pytest.fixture(scope="module")
def district() -> Imported:
    """The sample district, planned into an empty store."""
    return _planned(PATH)


@pytest.fixture(scope="module")
def helsinki() -> Imported:
    """The real outlets, planned into an empty store."""
    return _planned(HELSINKI)


def _planned(path: Path) -> Imported:
    found = prepare(path, ListSettings())
    return found, match(found.harvest.drafts)


def _numbers(imported: Imported) -> Tally:
    return tally(imported[1], len(imported[0].harvest.rejected))


def _again(imported: Imported) -> Tally:
    """The numbers of a second import, compared with the records that the first one made."""
    found, plan = imported
    existing = []
    for at, finding in enumerate(plan.findings, 1):
        if finding.kind is Kind.NEW:
            outlet = Outlet(UUID(int=at), **outlet_fields(finding.draft))
            existing.append(Stored(outlet.id, outlet.source_ref, facts_of(outlet), finding.draft.facts))
    return tally(match(found.harvest.drafts, existing), len(found.harvest.rejected))


def test_the_workbook_is_what_its_builder_writes() -> None:
    """Part by part and byte by byte; only the compression may differ from machine to machine."""
    assert parts_of(PATH.read_bytes()) == parts_of(build())
    assert PATH.stat().st_size < 200_000


def test_the_readme_says_what_is_wrong_in_the_workbook() -> None:
    """The table of the mess is the builder's, number by number."""
    text = (PATH.parent / "README.md").read_text("utf-8")
    assert {kind: int(rows) for kind, rows in re.findall(r"^\| (\w+) \| (\d+) \|", text, re.MULTILINE)} == MESS


def test_all_phones_of_the_district_ring_nowhere() -> None:
    """No number in the workbook is one that a numbering table gives to anybody."""
    written = "".join(part.decode("utf-8", "ignore") for name, part in parts_of(PATH.read_bytes()) if "xml" in name)
    found = set(re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", written))
    assert len(found) > 1000
    assert not any(phonenumbers.is_valid_number(phonenumbers.parse(number, "CN")) for number in found)


def test_the_district_comes_in_with_its_mess_found(district: Imported) -> None:
    """Each kind of mess is found in the number that it was put in."""
    found, plan = district
    count = _numbers(district)
    assert (count.imported, count.updated, count.duplicates, count.rejected) == (1200, 0, 12, 12)
    remarks = Counter(remark.reason.code for remark in found.harvest.remarks)
    assert remarks["phone_not_one"] + remarks["phone_unreadable"] == MESS["phone_wrong"]
    assert (remarks["phone_rounded"], remarks["position_swapped"]) == (MESS["phone_rounded"], MESS["swapped"])
    why = Counter(finding.why for finding in plan.findings)
    assert why["same_name_near"] == MESS["duplicate_new_code"]
    assert why["same_code"] == MESS["duplicate_same_code"]
    asked = Counter(question.how.why for question in plan.questions)
    assert asked == {Why.ALIKE_NAME_NEAR: MESS["question_alike"], Why.SAME_SOUND_NEAR: MESS["question_sound"]}
    back = [*found.harvest.rejected, *turned_back(plan, found.table)]
    kinds = ("name_missing", "position_impossible", "money_unreadable", "code_taken")
    assert Counter(row.reasons[0].code for row in back) == {kind: MESS[kind] for kind in kinds}


def test_every_position_of_the_district_arrives_where_the_shop_is(district: Imported) -> None:
    """In three datums and now and then swapped, each is within what six decimals can say."""
    made = dict(enumerate(shops(), 4))
    placed = [draft for draft in district[0].harvest.drafts if draft.facts.position]
    assert len(placed) == 1215 - MESS["no_position"]
    for draft in placed:
        place, position = made[draft.row].place, draft.facts.position
        assert place is not None
        assert position is not None
        assert distance_m(place, position) < 0.2, draft


def test_the_district_has_a_dealer_s_shape(district: Imported) -> None:
    """Six territories of 100 to 400 outlets and a pool, all the design's classes, a contact with nearly each."""
    facts = [draft.facts for draft in district[0].harvest.drafts]
    areas = Counter(one.territory for one in facts)
    assert areas.pop("公海") >= 50
    assert len(areas) == 6
    assert all(100 <= outlets <= 400 for outlets in areas.values())
    assert len({one.outlet_class for one in facts}) == 11
    assert all(one.contact_name for one in facts)
    assert sum(1 for one in facts if one.credit_limit) > 100


def test_the_other_sheets_list_staff_territories_and_products() -> None:
    """Ten reps, each in a territory; six territories and one pool; products with prices in fen."""
    found = read_companions(PATH)
    reps = [person for person in found.staff if person.role == "rep"]
    assert len(reps) == 10
    assert {person.role for person in found.staff} == {"rep", "manager", "service", "archivist"}
    named = {area.name for area in found.territories}
    assert all(person.phone.startswith("+86154") and set(person.territories) <= named for person in found.staff)
    assert {person.territories[0] for person in reps if person.part == "owner"} == named - {"公海"}
    assert [area.name for area in found.territories if area.pool] == ["公海"]
    assert (len(found.products), found.products[0].price) == (12, 6800)


def test_the_real_outlets_all_come_in(helsinki: Imported) -> None:
    """461 rows, as they are: none comes back, and no chain's second shop is taken for the first."""
    found, plan = helsinki
    count = _numbers(helsinki)
    assert (count.imported, count.updated, count.duplicates, count.rejected) == (461, 0, 0, 0)
    assert found.harvest.region == "FI"
    assert [remark.reason.code for remark in found.harvest.remarks if remark.reason.code != "class_unknown"] == [
        "phone_not_one"
    ]
    assert len(plan.questions) == 9
    assert not any(question.how.certain for question in plan.questions)
    written = [phone for draft in found.harvest.drafts for phone in draft.facts.phones]
    assert len(written) == 205
    assert all(phone.e164 and phone.e164.startswith("+358") for phone in written)


@pytest.mark.parametrize("which", ["district", "helsinki"])
def test_a_second_import_changes_nothing(which: str, request: pytest.FixtureRequest) -> None:
    """Compared with the records that the first import made, every row is known, and the numbers still add up."""
    imported: Imported = request.getfixturevalue(which)
    count = _again(imported)
    assert (count.imported, count.updated) == (0, 0)
    assert count.duplicates + count.rejected == len(imported[0].table.rows)

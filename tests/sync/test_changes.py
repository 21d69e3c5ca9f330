"""Changes are typed against the declared fields, or refused with a code that stays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.changes import SetChange, check_size, element_key, laid_on, made_of, read_changes
from sync.codec import encode, pack, unpack
from sync.errors import Refusal
from sync.positions import Position
from sync.records import COLLECTIONS, Collection, Grade, Outlet, Relative, StockLine
from sync.records.base import MOST_BYTES, MOST_ELEMENTS
from sync.rules import Merge
from tests.sync.builders import id_of, outlet, quick
from tests.sync.frozen import sample

OUTLET, VISIT = COLLECTIONS["outlet"], COLLECTIONS["visit"]
DERIVED = [
    (one, name) for one in COLLECTIONS.values() for name, rule in one.rules.items() if rule.merge is Merge.DERIVED
]


def _code(one: Collection, changes: Any) -> str:
    with pytest.raises(Refusal) as refused:
        read_changes(one, changes if isinstance(changes, bytes) else encode(changes))
    return refused.value.code


def _as_changes(one: Collection, record: Any) -> dict[str, Any]:
    named = {name: getattr(record, name) for name, rule in one.rules.items() if rule.merge is not Merge.DERIVED}
    return {name: {"add": v} if one.rule(name).merge is Merge.SET else v for name, v in named.items()}


@pytest.mark.parametrize("one", COLLECTIONS.values(), ids=lambda one: one.name)
def test_every_field_that_may_be_named_is_read_with_its_type(one: Collection) -> None:
    """A record made of its own changes is the record, but for what the server derives."""
    record = sample(one.type)
    named = _as_changes(one, record) | ({"position": Position(30.5, 30.5)} if "position" in one.rules else {})
    made = made_of(one, record.id, read_changes(one, encode(named)))
    assert {name: getattr(made, name) for name in named if name != "position"} == {
        name: getattr(record, name) for name in named if name != "position"
    }
    assert unpack(pack(made)) == made


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("outlet", {"name": "a\x00"}),
        ("outlet", {"cooperation": [None, None, "\x00"]}),
        ("visit", {"competitors": [["A"], ["B", "\x00"]]}),
        ("contact_private", {"family": {"add": [["k", "\x00"]]}}),
        ("contact_private", {"hobbies": {"remove": ["\x00"]}}),
    ],
)
def test_a_text_holds_no_nul(name: str, changes: Any) -> None:
    """One of the two stores cannot keep it, so neither is asked to, however deep it is."""
    assert _code(COLLECTIONS[name], changes) == "bad_value"


@pytest.mark.parametrize("way", ["add", "remove"])
def test_a_set_names_a_thousand_elements_at_most(way: str) -> None:
    """What one operation may ask for is bounded, and so is what merging it costs."""
    most = [str(at) for at in range(MOST_ELEMENTS)]
    assert read_changes(OUTLET, encode({"visit_days": {way: most}}))
    assert _code(OUTLET, {"visit_days": {way: [*most, "x"]}}) == "bad_value"


def test_a_record_grows_to_a_size_and_no_further() -> None:
    """Stock lines and sets grow with every operation; a record that no answer could carry is refused before that."""
    few, many = {"S": StockLine(1)}, {f"S{at:057}": StockLine(1) for at in range(3000)}
    check_size(OUTLET, outlet(stock=few))
    for grown in (outlet(stock=many), outlet(visit_days=tuple(str(at) for at in range(MOST_ELEMENTS + 1)))):
        with pytest.raises(Refusal, match="bad_value"):
            check_size(OUTLET, grown)
    assert len(pack(outlet(stock=many))) > MOST_BYTES


@pytest.mark.parametrize(("one", "field"), DERIVED, ids=[f"{one.name}.{name}" for one, name in DERIVED])
def test_what_the_server_derives_cannot_be_named(one: Collection, field: str) -> None:
    """It is refused like a field that does not exist, whatever its value."""
    assert _code(one, {field: getattr(sample(one.type), field)}) == "unknown_field"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"nonsense": 1}, "unknown_field"),
        ({"id": id_of(9)}, "unknown_field"),
        ({"visit_days": {"add": ["mon"], "replace": ["tue"]}}, "unknown_field"),
        ({"grade": "D"}, "bad_value"),
        ({"grade": "Object contains unknown field `x`"}, "bad_value"),
        ({"name": 5}, "bad_value"),
        ({"name": None}, "bad_value"),
        ({"name": ""}, "bad_value"),
        ({"name": "x" * 121}, "bad_value"),
        ({"notes": "x" * 4001}, "bad_value"),
        ({"position": [91.0, 0.0]}, "bad_value"),
        ({"position": [float("nan"), 0.0]}, "bad_value"),
        ({"position": [0.0, float("inf")]}, "bad_value"),
        ({"position": [0.0, 0.0, float("inf")]}, "bad_value"),
        ({"position": [0.0, 0.0, 5.0, "mars"]}, "bad_value"),
        ({"credit": [1 << 60, 30]}, "bad_value"),
        ({"cooperation": ["2026-02-29"]}, "bad_value"),
        ({"main_contact": b"short"}, "bad_value"),
        ({"visit_days": ["mon"]}, "bad_value"),
        ({"visit_days": {"remove": [5]}}, "bad_value"),
        ([], "bad_value"),
        ({1: 2}, "bad_value"),
        (b"", "undecodable"),
        (b"\x81\xa4name", "undecodable"),
        (b"\x81\xa4name\xa2\xff\xfe", "undecodable"),
        (encode({"name": "a"}) + b"\x00", "undecodable"),
        (b"\x81\xa4name" + b"\x91" * 100_000, "bad_value"),
    ],
)
def test_bad_changes_are_refused_by_name(changes: Any, code: str) -> None:
    """Unknown fields, values outside their bounds, and bytes that are none: three codes, and no other error."""
    assert _code(OUTLET, changes) == code


@pytest.mark.parametrize(
    "track",
    [[float("nan"), 0.0, 1], [0.0, float("inf"), 1], [0.0, 0.0, -1], [0.0, 0.0, 1 << 63]],
)
def test_a_track_is_made_of_places_and_times(track: list[float]) -> None:
    """A number that no store can hold does not get in by way of a sweep."""
    assert _code(COLLECTIONS["sweep"], {"track": [track]}) == "bad_value"


@quick
@given(st.dictionaries(st.sampled_from([*OUTLET.rules, "x"]), st.none() | st.integers() | st.text() | st.binary()))
def test_any_changes_are_read_or_refused(changes: dict[str, Any]) -> None:
    """Nothing but a Refusal comes out of bad changes."""
    try:
        read = read_changes(OUTLET, encode(changes))
    except (Refusal, OverflowError):
        return
    changed = laid_on(outlet(), read)
    assert unpack(pack(changed)) == changed


@quick
@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.integers(1, 40))
def test_a_day_is_a_day_that_exists(day: date, more: int) -> None:
    """Every day from 1900 to 2199 is one; the 29th to 40th of a month only where the month has it."""
    assert read_changes(OUTLET, encode({"cooperation": [day.isoformat()]}))
    text = f"{day.isoformat()[:8]}{more:02}"
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    if more > last.day:
        assert _code(OUTLET, {"cooperation": [text]}) == "bad_value"
    for other in (day.isoformat() + "\n", " " + day.isoformat(), day.strftime("%Y-%m-%e"), day.strftime("%d.%m.%Y")):
        if other != day.isoformat():
            assert _code(OUTLET, {"cooperation": [other]}) == "bad_value"


def test_a_position_is_kept_in_wgs84() -> None:
    """Whatever datum it came in, the store and the overlay hold one."""
    position = read_changes(OUTLET, encode({"position": [39.9, 116.4, 5.0, "gcj02"]}))["position"]
    assert position.datum == "wgs84"
    assert position.lat != 39.9


def test_only_what_was_named_is_changed() -> None:
    """A field that an operation does not name keeps its value; one named None is emptied."""
    before = outlet(phone="1", main_contact=id_of(5))
    after = laid_on(before, read_changes(OUTLET, encode({"grade": "A", "main_contact": None})))
    assert isinstance(after, Outlet)
    assert (after.phone, after.grade, after.main_contact) == ("1", Grade.A, None)


def test_a_record_without_a_required_field_is_refused() -> None:
    """An outlet has a name; a visit has an outlet."""
    for one in (OUTLET, VISIT):
        with pytest.raises(Refusal) as refused:
            made_of(one, id_of(1), {})
        assert refused.value.code == "bad_value"


def test_an_element_is_told_by_its_key() -> None:
    """A text is its own key; a member of a family has one."""
    assert (element_key("茶"), element_key(Relative("son", "小明"))) == ("茶", "son")


def test_a_set_that_is_given_at_the_start_is_added() -> None:
    """A new record's sets travel as additions too, and each element is there once."""
    made = made_of(OUTLET, id_of(1), {"name": "a", "visit_days": SetChange(("mon", "tue", "mon"))})
    assert isinstance(made, Outlet)
    assert made.visit_days == ("mon", "tue")

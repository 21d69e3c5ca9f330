"""Every collection and field is declared once, and what phones in the field rely on is frozen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from sync.codec import pack, plain, unpack
from sync.records import COLLECTIONS, Collection, Home, by_tag, collection
from sync.rules import Merge, Writer
from sync.versions import CURRENT, SCHEMA
from tests.sync.frozen import FOLDER, MESSAGES, messages_now, schema_now

EVERY = pytest.mark.parametrize("one", COLLECTIONS.values(), ids=lambda one: one.name)
SCHEMAS = sorted(FOLDER.glob("schema-*.json"))
FIELDS = [(one, name) for one in COLLECTIONS.values() for name in one.rules]


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


@EVERY
def test_every_field_has_a_rule(one: Collection) -> None:
    """All fields but the id say how they merge and who may write them."""
    assert ["id", *one.rules] == list(one.type.__struct_fields__)


@EVERY
def test_a_collection_is_found_by_name_and_by_tag(one: Collection) -> None:
    """Both ways lead to the same declaration, and no two collections share a tag."""
    assert collection(one.name) is by_tag(one.tag) is one


@EVERY
def test_a_tag_is_one_byte(one: Collection) -> None:
    """`peek` reads the tag from one byte, which MessagePack has for numbers below 128."""
    assert 0 < one.tag < 128


@EVERY
def test_every_field_that_was_appended_has_a_default(one: Collection) -> None:
    """Required fields stand before all others, so an older side's records can still be read."""
    required = [field.required for field in msgspec.structs.fields(one.type)]
    assert required == sorted(required, reverse=True)


def test_unknown_names_and_tags_are_none() -> None:
    """What a newer side sends is told apart from what is known."""
    assert collection("wipe_order") is None
    assert by_tag(99) is None


@pytest.mark.parametrize(("one", "field"), FIELDS, ids=[f"{one.name}.{name}" for one, name in FIELDS])
def test_a_rule_makes_sense(one: Collection, field: str) -> None:
    """Append-only records have nothing that merges; what is derived is nobody's to write."""
    rule = one.rule(field)
    if one.append_only:
        assert rule.merge in {Merge.FIXED, Merge.DERIVED}
    if rule.merge is Merge.FORWARD:
        kind = msgspec.structs.fields(one.type)[1:]
        assert any(each.name == field and issubclass(each.default.__class__, str) for each in kind)


def test_what_a_rep_may_do_is_what_the_design_says() -> None:
    """The design's table of records and scopes, as the code has it."""
    creates = {one.name for one in COLLECTIONS.values() if one.rep_creates}
    edits = {one.name for one in COLLECTIONS.values() if one.rep_edits}
    logged = {"visit", "sweep", "photo", "order", "delivery", "payment", "acknowledgement", "opening"}
    logged |= {"daily_report", "contact_report", "verification", "gift"}
    kept = {"outlet", "contact", "contact_private", "practice", "occasion", "credit_application"}
    assert creates == kept | logged | {"claim"}
    assert edits == kept | {"task", "refused"}
    assert {one.name for one in COLLECTIONS.values() if one.append_only} == logged


def test_a_rep_proposes_grade_credit_and_closing() -> None:
    """The rest of an outlet is a rep's to write, but for what managers and the server keep."""
    rules = COLLECTIONS["outlet"].rules
    assert {name for name, rule in rules.items() if rule.write is Writer.PROPOSE} == {"grade", "credit"}
    assert [name for name, rule in rules.items() if rule.is_only_proposed("closed") and name == "status"] == ["status"]
    assert not rules["status"].is_only_proposed("buyer")
    assert {name for name, rule in rules.items() if rule.write is Writer.MANAGER} == {
        "review", "review_note", "source_ref",
    }  # fmt: skip
    assert [name for name, rule in rules.items() if rule.write is Writer.REGISTRAR] == ["code"]


def test_private_parts_stand_in_the_private_scope() -> None:
    """Hobbies, family and birthdays never share a scope with what every rep holds."""
    assert [one.name for one in COLLECTIONS.values() if one.home is Home.PRIVATE] == ["contact_private", "occasion"]


def test_the_current_schema_is_frozen() -> None:
    """Who appends a field raises SCHEMA and lays a new frozen file beside the old ones: see tests/sync/frozen.py."""
    assert _read(FOLDER / f"schema-{SCHEMA}.json") == schema_now()


def test_the_current_messages_are_frozen() -> None:
    """The same for messages, and every struct of the message list is in the file."""
    frozen = _read(FOLDER / f"messages-{CURRENT}.json")
    assert frozen == messages_now()
    assert frozen["messages"].keys() == MESSAGES.keys()


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda one: one.stem)
def test_no_schema_is_ever_changed_but_by_appending(path: Path) -> None:
    """Tags stay, fields keep their places, enumerations keep their values: in every schema that was ever out."""
    frozen, now = _read(path), schema_now()
    for name, old in frozen["collections"].items():
        new = now["collections"][name]
        assert (new["tag"], new["fields"][: len(old["fields"])]) == (old["tag"], old["fields"])
    for table in ("parts", "enumerations"):
        for name, values in frozen[table].items():
            assert now[table][name][: len(values)] == values


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda one: one.stem)
def test_records_of_every_schema_can_be_read(path: Path) -> None:
    """A packed record of any schema that was ever out opens with the values that it was packed with."""
    for name, old in _read(path)["collections"].items():
        found = plain(unpack(bytes.fromhex(old["packed"])))
        assert {field: found[field] for field in old["fields"]} == old["example"], name


def test_a_record_of_a_newer_schema_can_be_read() -> None:
    """A phone that is a schema behind passes over fields at the end that it does not know."""
    for one in schema_now()["collections"].values():
        values = msgspec.msgpack.decode(bytes.fromhex(one["packed"]))
        newer = msgspec.msgpack.encode([*values, "a later field"])
        assert pack(unpack(newer)).hex() == one["packed"]


def test_fields_that_are_left_out_have_their_defaults() -> None:
    """A server that is a schema ahead reads a record that ends sooner."""
    short = msgspec.msgpack.encode([1, UUID(int=5).bytes, "老张烟酒"])
    assert plain(unpack(short))["grade"] == "C"

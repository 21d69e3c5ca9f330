"""The exchange in plain JSON comes to the same values as the compact form, and a bad operation holds nothing up."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.changes import SetChange, read_changes
from sync.clock import Moment
from sync.codec import DecodeError, decode, encode, pack, plain
from sync.digest import entry_hash
from sync.errors import Refusal
from sync.frames import MAX_REQUEST
from sync.jsonform import answer_to_json, request_from_json
from sync.messages import (
    Head,
    Index,
    Light,
    Mended,
    Page,
    Removal,
    Removed,
    Row,
    ScopePage,
    Standing,
    SyncRequest,
    Tail,
)
from sync.operations import START_HASH, Operation, chain
from sync.records import COLLECTIONS, Relative
from tests.sync.builders import NOON, any_of, id_of, outlet, quick
from tests.sync.frozen import sample
from tests.sync.test_cursors import OURS

MOMENT = {"boot": "boot-1", "elapsed": 5, "claimed": NOON}
LEAST: dict[str, Any] = {"protocol": 1, "schema": 1, "epoch": "00ff", "moment": MOMENT}
EDIT: dict[str, Any] = {
    "id": str(id_of(7)),
    "act": "edit",
    "collection": "outlet",
    "record": str(id_of(1)),
    "base": 1,
    "moment": MOMENT,
}


def _read(**more: Any) -> SyncRequest:
    return request_from_json(msgspec.json.encode(LEAST | more))


def _changes(collection: str, changes: Any) -> Any:
    body = _read(operations=[EDIT | {"collection": collection, "changes": changes}]).operations[0]
    return read_changes(COLLECTIONS[collection], bytes(decode(body, Operation).changes))


def _as_json(request: SyncRequest) -> dict[str, Any]:
    operations = [decode(body, Operation) for body in request.operations]
    named: dict[str, Any] = plain(request)
    named["operations"] = [
        plain(one) | {"changes": plain(msgspec.msgpack.decode(bytes(one.changes)))} for one in operations
    ]
    return named


@quick
@given(any_of(SyncRequest), st.lists(any_of(Operation), max_size=3))
def test_a_request_reads_the_same_in_both_forms(request: SyncRequest, operations: list[Operation]) -> None:
    """Names, text and hexadecimal come to the very values, and the very operation bytes, of the compact form."""
    whole = msgspec.structs.replace(request, operations=tuple(encode(one) for one in operations))
    assert request_from_json(msgspec.json.encode(_as_json(whole))) == whole


def test_what_is_left_out_has_its_default() -> None:
    """A person with curl writes what matters."""
    assert _read() == SyncRequest(1, 1, b"\x00\xff", Moment("boot-1", 5, NOON))


def test_ids_are_text_or_hexadecimal() -> None:
    """Wherever 16 bytes stand for a record, its id may be written as ids are."""
    for text in (str(id_of(1)), id_of(1).hex):
        assert _read(wants={"company": [text]}).wants == {"company": (id_of(1).bytes,)}


def test_changes_are_written_by_name() -> None:
    """Parts of a field too: positions, birthdays, members of a family."""
    found = _changes("outlet", {"name": "新", "position": {"lat": 39.9, "lon": 116.4}, "main_contact": str(id_of(2))})
    assert (found["name"], found["position"].lon, found["main_contact"]) == ("新", 116.4, id_of(2))
    family = {"add": [{"key": "son", "name": "小明"}], "remove": ["uncle"]}
    assert _changes("contact_private", {"family": family}) == {
        "family": SetChange((Relative("son", "小明"),), ("uncle",))
    }
    visit = _changes("visit", {"outlet": str(id_of(1)), "stock": [{"product": "SKU-1", "on_hand": 3}]})
    assert visit["stock"][0].on_hand == 3


def test_an_outbox_without_an_end_ends_with_what_is_sent() -> None:
    """So that curl needs no running hash of its own for the first push."""
    request = _read(outbox={"id": "ab" * 16}, operations=[EDIT, EDIT | {"base": 2}])
    assert request.outbox is not None
    first, second = request.operations
    assert (request.outbox.last, request.outbox.last_hash) == (2, chain(chain(START_HASH, first), second))


@pytest.mark.parametrize(
    "bad",
    [
        None,
        5,
        "text",
        [],
        {},
        [str(id_of(7)), "edit", "outlet", str(id_of(1)), 1, ["boot-1", 5, NOON], None, {}],
        EDIT | {"id": "7"},
        EDIT | {"act": "destroy"},
        EDIT | {"base": -1},
        EDIT | {"moment": 5},
        EDIT | {"more": 1},
        EDIT | {"changes": []},
        EDIT | {"changes": None},
        EDIT | {"collection": ["outlet"]},
        {name: value for name, value in EDIT.items() if name != "record"},
    ],
)
def test_a_malformed_operation_decodes_to_nothing_and_keeps_its_text(bad: Any) -> None:
    """It becomes a dead letter with what was written in it; the operations beside it are not held up."""
    request = _read(operations=[EDIT, bad, EDIT | {"base": 2}])
    before, spoilt, behind = request.operations
    assert (decode(before, Operation).base, decode(behind, Operation).base) == (1, 2)
    assert msgspec.json.decode(spoilt) == bad
    with pytest.raises(DecodeError):
        decode(spoilt, Operation)


def test_a_number_too_large_for_the_compact_form_spoils_its_operation_alone() -> None:
    """JSON has numbers that MessagePack has not."""
    text = msgspec.json.encode(LEAST | {"operations": [EDIT]}).replace(
        b'"base":1', b'"base":1,"changes":{"x":' + b"9" * 30 + b"}"
    )
    body = request_from_json(text).operations[0]
    with pytest.raises(DecodeError):
        decode(body, Operation)


@pytest.mark.parametrize(
    ("collection", "changes", "code"),
    [
        ("outlet", {"position": {"lat": 39.9}}, "bad_value"),
        ("outlet", {"position": {"lat": 39.9, "lon": 0, "height": 3}}, "bad_value"),
        ("outlet", {"visit_days": ["mon"]}, "bad_value"),
        ("outlet", {"visit_days": {"add": "mon"}}, "bad_value"),
        ("outlet", {"visit_days": 5}, "bad_value"),
        ("outlet", {"main_contact": "nobody"}, "bad_value"),
        ("outlet", {"nonsense": {"deep": [1]}}, "unknown_field"),
        ("outlet", {"id": str(id_of(1))}, "unknown_field"),
    ],
)
def test_bad_changes_are_refused_where_all_changes_are(collection: str, changes: Any, code: str) -> None:
    """The JSON form passes on what it cannot shape, so that the refusal has its usual code."""
    with pytest.raises(Refusal) as refused:
        _changes(collection, changes)
    assert refused.value.code == code


def test_an_unknown_collection_is_passed_on() -> None:
    """It is the write path that refuses it, and keeps it."""
    body = _read(operations=[EDIT | {"collection": "wipe_order", "changes": {"device": "x"}}]).operations[0]
    assert decode(body, Operation).collection == "wipe_order"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"5",
        b'{"protocol": 1',
        b"\xff",
        b"[" * 100_000,
        b'{"operations": ' + b"[" * 100_000,
        msgspec.json.encode({**LEAST, "protocol": None}),
        msgspec.json.encode({**LEAST, "later": 1}),
        msgspec.json.encode({**LEAST, "epoch": "xyz"}),
        msgspec.json.encode({**LEAST, "epoch": "abcd=="}),
        msgspec.json.encode({**LEAST, "epoch": 5}),
        msgspec.json.encode({**LEAST, "operations": {}}),
        msgspec.json.encode({**LEAST, "operations": 5}),
        msgspec.json.encode({**LEAST, "outbox": {"acknowledged": 1}}),
        msgspec.json.encode({**LEAST, "outbox": {"id": "ab"}}),
        msgspec.json.encode({**LEAST, "outbox": {"id": "ab" * 16, "hash": "no"}}),
        msgspec.json.encode({**LEAST, "outbox": {"id": "ab" * 16, "acknowledged": "1"}}),
        msgspec.json.encode({**LEAST, "cursors": {"company": {"version": -1}}}),
        msgspec.json.encode({**LEAST, "cursors": {"company": 5}}),
        msgspec.json.encode({**LEAST, "wants": {"company": ["ab"]}}),
        msgspec.json.encode({**LEAST, "limit": 1 << 60}),
        msgspec.json.encode({name: value for name, value in LEAST.items() if name != "moment"}),
    ],
)
def test_a_bad_request_is_refused_by_name(data: bytes) -> None:
    """One code, with a sentence about what is wrong."""
    with pytest.raises(Refusal) as refused:
        request_from_json(data)
    assert refused.value.code == "bad_request"
    assert refused.value.detail


def test_a_huge_request_is_refused_before_it_is_read() -> None:
    """The same bound as for the compact form when it is open."""
    with pytest.raises(Refusal) as refused:
        request_from_json(b" " * (MAX_REQUEST + 1))
    assert refused.value.code == "too_large"


@quick
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["protocol", "operations", "outbox", "id", "changes", "x"]), inner)
        ),
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:
    """Nothing but a Refusal comes out."""
    for data in (value, LEAST | {"operations": value}, LEAST | {"operations": [value]}, LEAST | {"outbox": value}):
        try:
            request_from_json(msgspec.json.encode(data))
        except Refusal:
            continue


def test_an_answer_is_written_with_names() -> None:
    """Records under `record`, ids as text, and the hash that a row adds to its scope's digest."""
    packed = pack(outlet(grade="A"))
    page = Page(
        scopes=(ScopePage("company", 0, OURS, (Row(5, 2, packed),), (Removal(id_of(3).bytes, 6, Removed.MOVED),)),),
        indexes=(Index("company", OURS, (1,), (Light(id_of(4).bytes, 7, 1, b"\x01" * 8),), 2),),
        mended=(Mended("company", (Row(5, 2, packed),), (id_of(5).bytes,)),),
    )
    found = msgspec.json.decode(answer_to_json(Head(Standing.ACTIVE, NOON, b"epoch--1"), page, Tail(True)))
    scope, index, mended = (found["page"][name][0] for name in ("scopes", "indexes", "mended"))
    row = scope["rows"][0]
    assert row == {
        "version": 5,
        "revision": 2,
        "collection": "outlet",
        "record": plain(outlet(grade="A")),
        "hash": entry_hash(b"epoch--1", 5, 2, packed).hex(),
    }
    assert scope["removed"] == [{"record": str(id_of(3)), "version": 6, "reason": "moved"}]
    assert (index["light"][0]["record"], index["next"]) == (str(id_of(4)), 2)
    assert (mended["rows"], mended["missing"]) == ([row], [str(id_of(5))])
    assert (found["head"]["epoch"], found["tail"]["checkpoint"]) == (b"epoch--1".hex(), True)


def test_every_part_of_an_answer_can_be_written() -> None:
    """Nothing that a head or a tail can hold has no JSON."""
    found = msgspec.json.decode(answer_to_json(sample(Head), Page(), sample(Tail)))
    assert found["head"].keys() == {*Head.__struct_fields__}
    assert found["page"] == {"scopes": [], "indexes": [], "mended": []}


def test_every_collection_can_be_written() -> None:
    """A row of each of them."""
    rows = tuple(Row(1, 1, pack(sample(one.type))) for one in COLLECTIONS.values())
    page = Page(scopes=(ScopePage("company", 0, OURS, rows),))
    found = msgspec.json.decode(answer_to_json(sample(Head), page, Tail()))["page"]["scopes"][0]["rows"]
    assert [row["collection"] for row in found] == list(COLLECTIONS)

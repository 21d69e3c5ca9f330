"""What is encoded comes back, and what is not ours is refused in one way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.clock import Moment
from sync.codec import DecodeError, decode, encode, pack, peek, plain, unpack
from sync.messages import SyncRequest
from sync.operations import Operation
from sync.records import COLLECTIONS, Record
from tests.sync.builders import any_of, edit, id_of, moment, outlet, quick

DEEP = 100_000


@quick
@given(st.one_of([any_of(one.type) for one in COLLECTIONS.values()]))
def test_every_record_comes_back_as_it_was(record: Any) -> None:
    """Packing loses nothing, and is repeatable byte for byte."""
    packed = pack(record)
    assert unpack(packed) == record
    assert pack(unpack(packed)) == packed


@quick
@given(st.one_of([any_of(one.type) for one in COLLECTIONS.values()]))
def test_collection_and_id_are_read_without_unpacking(record: Record) -> None:
    """The feed and the phone sort packed records by their first bytes alone."""
    one, record_id = peek(pack(record))
    assert (one.type, record_id) == (type(record), record.id.bytes)


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\x92\x01",
        b"\x82\x01\xc4\x10" + bytes(16),
        b"\xdd\x01\xc4\x10" + bytes(16),
        b"\x92\x63\xc4\x10" + bytes(16),
        b"\x92\x01\xc4\x0f" + bytes(16),
        b"\x92\x01\xc4\x10" + bytes(15),
        b"\xdc\x00\x02\x01\xc4\x10" + bytes(15),
        b"\x92\x01\xd9\x10" + bytes(16),
    ],
)
def test_what_is_no_packed_record_is_not_peeked_into(packed: bytes) -> None:
    """Cut bytes, other types, unknown tags and ids of another form are refused."""
    with pytest.raises(DecodeError):
        peek(packed)


@quick
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No input makes anything but a value or a DecodeError."""
    for kind in (SyncRequest, Operation, Moment):
        try:
            decode(data, kind)
        except DecodeError:
            continue
    try:
        unpack(data)
    except DecodeError:
        return


@pytest.mark.parametrize("nest", [b"\x91" * DEEP, b"\x81\xa1a" * DEEP], ids=["arrays", "maps"])
def test_endless_nesting_is_refused(nest: bytes) -> None:
    """A body that is nested a hundred thousand deep is bad data, and no crash."""
    whole = encode(edit())
    with pytest.raises(DecodeError):
        decode(whole[:-1] + nest + b"\xc0", Operation)


def test_text_that_is_no_utf8_is_refused() -> None:
    """The same error as for all other bad data."""
    with pytest.raises(DecodeError):
        decode(b"\x93\xa2\xff\xfe\x00\x00", Moment)


@pytest.mark.parametrize("claim", [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff"])
def test_a_length_that_is_not_there_takes_no_memory(claim: bytes) -> None:
    """Four thousand million elements in five bytes are refused before anything is made of them."""
    with pytest.raises(DecodeError):
        decode(claim, tuple[bytes, ...])


@pytest.mark.parametrize("change", [{"elapsed": -1}, {"elapsed": 1 << 60}, {"claimed": 1 << 63}, {"boot": "b" * 101}])
def test_numbers_that_no_store_can_hold_are_refused(change: dict[str, Any]) -> None:
    """What is decoded fits a column of 64 bits and a JSON reader, so nothing later has to ask."""
    spoilt = msgspec.structs.replace(moment(1), **change)
    with pytest.raises(DecodeError):
        decode(encode(spoilt), Moment)


def test_bytes_after_the_value_are_refused() -> None:
    """One value is one message."""
    with pytest.raises(DecodeError):
        decode(encode(moment()) + b"\x00", Moment)


def test_ids_travel_as_sixteen_bytes() -> None:
    """Half of what their text takes."""
    assert encode(id_of(7)) == b"\xc4\x10" + id_of(7).bytes


def test_people_read_names_text_and_hexadecimal() -> None:
    """`plain` gives JSON that needs no key to read."""
    found = plain([outlet(main_contact=UUID(int=1)), {id_of(2): b"\x01\xff"}, (None, 1.5)])
    assert found[0]["name"] == "老张烟酒"
    assert found[0]["main_contact"] == str(UUID(int=1))
    assert found[1:] == [{str(id_of(2)): "01ff"}, [None, 1.5]]
    assert msgspec.json.encode(found)

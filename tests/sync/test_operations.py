"""An operation is framed bytes, and the running hash of an outbox hangs on every one of them."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.codec import DecodeError, decode, encode
from sync.operations import START_HASH, Act, Operation, chain, changes_of
from tests.sync.builders import any_of, edit, id_of, quick


@quick
@given(any_of(Operation))
def test_an_operation_comes_back_as_it_was(operation: Operation) -> None:
    """Its changes stay the very bytes that were sent."""
    again = decode(encode(operation), Operation)
    assert encode(again) == encode(operation)
    assert bytes(again.changes) == bytes(operation.changes)


def test_changes_that_this_side_does_not_know_are_kept() -> None:
    """A field of a newer app is hashed, stored and replayed as it came."""
    sent = encode(edit(later_field={"deep": [1, 2]}))
    assert encode(decode(sent, Operation)) == sent


def test_a_field_at_the_end_that_this_side_does_not_know_is_passed_over() -> None:
    """A newer app's operation can be read by an older server."""
    values = msgspec.msgpack.decode(encode(edit(name="a")))
    assert decode(msgspec.msgpack.encode([*values, "later"]), Operation).act is Act.EDIT


@pytest.mark.parametrize("change", [{"act": "destroy"}, {"base": -1}, {"base": 1 << 62}, {"scope": "s" * 101}])
def test_an_operation_that_is_none_is_refused(change: dict[str, object]) -> None:
    """The server keeps such bytes as a dead letter, `undecodable`."""
    with pytest.raises(DecodeError):
        decode(encode(msgspec.structs.replace(edit(), **change)), Operation)


def test_an_operation_without_changes_has_an_empty_map() -> None:
    """A move or a removal changes no field."""
    one = Operation(id_of(9), Act.MOVE, "outlet", id_of(1), 3, edit().moment, "pool/x")
    assert bytes(decode(encode(one), Operation).changes) == bytes(changes_of()) == b"\x80"


def test_the_running_hash_is_blake2b_over_the_one_before_and_the_body() -> None:
    """h_n = BLAKE2b-16(h_{n-1} || body), from sixteen zero bytes."""
    assert bytes(16) == START_HASH
    assert chain(START_HASH, b"body") == hashlib.blake2b(bytes(16) + b"body", digest_size=16).digest()


@quick
@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=6), st.data())
def test_any_change_of_any_operation_changes_the_hash(bodies: list[bytes], data: st.DataObject) -> None:
    """Another byte, another order or another number of operations: another hash at the end."""

    def last(each: list[bytes]) -> bytes:
        current = START_HASH
        for body in each:
            current = chain(current, body)
        return current

    at = data.draw(st.integers(0, len(bodies) - 1))
    flipped = bytes([bodies[at][0] ^ 1]) + bodies[at][1:]
    assert last([*bodies[:at], flipped, *bodies[at + 1 :]]) != last(bodies) != last(bodies[:-1])
    if bodies != bodies[::-1]:
        assert last(bodies[::-1]) != last(bodies)

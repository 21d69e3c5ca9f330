"""Ids are made from what the caller brings, and read from one text form only."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.ids import RANDOM_BYTES, new_id, parse_id
from tests.sync.builders import NOON, quick


@quick
@given(st.integers(0, (1 << 48) - 1), st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES))
def test_an_id_is_of_version_seven(now: int, random: bytes) -> None:
    """RFC 9562: version 7, variant 10, the time in the first 48 bits."""
    made = new_id(now, random)
    assert (made.version, made.variant, made.int >> 80) == (7, "specified in RFC 4122", now)


def test_the_same_time_and_randomness_make_the_same_id() -> None:
    """Nothing is drawn inside: an id is a function of what comes in."""
    assert new_id(NOON, bytes(10)) == new_id(NOON, bytes(10)) != new_id(NOON, bytes(9) + b"\x01")


def test_the_last_byte_is_random() -> None:
    """Buckets of the digest go by the last byte of an id, so it is one of the random ones."""
    assert {new_id(NOON, bytes(9) + bytes([last])).bytes[-1] for last in range(256)} == set(range(256))


def test_ids_sort_by_their_time() -> None:
    """Ids that were made together stand together in an index."""
    random = b"\xff" * RANDOM_BYTES
    assert new_id(NOON, random) < new_id(NOON + 1, bytes(RANDOM_BYTES))


@pytest.mark.parametrize("length", [0, 9, 11])
def test_an_id_takes_ten_random_bytes(length: int) -> None:
    """Too little randomness is a mistake of the caller, not an id."""
    with pytest.raises(ValueError, match="10 random bytes"):
        new_id(NOON, bytes(length))


@quick
@given(st.uuids())
def test_an_id_is_read_back_from_its_text(one: UUID) -> None:
    """The text form is 8-4-4-4-12, in either case."""
    assert parse_id(str(one)) == parse_id(str(one).upper()) == one


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0190f3c2000070008000000000000001",
        "{0190f3c2-0000-7000-8000-000000000001}",
        "urn:uuid:0190f3c2-0000-7000-8000-000000000001",
        "0190f3c2-0000-7000-8000-00000000000１",
        "0190f3c2-0000-7000-8000-0000000000_1",
        "0190f3c2-0000-7000-8000-00000000001",
        "company",
    ],
)
def test_other_spellings_are_no_ids(text: str) -> None:
    """One id has one text, so that no two names mean the same scope or record."""
    assert parse_id(text) is None

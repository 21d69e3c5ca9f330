"""Patches: the elements that differ, and the very bytes again where they are laid over the ones before."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.codec import DecodeError, encode, pack
from sync.patches import changed_places, laid_over, picked
from sync.positions import Position
from sync.records import Contact, Outlet

IDS = UUID(int=2), UUID(int=1)

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
records = st.lists(values, min_size=1, max_size=24)


@given(records, records)
def test_a_patch_over_the_bytes_before_gives_the_bytes_after(before: list[object], after: list[object]) -> None:
    """Whatever the elements are, and also where a later version appended some."""
    old, new = encode(before), encode(after)
    places = changed_places(old, new)
    if len(after) < len(before):
        assert places is None
    else:
        assert places is not None
        assert laid_over(old, picked(new, places)) == new


def test_equal_records_differ_nowhere() -> None:
    """Nothing is named, and nothing changes."""
    for record in (Outlet(UUID(int=1), "老张烟酒", position=Position(39.9, 116.4), phone="1"), Contact(*IDS, "张三")):
        packed = pack(record)
        assert changed_places(packed, packed) == ()
        assert laid_over(packed, {}) == packed


def test_only_what_differs_is_named() -> None:
    """By place; what is appended differs."""
    before, after = encode([1, b"id", "a", "b"]), encode([1, b"id", "a", "c", None])
    assert changed_places(before, after) == (3, 4)
    assert picked(after, (3, 4)) == {3: b"\xa1c", 4: b"\xc0"}


@pytest.mark.parametrize("place", [-1, 5, 2**53])
def test_a_place_that_is_not_there_is_refused(place: int) -> None:
    """An element is replaced or appended, never put somewhere beyond."""
    with pytest.raises(DecodeError):
        laid_over(encode([1, b"id", "a"]), {place: encode(None)})


def test_what_is_no_record_is_refused() -> None:
    """Bytes that are no array."""
    for bad in (b"", b"\xc0", encode({"a": 1}), encode([1])[:-1]):
        with pytest.raises(DecodeError):
            laid_over(bad, {})

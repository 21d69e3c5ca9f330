"""A cursor is believed only if we sealed it, for this scope, in this epoch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.codec import DecodeError, decode, encode
from sync.cursors import START, Cursor, is_ours, seal
from tests.sync.builders import quick

KEY, EPOCH, SCOPE = b"k" * 32, b"epoch--1", "territory/x"
OURS = seal(KEY, EPOCH, SCOPE, 40)


def test_what_we_sealed_is_ours() -> None:
    """It can be believed when it comes back, however long it was away."""
    assert is_ours(KEY, EPOCH, SCOPE, OURS)
    assert decode(encode(OURS), Cursor) == OURS


@pytest.mark.parametrize(
    ("key", "epoch", "scope", "cursor"),
    [
        (b"l" * 32, EPOCH, SCOPE, OURS),
        (KEY, b"epoch--2", SCOPE, OURS),
        (KEY, EPOCH, "territory/y", OURS),
        (KEY, EPOCH, SCOPE, Cursor(41, OURS.seal)),
        (KEY, EPOCH, SCOPE, Cursor(40)),
        (KEY, EPOCH, SCOPE, Cursor(40, b"\x00" * 8)),
        (KEY, EPOCH, SCOPE, Cursor(40, OURS.seal[:7])),
    ],
    ids=["key", "epoch", "scope", "version", "none", "wrong", "cut"],
)
def test_a_foreign_seal_is_refused(key: bytes, epoch: bytes, scope: str, cursor: Cursor) -> None:
    """Another key, history, scope or version: then a version from the future proves nothing."""
    assert not is_ours(key, epoch, scope, cursor)


def test_the_start_needs_no_seal() -> None:
    """Whoever has read nothing says so without us."""
    assert is_ours(KEY, EPOCH, SCOPE, START)


@quick
@given(st.integers(0, 1 << 53), st.integers(0, 1 << 53))
def test_no_two_versions_share_a_seal(one: int, other: int) -> None:
    """A seal cannot be moved to another version."""
    assert (seal(KEY, EPOCH, SCOPE, one) == seal(KEY, EPOCH, SCOPE, other)) == (one == other)


@pytest.mark.parametrize("version", [-1, 1 << 54, (1 << 64) - 1])
def test_a_version_that_no_scope_can_have_is_refused_on_reading(version: int) -> None:
    """A negative or endless version is bad data, not an overflow later on."""
    with pytest.raises(DecodeError):
        decode(encode(Cursor(version, bytes(8))), Cursor)

"""Codes that are kept for a person: written and read in one way, given one by one, never twice."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.business.codes import code_of, codes_of, free_run, is_kept, number_of, unused
from sync.records import CodeBlock

BLOCK = CodeBlock(UUID(int=1), "K", 9_998, 10_001)


def test_a_code_has_at_least_four_digits() -> None:
    """And as many more as its number needs."""
    assert list(codes_of(BLOCK)) == ["K9998", "K9999", "K10000", "K10001"]
    assert code_of("", 7) == "0007"


@pytest.mark.parametrize("code", ["K9997", "K10002", "K09998", "k9998", "K", "K+999", "K９９９８", "9998", "K9998 "])
def test_what_is_not_in_the_block_is_not_kept(code: str) -> None:
    """Nor what is only written alike."""
    assert not is_kept(code, [BLOCK])


@given(st.integers(0, 10**9), st.sampled_from(["", "K", "K1", "东"]))
def test_a_code_is_read_as_it_was_written(number: int, prefix: str) -> None:
    """Whatever the prefix ends with."""
    assert number_of(prefix, code_of(prefix, number)) == number


def test_the_next_code_is_the_first_that_no_outlet_has() -> None:
    """The oldest block is used up first."""
    newer = CodeBlock(UUID(int=0), "K", 20_000, 20_001)
    assert list(unused([newer, BLOCK], {"K9998", "K10000"})) == ["K9999", "K10001", "K20000", "K20001"]


@given(st.integers(1, 50), st.integers(1, 10), st.sets(st.integers(0, 80)))
def test_a_run_passes_over_every_number_that_is_taken(start: int, length: int, taken: set[int]) -> None:
    """And is the first such run."""
    first = free_run(start, length, taken)

    def is_free(at: int) -> bool:
        return not taken & set(range(at, at + length))

    assert first == next(at for at in range(start, 1000) if is_free(at))

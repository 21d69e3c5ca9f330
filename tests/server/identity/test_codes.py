"""Enrolment codes as people type them, and the QR code."""

from __future__ import annotations

from base64 import b64decode
from functools import partial
from random import Random
from urllib.parse import parse_qs, urlparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.identity.codes import ALPHABET, Code, draw_code, matches, normalised, payload, secret_hash
from server.identity.qr import as_image, as_terminal

CODE = draw_code(Random(5).randbytes)


def drawn_as(bit: int, size: int) -> bytes:
    """A draw in which one bit is set."""
    return (1 << bit).to_bytes(size, "big")


@given(st.binary(min_size=15, max_size=15))
def test_a_code_is_read_as_it_is_shown(drawn: bytes) -> None:
    """24 characters in groups of four, and what is shown is what is meant."""
    code = draw_code(lambda _: drawn)
    assert len(code.text) == 24
    assert set(code.text) <= set(ALPHABET)
    assert normalised(code.shown) == code


def test_every_bit_of_the_draw_counts() -> None:
    """Two draws that differ anywhere give two codes."""
    codes = {draw_code(partial(drawn_as, bit)).text for bit in range(120)}
    assert len(codes) == 120


@pytest.mark.parametrize(
    "typed", ["k7qf22mx0000111100000000", "K7QF-22MX-OOOO-ILil-0000-0000", "  k7qf 22mx 0000 1111 0000-0000 "]
)
def test_case_dashes_and_lookalikes_do_not_matter(typed: str) -> None:
    """O is zero; I and L are one; case, dashes and spaces are passed over."""
    assert normalised(typed) == Code("K7QF22MX0000111100000000")


@pytest.mark.parametrize("typed", ["", "K7QF-22MX", "U" * 24, "扫" * 24, "0" * 25, "0" * 100_000])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    """Too short, too long, or with a letter that no code has."""
    assert normalised(typed) is None


def test_the_store_keeps_a_hash_that_only_the_code_matches() -> None:
    """Neither the secret nor the public part alone matches what is kept."""
    kept = secret_hash(CODE)
    assert matches(CODE, kept)
    assert not matches(Code(CODE.lookup + "0" * 20), kept)
    assert CODE.text.encode() not in kept


def test_the_qr_code_carries_address_code_and_fingerprints() -> None:
    """Everything in the payload can be read back, whatever is in the address."""
    text = payload(CODE, "https://sync.example:8443/路径?a=1&b=2", "aa-bb", "cc-dd")
    assert text.startswith("saojie:enrol?")
    read = parse_qs(urlparse(text).query)
    assert read == {"u": ["https://sync.example:8443/路径?a=1&b=2"], "c": [CODE.text], "s": ["aa-bb"], "o": ["cc-dd"]}


def test_the_qr_code_is_drawn_for_pages_and_terminals() -> None:
    """An SVG picture that needs nothing from outside, and lines that a terminal can show."""
    text = payload(CODE, "https://sync.example", "aa", "bb")
    drawn = b64decode(as_image(text).removeprefix("data:image/svg+xml;base64,")).decode()
    assert drawn.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert drawn.count("http") == 1
    assert len(set(map(len, as_terminal(text).splitlines()))) <= 2

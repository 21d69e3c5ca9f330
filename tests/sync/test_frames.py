"""Frames: what arrived whole counts, whatever became of the rest, and no body is larger than it may be."""

from __future__ import annotations

import random
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.codec import decode, encode
from sync.cursors import Cursor
from sync.frames import MAX_REQUEST, FrameError, read_answer, read_request, write_answer, write_request
from sync.messages import Head, Page, Row, ScopePage, Standing, SyncRequest, Tail
from tests.sync.builders import NOON, any_of, moment, quick
from tests.sync.frozen import MESSAGES, sample

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

REQUEST = SyncRequest(1, 1, b"epoch--1", moment(), operations=(b"one", b"two"))
HEAD, PAGE, TAIL = (sample(kind) for kind in (Head, Page, Tail))


def _frame(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "big") + body


@quick
@given(any_of(SyncRequest))
def test_a_request_comes_back_as_it_was(request: SyncRequest) -> None:
    """Any request within its bounds."""
    assert read_request(write_request(request)) == request


@quick
@given(any_of(Head), any_of(Page), any_of(Tail))
def test_an_answer_comes_back_as_it_was(head: Head, page: Page, tail: Tail) -> None:
    """All three parts of it."""
    answer = read_answer(write_answer(head, page, tail))
    assert (answer.head, answer.page, answer.tail) == (head, page, tail)


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_positional_and_comes_back(name: str) -> None:
    """Each struct that travels is an array, and its sample survives the way."""
    kind = MESSAGES[name]
    value = sample(kind)
    assert kind.__struct_config__.array_like
    assert encode(decode(encode(value), kind)) == encode(value)


def test_an_answer_that_is_cut_anywhere_gives_what_arrived_whole() -> None:
    """From the byte where the head is whole, the head counts; then the page; then all."""
    data = write_answer(HEAD, PAGE, TAIL)
    ends, at = [], 0
    while at < len(data):
        at += 5 + int.from_bytes(data[at + 1 : at + 5], "big")
        ends.append(at)
    assert ends[2:] == [len(data)]
    for cut in range(len(data) + 1):
        if cut < ends[0]:
            with pytest.raises(FrameError):
                read_answer(data[:cut])
            continue
        answer = read_answer(data[:cut])
        assert answer.head == HEAD
        assert (answer.page, answer.tail) == (PAGE if cut >= ends[1] else None, TAIL if cut >= ends[2] else None)


@pytest.mark.parametrize("spoilt", [b"", b"no zstd", zstd.compress(b"\xc1"), zstd.compress(encode([5]))])
def test_a_page_that_cannot_be_read_does_not_hide_the_head(spoilt: bytes) -> None:
    """An order is obeyed even when what follows is of no use to this phone."""
    head = write_answer(HEAD, PAGE, TAIL)[: 5 + int.from_bytes(write_answer(HEAD, PAGE, TAIL)[1:5], "big")]
    answer = read_answer(head + _frame(b"P", spoilt) + _frame(b"T", zstd.compress(encode(TAIL))))
    assert (answer.head, answer.page, answer.tail) == (HEAD, None, None)


def test_a_request_that_is_cut_anywhere_is_refused() -> None:
    """Part of a request is no request."""
    data = write_request(REQUEST)
    for cut in range(len(data)):
        with pytest.raises(FrameError):
            read_request(data[:cut])


@pytest.mark.parametrize("rest", [b"x", b"R\x00\x00\x00\x05four"])
def test_a_request_with_a_rest_behind_it_is_refused(rest: bytes) -> None:
    """What was sent was more than arrived."""
    with pytest.raises(FrameError):
        read_request(write_request(REQUEST) + rest)


def test_frames_of_an_unknown_kind_are_passed_over() -> None:
    """A later protocol may send more frames."""
    more = _frame(b"X", b"later")
    assert read_request(more + write_request(REQUEST) + more) == REQUEST
    assert read_answer(more + write_answer(HEAD, PAGE, TAIL) + more).tail == TAIL


def test_of_two_frames_of_one_kind_the_first_counts() -> None:
    """Nothing that comes later takes the place of what came first."""
    other = Head(Standing.ACTIVE, NOON, b"other")
    assert read_answer(write_answer(HEAD, PAGE, TAIL) + write_answer(other, Page(), Tail())).head == HEAD


def _with_size(size: int) -> bytes:
    return write_request(SyncRequest(1, 1, b"", moment(), operations=(bytes(size),)))


def test_a_small_body_cannot_become_a_huge_one() -> None:
    """A few hundred bytes that open to megabytes are refused without opening them all."""
    assert len(read_request(_with_size(MAX_REQUEST - 200)).operations[0]) == MAX_REQUEST - 200
    bomb = _with_size(MAX_REQUEST + 1)
    assert len(bomb) < 2000
    with pytest.raises(FrameError, match="larger than allowed"):
        read_request(bomb)


def test_a_window_that_would_take_much_memory_is_refused() -> None:
    """A frame may ask the opener for up to 2 GB; ours gives 8 MB."""
    compressor = zstd.ZstdCompressor(options={int(zstd.CompressionParameter.window_log): 27})
    body = compressor.compress(encode(REQUEST)) + compressor.flush()
    with pytest.raises(FrameError, match="memory"):
        read_request(_frame(b"R", body))


@pytest.mark.parametrize("body", [b"", b"\x28\xb5\x2f\xfd", zstd.compress(encode(REQUEST)) + b"more"])
def test_a_frame_that_is_not_one_whole_compressed_value_is_refused(body: bytes) -> None:
    """Cut off inside, or with something behind it."""
    with pytest.raises(FrameError):
        read_request(_frame(b"R", body))


@pytest.mark.parametrize("change", [{"cursors": {"company": [-1, b""]}}, {"limit": -1}, {"wants": {"company": [b"x"]}}])
def test_a_request_outside_its_bounds_is_refused(change: dict[str, Any]) -> None:
    """Numbers and ids that no store can hold are bad frames."""
    values = {name: getattr(REQUEST, name) for name in REQUEST.__struct_fields__} | change
    with pytest.raises(FrameError):
        read_request(_frame(b"R", zstd.compress(encode(list(values.values())))))


@quick
@given(st.binary(max_size=300))
def test_random_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    """The only error that comes out is FrameError."""
    for body in (data, _frame(b"R", data), _frame(b"H", data), _frame(b"R", zstd.compress(data))):
        for read in (read_request, read_answer):
            with pytest.raises(FrameError):
                read(body)


def test_flipped_bits_are_refused_or_read() -> None:
    """A thousand damaged bodies, the same at each run: a value or a FrameError."""
    draw = random.Random(7)
    whole = write_answer(HEAD, PAGE, TAIL)
    plain = encode(HEAD)
    for _ in range(1000):
        at, bit = draw.randrange(len(whole)), 1 << draw.randrange(8)
        spot = draw.randrange(len(plain))
        flipped = plain[:spot] + bytes([plain[spot] ^ bit]) + plain[spot + 1 :]
        for data in (
            whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :],
            _frame(b"H", zstd.compress(flipped)),
        ):
            try:
                read_answer(data)
            except FrameError:
                continue


def test_rows_travel_as_they_were_packed() -> None:
    """The bytes that the digest covers are the bytes that arrive."""
    packed = bytes(range(256))
    page = Page((ScopePage("company", 0, Cursor(1), (Row(1, 1, packed),)),))
    found = read_answer(write_answer(HEAD, page, TAIL)).page
    assert found is not None
    assert found.scopes[0].rows[0].packed == packed

"""The compact body: frames of one kind byte, a length and zstd-compressed MessagePack.

A request is one frame; an answer is three, in order, and whatever whole frames arrived can be read even when the
rest was cut off or is spoilt. Frames of a kind that this side does not know are passed over, and of two frames of one
kind the first counts. Decompression is bounded, so that a small body cannot become a huge one.
"""

from __future__ import annotations

import sys
from typing import TypeVar

import msgspec

from sync.codec import DecodeError, decode, encode
from sync.messages import Answer, Head, Page, SyncRequest, Tail
from sync.versions import Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = [
    "MAX_ANSWER",
    "MAX_REQUEST",
    "MEDIA_TYPE",
    "FrameError",
    "read_answer",
    "read_request",
    "write_answer",
    "write_page",
    "write_request",
    "write_tail",
]

MEDIA_TYPE = "application/vnd.saojie.sync"
"""The default content type of the exchange; the other is plain `application/json`."""

MAX_REQUEST = 4 * 1024 * 1024
"""No request may be larger than this when it is open, in either form."""
MAX_ANSWER = 32 * 1024 * 1024
"""No frame of an answer may be larger than this when it is open."""

T = TypeVar("T")
_PRESS, _PRESS_MUCH = zstd.ZstdCompressor(level=6), zstd.ZstdCompressor(level=5)
"""Used by one thread at a time, which they see to themselves. To make one takes longer than to press a short frame."""
_MUCH = 1 << 20
"""What is longer goes where the network is quick: two thirds of the time for 2 % more bytes."""
_HEADER = 5
_WINDOW = {int(zstd.DecompressionParameter.window_log_max): 23}


class FrameError(ValueError):
    """Raised for a body that is not made of whole frames of the expected kinds."""


class _Numbered(msgspec.Struct, array_like=True):
    """A request of any protocol: its number stands first."""

    protocol: int


def _write(kind: bytes, value: object) -> bytes:
    data = encode(value)
    press = _PRESS if len(data) <= _MUCH else _PRESS_MUCH
    body = press.compress(data, press.FLUSH_FRAME)
    return kind + len(body).to_bytes(4, "big") + body


_NO_PAGE = _write(b"P", Page())


def _open(body: bytes, kind: type[T], most: int) -> T:
    opener = zstd.ZstdDecompressor(options=_WINDOW)
    try:
        data = opener.decompress(body, most)
        if not opener.eof or opener.unused_data:
            raise FrameError("a frame is cut off, or larger than allowed when open")
        return decode(data, kind)
    except (zstd.ZstdError, DecodeError) as error:
        raise FrameError(str(error)) from error


def _open_if_whole(frames: dict[bytes, bytes], letter: bytes, kind: type[T]) -> T | None:
    """The frame, or None when it did not arrive whole and sound: the head counts whatever became of the rest."""
    try:
        return _open(frames[letter], kind, MAX_ANSWER) if letter in frames else None
    except FrameError:
        return None


def _split(data: bytes) -> tuple[dict[bytes, bytes], int]:
    """The whole frames at the beginning of `data` by kind, and how many bytes they take."""
    frames: dict[bytes, bytes] = {}
    at = 0
    while at + _HEADER <= len(data):
        end = at + _HEADER + int.from_bytes(data[at + 1 : at + _HEADER], "big")
        if end > len(data):
            break
        frames.setdefault(data[at : at + 1], data[at + _HEADER : end])
        at = end
    return frames, at


def write_request(request: SyncRequest) -> bytes:
    """The compact body of a request."""
    return _write(b"R", request)


def read_request(data: bytes) -> SyncRequest:
    """The request in a compact body. Raises FrameError; Refusal where one of another protocol cannot be read."""
    frames, end = _split(data)
    if b"R" not in frames or end != len(data):
        raise FrameError("not made of whole frames with a request among them")
    try:
        return _open(frames[b"R"], SyncRequest, MAX_REQUEST)
    except FrameError:
        Protocol(_open(frames[b"R"], _Numbered, MAX_REQUEST).protocol).check()
        raise


def write_page(page: Page) -> bytes:
    """The second frame of an answer."""
    return _NO_PAGE if page == Page() else _write(b"P", page)


def write_tail(tail: Tail) -> bytes:
    """The third frame of an answer."""
    return _write(b"T", tail)


def write_answer(head: Head, page: Page, tail: Tail, page_frame: bytes = b"", tail_frame: bytes = b"") -> bytes:
    """The compact body of an answer. The frames are those of page and tail where they were written already."""
    return _write(b"H", head) + (page_frame or write_page(page)) + (tail_frame or write_tail(tail))


def read_answer(data: bytes) -> Answer:
    """What arrived of an answer. Raises FrameError when not even the head did."""
    frames, _ = _split(data)
    if b"H" not in frames:
        raise FrameError("no whole head frame")
    head = _open(frames[b"H"], Head, MAX_ANSWER)
    page = _open_if_whole(frames, b"P", Page)
    tail = _open_if_whole(frames, b"T", Tail) if page is not None else None
    return Answer(head, page, tail)

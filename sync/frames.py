"""The compact body: frames of one kind byte, a length and zstd-compressed MessagePack.

A request is one frame; an answer is three, in order, and whatever whole frames arrived can be read even when the
rest was cut off. Decompression is bounded, so that a small body cannot become a huge one.
"""

from __future__ import annotations

import sys
from typing import TypeVar

from sync.codec import DecodeError, decode, encode
from sync.messages import Answer, Head, Page, SyncRequest, Tail

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["MEDIA_TYPE", "FrameError", "read_answer", "read_request", "write_answer", "write_request"]

MEDIA_TYPE = "application/vnd.saojie.sync"
"""The default content type of the exchange; the other is plain `application/json`."""

MAX_PLAIN = 32 * 1024 * 1024
"""No frame may be larger than this when it is open."""

T = TypeVar("T")
_LEVEL = 3
_HEADER = 5


class FrameError(ValueError):
    """Raised for a body that is not made of whole frames of the expected kinds."""


def _write(kind: bytes, value: object) -> bytes:
    body = zstd.compress(encode(value), _LEVEL)
    return kind + len(body).to_bytes(4, "big") + body


def _open(body: bytes, kind: type[T]) -> T:
    opener = zstd.ZstdDecompressor()
    try:
        data = opener.decompress(body, MAX_PLAIN)
        if not opener.eof or opener.unused_data:
            raise FrameError("a frame is cut off, or larger than allowed when open")
        return decode(data, kind)
    except (zstd.ZstdError, DecodeError) as error:
        raise FrameError(str(error)) from error


def _split(data: bytes) -> dict[bytes, bytes]:
    frames: dict[bytes, bytes] = {}
    at = 0
    while at + _HEADER <= len(data):
        end = at + _HEADER + int.from_bytes(data[at + 1 : at + _HEADER], "big")
        if end > len(data):
            break
        frames[data[at : at + 1]] = data[at + _HEADER : end]
        at = end
    return frames


def write_request(request: SyncRequest) -> bytes:
    """The compact body of a request."""
    return _write(b"R", request)


def read_request(data: bytes) -> SyncRequest:
    """The request in a compact body. Raises FrameError."""
    frames = _split(data)
    if b"R" not in frames:
        raise FrameError("no whole request frame")
    return _open(frames[b"R"], SyncRequest)


def write_answer(head: Head, page: Page, tail: Tail) -> bytes:
    """The compact body of an answer."""
    return _write(b"H", head) + _write(b"P", page) + _write(b"T", tail)


def read_answer(data: bytes) -> Answer:
    """What arrived of an answer. Raises FrameError when not even the head did."""
    frames = _split(data)
    if b"H" not in frames:
        raise FrameError("no whole head frame")
    head = _open(frames[b"H"], Head)
    page = _open(frames[b"P"], Page) if b"P" in frames else None
    tail = _open(frames[b"T"], Tail) if b"T" in frames and page is not None else None
    return Answer(head, page, tail)

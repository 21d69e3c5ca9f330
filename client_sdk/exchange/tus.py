"""The few words of tus 1.0 that uploads of photos are spoken in."""

from __future__ import annotations

from client_sdk.exchange.conversation import Refused
from client_sdk.ports import Reply

__all__ = ["CHUNK", "VERSION", "chunk_at", "offset_of"]

VERSION = {"Tus-Resumable": "1.0.0"}
CHUNK = 256 * 1024
"""So many bytes go in one request: what a weak link loses with a broken connection."""


def chunk_at(offset: int) -> dict[str, str]:
    """The headers of a chunk."""
    return VERSION | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}


def offset_of(reply: Reply) -> int:
    """How many bytes the server has, by its answer. Raises Refused."""
    text = reply.headers.get("upload-offset", "")
    if not text.isdigit():
        raise Refused("internal", "no Upload-Offset in the answer")
    return int(text)

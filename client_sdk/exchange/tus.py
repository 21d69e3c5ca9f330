"""The few words of tus 1.0 that uploads of photos are spoken in."""

from __future__ import annotations

from client_sdk.exchange.conversation import Refused
from client_sdk.ports import Reply

__all__ = ["CHUNK", "VERSION", "Turns", "chunk_at", "offset_of"]

VERSION = {"Tus-Resumable": "1.0.0"}
CHUNK = 256 * 1024
"""So many bytes go in one request: what a weak link loses with a broken connection."""
_MOST_TURNS = 5
"""So often a server may name another offset for one photo before it has its turn again."""


class Turns:
    """Bounds the talk about one photo: a server that names another offset again and again ends it."""

    def __init__(self) -> None:
        self._left = _MOST_TURNS

    def after(self, before: int, at: int) -> int:
        """The offset that an answer named. Raises Refused where nothing moved."""
        if at <= before:
            self.again(Refused("wrong_offset", f"still {at} bytes"))
        return at

    def again(self, refused: Refused) -> None:
        """Another turn, for a refusal that names another offset. Raises Refused for any other, and after the last."""
        self._left -= 1
        if refused.code != "wrong_offset" or self._left < 0:
            raise refused


def chunk_at(offset: int) -> dict[str, str]:
    """The headers of a chunk."""
    return VERSION | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}


def offset_of(reply: Reply) -> int:
    """How many bytes the server has, by its answer. Raises Refused."""
    text = reply.headers.get("upload-offset", "")
    if not text.isdigit():
        raise Refused("internal", "no Upload-Offset in the answer")
    return int(text)

"""Streams of server-sent events: how one is answered, told, and let go when whoever listens is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from litestar.types import Receive, Send

__all__ = ["MEDIA_TYPE", "PING_S", "begin", "end", "tell", "while_listened"]

PING_S = 15.0
TAKES_WORDS_WITHIN_S = 20.0
MEDIA_TYPE = "text/event-stream"

_HEADERS = [
    (b"content-type", f"{MEDIA_TYPE}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


async def begin(send: Send, first: bytes) -> None:
    """Answer with a stream; the first bytes go out at once."""
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await tell(send, first)


async def tell(send: Send, body: bytes) -> None:
    """Send some bytes. Raises TimeoutError where they are not taken in time."""
    async with asyncio.timeout(TAKES_WORDS_WITHIN_S):
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def end(send: Send) -> None:
    """End the stream."""
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def while_listened(talk: Coroutine[Any, Any, None], receive: Receive) -> None:
    """Let `talk` go on until it ends, or whoever listens is gone."""
    talking, leaving = asyncio.ensure_future(talk), asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({talking, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (talking, leaving):
            task.cancel()
        await asyncio.gather(talking, leaving, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue

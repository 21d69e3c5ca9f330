"""The bell between nodes over a Redis: published, and kept nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from server.live.bell import CHANNEL, BellError

__all__ = ["RedisBell"]

_WITHIN_S = 2.0
_ASKED_EVERY_S = 5


class RedisBell:
    """The bell of all nodes that name the Redis at `url`; `node` is the name of this one, which it does not hear.

    Companies that share a Redis hear each other ring, and look for nothing.
    """

    def __init__(self, url: str, node: str) -> None:
        self._url = url
        self._node = node.encode()
        self._client: Any = None

    async def ring(self) -> None:
        """See `Bell`."""
        try:
            async with asyncio.timeout(_WITHIN_S):
                await self._opened().publish(CHANNEL, self._node)
        except Exception as error:
            raise BellError(f"not rung: {type(error).__name__}") from error

    async def hear(self, heard: Callable[[], None]) -> None:
        """See `Bell`."""
        try:
            async with self._opened().pubsub() as words:
                async with asyncio.timeout(_WITHIN_S):
                    await words.subscribe(CHANNEL)
                heard()
                while True:
                    word = await words.get_message(ignore_subscribe_messages=True, timeout=_ASKED_EVERY_S)
                    if word is not None and word["data"] != self._node:
                        heard()
        except Exception as error:
            raise BellError(f"not heard: {type(error).__name__}") from error

    async def close(self) -> None:
        """See `Bell`."""
        if self._client is not None:
            await self._client.aclose()

    def _opened(self) -> Any:
        if self._client is None:
            from redis.asyncio import Redis  # noqa: PLC0415  # who has no Redis does not have it

            self._client = Redis.from_url(
                self._url, socket_connect_timeout=_WITHIN_S, health_check_interval=_ASKED_EVERY_S
            )
        return self._client

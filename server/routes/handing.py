"""Handing an answer to the network. What holds records or a share leaves under the shared hand-over lock, after the
device's standing has been read again; a cut-off takes that lock alone, so nothing is handed over after its commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol
from uuid import UUID

from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from server.identity import devices
from server.routes.calls import Call
from sync.messages import Standing

__all__ = ["HandedOver", "handing"]


class Made(Protocol):
    """Makes an answer, told whether the device is still active."""

    async def __call__(self, *, is_active: bool) -> ASGIResponse:
        """The answer to send."""


@asynccontextmanager
async def handing(call: Call, device: UUID) -> AsyncIterator[bool]:
    """Hold the device's lock for one hand-over, at most five seconds, and say whether it is still active.

    Raises TimeoutError: the lock could not be had, or the network did not take the answer in time.
    """
    locks = call.context.locks
    async with locks.shared(device), asyncio.timeout(locks.send_within_s):
        async with call.context.store.read() as tx:
            found = await devices.find(tx, device)
        yield found is not None and found.standing is Standing.ACTIVE


class HandedOver:
    """An answer that holds records or a share. `made` makes what is sent instead where the device is not active."""

    def __init__(self, call: Call, device: UUID, made: Made) -> None:
        self._call = call
        self._device = device
        self._made = made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. Where the network does not take it in time, the connection is given up in the middle."""
        is_begun = False
        try:
            async with handing(self._call, self._device) as is_active:
                answer = await self._made(is_active=is_active)
                is_begun = True
                await answer(scope, receive, send)
        except TimeoutError as error:
            self._call.context.log.warning("not handed over in time", is_begun=is_begun)
            if not is_begun:
                await (await self._call.refused(error))(scope, receive, send)

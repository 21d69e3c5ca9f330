"""Handing an answer to the network. What holds records or a share leaves under the shared hand-over lock, after the
device's standing has been read again; a cut-off takes that lock alone, so nothing is handed over after its commit. A
long answer leaves in pieces, each with a look of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from litestar.response.base import ASGIResponse
from litestar.types import Message, Receive, Scope, Send

from server.identity import devices
from server.identity.locks import Hold
from server.routes.calls import Call
from sync.messages import Standing

__all__ = ["AT_ONCE", "HandedOver", "Handing", "handing"]

AT_ONCE = 256 * 1024
"""So many bytes leave with one look."""


class Made(Protocol):
    """Makes an answer, told whether the device is still active."""

    async def __call__(self, *, is_active: bool) -> ASGIResponse:
        """The answer to send."""


@dataclass(frozen=True, slots=True)
class Handing:
    """One hand-over: the lock that is held for it, and whether the device is still active."""

    hold: Hold
    is_active: bool

    def over(self, send: Send) -> Send:
        """The way to the network, which is closed as soon as the lock is not held any more.

        Sending then raises LockTimeoutError.
        """

        async def checked(message: Message) -> None:
            self.hold.check()
            await send(message)

        return checked


@asynccontextmanager
async def handing(call: Call, device: UUID) -> AsyncIterator[Handing]:
    """Hold the device's lock for one hand-over, at most five seconds, and say whether it is still active.

    Raises TimeoutError: the lock could not be had or was lost, or the network did not take the answer in time.
    """
    async with call.context.locks.shared(device) as hold:
        found = await call.context.store.glance(partial(devices.find, device=device))
        yield Handing(hold, found is not None and found.standing is Standing.ACTIVE)


class HandedOver:
    """An answer that holds records or a share. `made` makes what is sent instead where the device is not active."""

    def __init__(self, call: Call, device: UUID, made: Made) -> None:
        self._call = call
        self._device = device
        self._made = made

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. Where the network does not take it in time, or the device is cut off on the way, the connection is
        given up in the middle.
        """
        is_begun = False
        try:
            async with handing(self._call, self._device) as way:
                start, *pieces = await _messages(await self._made(is_active=way.is_active), scope, receive)
                way.hold.check()
                is_begun = True
                give = way.over(send)
                await give(start)
                await give(pieces[0])
            for piece in pieces[1:]:
                async with handing(self._call, self._device) as way:
                    if not way.is_active:
                        break
                    await way.over(send)(piece)
        except TimeoutError as error:
            self._call.context.log.warning("not handed over in time", is_begun=is_begun)
            if not is_begun:
                await (await self._call.refused(error))(scope, receive, send)


async def _messages(answer: ASGIResponse, scope: Scope, receive: Receive) -> list[Message]:
    """What an answer sends: its beginning, and its body in pieces."""
    sent: list[Any] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    await answer(scope, receive, keep)
    start, whole = sent
    body: bytes = whole["body"]
    pieces = [body[at : at + AT_ONCE] for at in range(0, len(body), AT_ONCE)] or [b""]
    return [start, *({**whole, "body": piece, "more_body": piece is not pieces[-1]} for piece in pieces)]

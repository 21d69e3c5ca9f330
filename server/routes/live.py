"""`GET /live`: one event stream a device, as server-sent events. It says that something is there, and nothing of any
record; only a wipe order comes whole, so that a phone obeys it without asking.

The first comment goes out at once, a ping every 15 seconds, and after ten minutes the stream ends and the device
asks again. A device that does not take its words in time is let go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from litestar import get
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ASGIApp, Receive, Scope, Send

from server.identity.devices import Device
from server.identity.sights import sights_of
from server.live.announce import BYE, ORDER, Stream, Word
from server.routes import streams
from server.routes.budget import Busy, jitter_s
from server.routes.calls import AnyRequest, Call, answered, plain
from server.routes.openapi import SIGNED
from server.routes.problems import UNSIGNED, refusals
from sync.codec import encode
from sync.errors import Refusal
from sync.messages import Standing

__all__ = ["live"]


def _written(words: Iterable[Word]) -> bytes:
    return "".join(f"event: {name}\ndata: {data}\n\n" for name, data in words).encode()


class _Open:
    """A stream until its time is over, the device goes, or the server ends it."""

    def __init__(self, call: Call, stream: Stream) -> None:
        self._call = call
        self._stream = stream

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send words and pings. Whatever happens, the stream is forgotten in the end."""
        try:
            await streams.while_listened(self._talk(send), receive)
        finally:
            self._call.context.announcer.close(self._stream)

    async def _talk(self, send: Send) -> None:
        clock = asyncio.get_running_loop().time
        ends_at = clock() + self._call.context.settings.stream_length / 1000
        await streams.begin(send, b":\n\n")
        is_over = False
        while not is_over:
            words = await self._stream.words(max(0.0, min(streams.PING_S, ends_at - clock())))
            if not words and clock() >= ends_at:
                words = [BYE]
            is_over = BYE in words
            await streams.tell(send, _written(words) or b": ping\n\n")
        await streams.end(send)


async def _live(call: Call) -> ASGIApp:
    device = await call.admit()
    if device.standing is Standing.DEPARTED:
        words = [(ORDER[0], encode(one).hex()) for one in await call.orders()]
        body = b":\n\n" + _written([*(words or [ORDER]), BYE])
        return plain(call.request, 200, body, streams.MEDIA_TYPE, {"Cache-Control": "no-store"})
    if device.standing is not Standing.ACTIVE:
        raise Refusal(device.standing)
    announcer, random = call.context.announcer, call.context.sources.random
    if len(announcer) >= call.context.settings.streams_at_once:
        raise Busy(30 + jitter_s(random), "no stream is free; go on without")
    return await _opened(call, device)


async def _opened(call: Call, device: Device) -> ASGIApp:
    """What the device sees is read before the first comment, so that nothing after it is missed."""
    announcer = call.context.announcer
    looks = announcer.looks
    async with call.context.store.read() as tx:
        sight = (await sights_of(tx, [device.id], call.context.sources.now()))[device.id]
    stream = announcer.open(device.id, sight.marks)
    if announcer.looks != looks:
        announcer.look_at(device.id)
    if sight.is_ordered or sight.is_over:
        stream.look(sight)
    return _Open(call, stream)


@get(
    "/live",
    media_type=streams.MEDIA_TYPE,
    summary="Live stream",
    security=SIGNED,
    description="Server-sent events: `changed` with a scope's name, `order` with the signed order, `bye`.",
    responses={
        200: ResponseSpec(str, description="Events", media_type=streams.MEDIA_TYPE),
        **refusals(*UNSIGNED, "awaiting_confirmation", "device_suspended"),
    },
)
async def live(request: AnyRequest) -> ASGIApp:
    """Tell a device that something is there for it."""
    return await answered(request, _live)

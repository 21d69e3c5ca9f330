"""What stands before the application in a sandbox: the clock and the acts, and 503s; all else goes through."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from typing import cast

import msgspec
from litestar.types import HTTPReceiveMessage, LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from server.cli.errors import failure_of
from server.cli.sandbox.acts import carry_out
from server.cli.sandbox.asked import ACT_PATH, CLOCK_PATH, Act
from server.cli.sandbox.sandbox import Sandbox
from server.cli.sandbox.waiting import read_request
from server.logs import tell_failure
from server.routes.problems import MEDIA_TYPE, details_of
from sync.codec import plain
from sync.errors import Refusal

__all__ = ["Front"]

_JSON = "application/json"
_SYNC = "/sync"
_MOST_BYTES = 64 << 10


class Front:
    """The ASGI application of a sandbox. `token` is what whoever asks for an act has to bring, `control` the address at
    which it is asked, past the network that is made bad.
    """

    def __init__(self, sandbox: Sandbox, token: str, control: str) -> None:
        self._sandbox = sandbox
        self._token = token
        self._control = control
        self._turns = asyncio.Lock()

    async def __call__(self, scope: Scope | LifeSpanScope, receive: Receive, send: Send) -> None:
        """Answer one request, or run from start to end. There are no websockets here."""
        if scope["type"] == "lifespan":
            await self._run(cast("LifeSpanReceive", receive), cast("LifeSpanSend", send))
        elif scope["path"] == CLOCK_PATH:
            await _answer(send, 200, msgspec.json.encode(self._clock()))
        elif scope["path"] == ACT_PATH:
            await self._act(scope, receive, send)
        elif (after := self._sandbox.weather.fails(scope["path"])) is not None:
            body = msgspec.json.encode(details_of(Refusal("unavailable", "the sandbox fails on command")))
            await _answer(send, 503, body, MEDIA_TYPE, {"retry-after": str(after)})
        else:
            async with self._sandbox.house.entered() as application:
                await application(scope, await self._met(scope, receive), send)

    async def _run(self, receive: LifeSpanReceive, send: LifeSpanSend) -> None:
        """The lifespan, as the server tells it."""
        await receive()
        try:
            await self._sandbox.house.begin()
        except Exception as error:  # noqa: BLE001  # whatever it is, the server tells it and ends
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._sandbox.house.end()
        await send({"type": "lifespan.shutdown.complete"})

    async def _met(self, scope: Scope, receive: Receive) -> Receive:
        """What the application receives, once what lies in wait for the work in it has happened."""
        waiting = self._sandbox.waiting
        if not waiting.wishes or scope["path"] != _SYNC:
            return receive
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = await body_of(receive, self._sandbox.settings.body_limit)
        request, context = read_request(headers, body), self._sandbox.house.context
        try:
            admitted = await context.desk.admit(headers, body, context.sources.now())
            if request is not None:
                await waiting.meet(self._sandbox.deployment, admitted.device.staff, request)
        except Refusal:
            pass  # the application says so itself
        except Exception as error:  # noqa: BLE001  # the work goes on; the log says why nothing stood in its way
            tell_failure(context.log, "what lay in wait failed", error)
        return _again(body, receive)

    def _clock(self) -> dict[str, object]:
        """What a phone on the desk follows."""
        setting = self._sandbox.time.setting
        return {
            "now": self._sandbox.time.now(), "shift": setting.shift, "began": setting.began, "at": self._control,
        }  # fmt: skip

    async def _act(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One act at a time, for whoever brings the token."""
        if not hmac.compare_digest(_header(scope, b"authorization"), f"Bearer {self._token}".encode()):
            await _answer(send, 403, b"{}")
            return
        try:
            act: Act = msgspec.json.decode(await body_of(receive, _MOST_BYTES), type=Act)
            async with self._turns:
                done = await carry_out(self._sandbox, act)
        except msgspec.DecodeError as error:
            await _answer(send, 400, msgspec.json.encode({"error": "bad_request", "en": str(error), "zh": str(error)}))
        except Exception as error:  # noqa: BLE001  # whatever it is, the command tells it in one line
            failure = failure_of(error)
            tell_failure(self._sandbox.house.context.log, "act failed", error)
            told = {"error": failure.code, "en": failure.en, "zh": failure.zh}
            await _answer(send, 409, msgspec.json.encode(told))
        else:
            await _answer(send, 200, msgspec.json.encode(plain(done)))


async def body_of(receive: Receive, most: int) -> bytes:
    """The body of a request, at most so many bytes of it."""
    parts, is_more = list[bytes](), True
    while is_more and sum(map(len, parts)) <= most:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message["body"])
        is_more = message["more_body"]
    return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read already, and then whatever comes."""
    parts = [body]

    async def given() -> HTTPReceiveMessage:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await receive()  # type: ignore[return-value]

    return given


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key.lower() == name), b"")


async def _answer(
    send: Send, status: int, body: bytes, media_type: str = _JSON, headers: Mapping[str, str] | None = None
) -> None:
    told = {"content-type": media_type, "content-length": str(len(body)), "cache-control": "no-store"} | dict(
        headers or {}
    )
    raw = [(name.encode(), value.encode()) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": False})

"""One request from admission to answer: who asks, what is refused and how that is told.

A departed device hears its orders with every answer, refusals included, so admission comes before whatever else can
be refused once the body is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar import Request
from litestar.enums import HttpMethod
from litestar.exceptions import InternalServerException
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from server.departure.orders import orders_for
from server.identity.admission import Admitted, NotAdmitted
from server.identity.devices import Device
from server.logs import tell_failure
from server.routes.asker import address_of
from server.routes.context import Context
from server.routes.problems import MEDIA_TYPE, details_of, headers_of, is_ours, refusal_of
from sync.errors import Refusal
from sync.ids import parse_id
from sync.messages import Standing
from sync.signing import Signed

__all__ = ["AnyRequest", "Call", "answered", "plain"]

AnyRequest = Request[Any, Any, Any]

Work = Callable[["Call"], Awaitable[ASGIApp]]

_WHOLE = 10
"""A body may take so many times as long in all as it may stand still."""
_REFUSED = {
    Standing.AWAITING: "awaiting_confirmation",
    Standing.SUSPENDED: "device_suspended",
    Standing.DEPARTED: "departed",
}


@dataclass(slots=True)
class Call:
    """One request in progress. `admitted` is None until its sender is known; `held` counts bytes of its body."""

    request: AnyRequest
    context: Context
    headers: dict[str, str]
    admitted: Admitted | None = field(default=None)
    held: int = 0

    @property
    def address(self) -> str:
        """Where the request comes from; empty where nobody says."""
        return address_of(self.request.scope, self.context.settings.trusted_proxies)

    def _said_length(self) -> int | None:
        told = self.headers.get("content-length", "")
        return int(told) if told.isascii() and told.isdigit() else None

    async def body(self) -> bytes:
        """The body, whole, within the limit and in time. Raises Refusal."""
        loop, wait_s = asyncio.get_running_loop(), self.context.settings.body_wait / 1000
        ends_at, parts, said = loop.time() + _WHOLE * wait_s, list[bytes](), self._said_length()
        try:
            async with asyncio.timeout(wait_s) as limit:
                async for part in self.request.stream():
                    self.context.room.take(self.held, len(part))
                    self.held += len(part)
                    parts.append(part)
                    if self.held != said:
                        limit.reschedule(min(loop.time() + wait_s, ends_at))
        except InternalServerException as error:
            raise Refusal("bad_request", "the body did not arrive whole") from error
        except TimeoutError as error:
            raise Refusal("unavailable", "the body did not arrive in time") from error
        return b"".join(parts)

    async def admit(self, body: bytes = b"") -> Device:
        """Whoever sent the request with this body, within their budget. Raises Refusal."""
        now = self.context.sources.now()
        try:
            self.admitted = await self.context.desk.admit(self.headers, body, now)
        except NotAdmitted as refused:
            # Who shows a device that is there spends what is that device's at that address, and nobody else's.
            known = parse_id(self.headers.get("saojie-device", "").strip()) if refused.challenge else None
            self.context.unsigned.spend(f"{self.address} {known}")
            raise
        device = self.admitted.device
        self.request.scope["state"]["saojie_device"] = str(device.id)
        self.context.budget.spend(str(device.id))
        return device

    async def admit_active(self, body: bytes = b"") -> Device:
        """The same, and only a device that may hold something. Raises Refusal."""
        device = await self.admit(body)
        self.check_active(device)
        return device

    def check_active(self, device: Device) -> None:
        """Whether a device may hold something. Raises Refusal."""
        if device.standing is not Standing.ACTIVE:
            raise Refusal(_REFUSED[device.standing])

    async def orders(self) -> Sequence[Signed]:
        """The orders that ride on a refusal: those of a departed device."""
        if self.admitted is None or self.admitted.device.standing is not Standing.DEPARTED:
            return ()
        async with self.context.store.read() as tx:
            return await orders_for(tx, self.admitted.device.id)

    async def refused(self, error: Exception) -> ASGIApp:
        """The problem details of an error; a fault of ours is logged."""
        refusal = refusal_of(error)
        if is_ours(error):
            tell_failure(self.context.log, "failed", error)
        try:
            orders = await self.orders()
        except Exception as failed:  # noqa: BLE001  # the refusal is told even where the store is away
            tell_failure(self.context.log, "orders not read", failed)
            orders = ()
        self.context.meters.refusals.labels(refusal.code).inc()
        details = details_of(refusal, orders, self.context.keys.changes if orders else ())
        headers = headers_of(error, refusal, self.context.sources.random)
        return plain(self.request, details.status, msgspec.json.encode(details), MEDIA_TYPE, headers)


async def answered(request: AnyRequest, work: Work) -> ASGIApp:
    """The answer that `work` makes of a request, or the problem details of what it refused."""
    context: Context = request.app.state.context
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.scope["headers"]}
    call = Call(request, context, headers)
    try:
        return await work(call)
    except Exception as error:  # noqa: BLE001  # every error of a request is told to its sender
        return await call.refused(error)
    finally:
        context.room.give_back(call.held)


def plain(
    request: AnyRequest,
    status: int,
    body: bytes = b"",
    media_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> ASGIApp:
    """An answer of some bytes; without them to a HEAD."""
    is_head = request.method == HttpMethod.HEAD
    return ASGIResponse(
        status_code=status,
        body=b"" if is_head else body,
        media_type=media_type,
        headers=headers or {},
        is_head_response=is_head,
    )

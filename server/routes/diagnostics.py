"""`/diagnostics`: a phone hands in how it is, for support; also one that is suspended, none that was cut off."""

from __future__ import annotations

from litestar import post
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ASGIApp

from server.identity.diagnostics import keep
from server.routes.calls import AnyRequest, Call, answered, plain
from server.routes.openapi import SIGNED, DiagnosticsBody
from server.routes.problems import UNSIGNED, refusals
from sync.errors import Refusal
from sync.messages import Standing

__all__ = ["take"]

_REFUSED = {Standing.AWAITING: "awaiting_confirmation", Standing.DEPARTED: "departed"}


async def _take(call: Call) -> ASGIApp:
    body = await call.body()
    device = await call.admit(body)
    if device.standing in _REFUSED:
        raise Refusal(_REFUSED[device.standing])
    async with call.context.store.write() as tx:
        await keep(tx, device.id, body, call.context.sources.now())
    return plain(call.request, 204)


@post(
    "/diagnostics",
    status_code=200,
    summary="How this phone is",
    operation_class=DiagnosticsBody,
    security=SIGNED,
    responses={
        204: ResponseSpec(None, description="Kept: the newest five of each phone"),
        **refusals("bad_request", *UNSIGNED, *_REFUSED.values(), "too_large"),
    },
)
async def take(request: AnyRequest) -> ASGIApp:
    """Keep what a phone hands in of how it is."""
    return await answered(request, _take)

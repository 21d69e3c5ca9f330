"""`/wake`: a phone says where its push service can wake it, and asks for the key to subscribe with."""

from __future__ import annotations

import msgspec
from litestar import delete, get, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ASGIApp

from server.departure import waking
from server.routes.calls import AnyRequest, Call, answered, plain
from server.routes.openapi import SIGNED, WakeBody
from server.routes.problems import UNSIGNED, refusals
from sync.codec import DecodeError, from_json
from sync.errors import Refusal

__all__ = ["forget", "key", "register"]

_MOST_BYTES = 2048


class WakeKey(msgspec.Struct, frozen=True):
    """The company's key for push services (uncompressed P-256 point, base 64 for addresses); empty for none."""

    key: str


class WakeAddress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a push service wakes this phone."""

    address: str


async def _key(call: Call) -> ASGIApp:
    await call.admit_active()
    return plain(call.request, 200, msgspec.json.encode(WakeKey(call.context.waker.key)))


async def _register(call: Call) -> ASGIApp:
    body = await call.body()
    device = await call.admit_active(body)
    if len(body) > _MOST_BYTES:
        raise Refusal("too_large", f"more than {_MOST_BYTES} bytes")
    try:
        told = from_json(body, WakeAddress)
    except DecodeError as error:
        raise Refusal("bad_request", str(error)) from error
    async with call.context.store.write() as tx:
        await waking.register(tx, device.id, told.address, call.context.waker, call.context.sources.now())
    return plain(call.request, 204)


async def _forget(call: Call) -> ASGIApp:
    device = await call.admit_active()
    async with call.context.store.write() as tx:
        await waking.forget(tx, device.id)
    return plain(call.request, 204)


_STANDING = ("awaiting_confirmation", "device_suspended", "departed")
_REFUSED = refusals(*UNSIGNED, *_STANDING)


@get(
    "/wake",
    summary="The key to subscribe with",
    security=SIGNED,
    responses={200: ResponseSpec(WakeKey, description="Empty where the company wakes no phones"), **_REFUSED},
)
async def key(request: AnyRequest) -> ASGIApp:
    """The company's key for push services."""
    return await answered(request, _key)


@put(
    "/wake",
    summary="Where to wake this phone",
    operation_class=WakeBody,
    security=SIGNED,
    responses={
        204: ResponseSpec(None, description="Kept"),
        **refusals("bad_request", *UNSIGNED, *_STANDING, "too_large", "bad_value"),
    },
)
async def register(request: AnyRequest) -> ASGIApp:
    """Keep where a phone can be woken."""
    return await answered(request, _register)


@delete(
    "/wake",
    status_code=200,
    summary="Wake this phone no more",
    security=SIGNED,
    responses={204: ResponseSpec(None, description="Forgotten"), **_REFUSED},
)
async def forget(request: AnyRequest) -> ASGIApp:
    """Wake a phone no more."""
    return await answered(request, _forget)

"""`/photos/sealed`: photos that their phone can no longer read itself are handed in, also after an order.

A departed device is heard here under its own order, an active one for its own photos; nobody else.
"""

from __future__ import annotations

from uuid import UUID

from litestar import patch, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.departure.photos import HandIns
from server.identity.devices import Device
from server.master.photos import CHUNK
from server.routes.bodies import content_type
from server.routes.calls import AnyRequest, Call, answered, plain
from server.routes.openapi import SIGNED, ChunkBody, SealedPhotoBody
from server.routes.photos import CHUNK_TYPE, check_version, tus, whole_number
from server.routes.problems import UNSIGNED, refusals
from sync.codec import DecodeError, decode
from sync.errors import Refusal
from sync.frames import MEDIA_TYPE
from sync.ids import parse_id
from sync.messages import SealedPhoto, Standing

__all__ = ["append", "begin"]


async def _device(call: Call, body: bytes) -> Device:
    """Whoever may hand in: an active device, or a departed one. Raises Refusal."""
    device = await call.admit(body)
    if device.standing is Standing.DEPARTED:
        return device
    call.check_active(device)
    return device


async def _begin(call: Call) -> ASGIApp:
    body = await call.body()
    device = await _device(call, body)
    check_version(call)
    if content_type(call.headers) != MEDIA_TYPE:
        raise Refusal("media_type", f"spoken here: {MEDIA_TYPE}")
    try:
        told = decode(body, SealedPhoto)
    except DecodeError as error:
        raise Refusal("bad_request", "the body is no SealedPhoto") from error
    received = await HandIns(call.context.exchange.departure).begin(device, told)
    said = {"Upload-Offset": str(received), "Location": f"/photos/sealed/{told.photo}"}
    return plain(call.request, 201, headers=tus() | said)


async def _append(call: Call, text: str) -> ASGIApp:
    chunk = await call.body()
    device = await _device(call, chunk)
    check_version(call)
    if content_type(call.headers) != CHUNK_TYPE:
        raise Refusal("media_type", f"spoken here: {CHUNK_TYPE}")
    if len(chunk) > CHUNK:
        raise Refusal("too_large", f"a chunk has at most {CHUNK} bytes")
    photo: UUID | None = parse_id(text)
    if photo is None:
        raise Refusal("not_found", "no such photo")
    offset = whole_number(call, "upload-offset")
    received = await HandIns(call.context.exchange.departure).append(device, photo, offset, chunk)
    return plain(call.request, 204, headers=tus() | {"Upload-Offset": str(received)})


_MAY_COME = (
    "bad_request", *UNSIGNED, "awaiting_confirmation", "device_suspended", "not_found", "too_large", "media_type",
    "upload_version",
)  # fmt: skip


@post(
    "/photos/sealed",
    summary="Begin or resume a hand-in",
    operation_class=SealedPhotoBody,
    security=SIGNED,
    responses={201: ResponseSpec(None, description="Upload-Offset says how far it is"), **refusals(*_MAY_COME)},
)
async def begin(request: AnyRequest) -> ASGIApp:
    """Begin to hand in a sealed photo, go on with it, or say that it is lost."""
    return await answered(request, _begin)


@patch(
    "/photos/sealed/{photo:str}",
    summary="Append a chunk of a sealed photo",
    operation_class=ChunkBody,
    security=SIGNED,
    responses={
        204: ResponseSpec(None, description="Upload-Offset says how far it is now"),
        **refusals(*_MAY_COME, "wrong_offset"),
    },
)
async def append(request: AnyRequest, photo: FromPath[str]) -> ASGIApp:
    """Append a chunk to a sealed photo."""
    return await answered(request, lambda call: _append(call, photo))

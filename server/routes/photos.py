"""`/photos`: uploads in the core of tus 1.0 with creation, and reading. A stranger's photo does not exist."""

from __future__ import annotations

import asyncio
import base64
import binascii
from pathlib import Path
from uuid import UUID

from litestar import get, patch, post, route
from litestar.enums import HttpMethod
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath
from litestar.types import ASGIApp, Receive, Scope, Send

from server.exchange.holdings import give_photo
from server.exchange.photos import Uploader, find_photo
from server.identity.devices import Device
from server.identity.grants import grants_of
from server.master.photos import CHUNK
from server.routes.bodies import content_type
from server.routes.calls import AnyRequest, Call, answered, plain
from server.routes.handing import AT_ONCE, handing
from server.routes.openapi import SIGNED, ChunkBody
from server.routes.problems import UNSIGNED, refusals
from sync.errors import Refusal
from sync.ids import parse_id
from sync.records import Photo

__all__ = [
    "CHUNK_TYPE",
    "append",
    "check_version",
    "create",
    "options",
    "progress",
    "read",
    "tus",
    "whole_number",
]

VERSION = "1.0.0"
CHUNK_TYPE = "application/offset+octet-stream"
_LARGEST = 20_000_000
_HEADERS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
_JPEG = b"\xff\xd8\xff"


def tus() -> dict[str, str]:
    """The headers of every answer to an upload."""
    return dict(_HEADERS)


def check_version(call: Call) -> None:
    """Whether the asker speaks this version of tus. Raises Refusal."""
    if call.headers.get("tus-resumable") != VERSION:
        raise Refusal("upload_version", f"send Tus-Resumable: {VERSION}")


def whole_number(call: Call, name: str) -> int:
    """A header that counts bytes. Raises Refusal."""
    text = call.headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise Refusal("bad_request", f"{name} is a whole number of bytes")
    return int(text)


async def _photo(call: Call, device: Device, text: str) -> Photo:
    photo = parse_id(text)
    if photo is None:
        raise Refusal("not_found", "no such photo")
    async with call.context.store.read() as tx:
        grants = await grants_of(tx, device.staff, call.context.sources.now())
        return await find_photo(tx, photo, grants.scopes)


def _uploader(call: Call) -> Uploader:
    return Uploader(call.context.store, call.context.photos)


def _named_record(call: Call) -> str:
    """The record's id in the upload's metadata: pairs of a key and a value in base 64."""
    for pair in call.headers.get("upload-metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "record":
            try:
                return base64.b64decode(value, validate=True).decode("ascii")
            except (binascii.Error, ValueError) as error:
                raise Refusal("bad_request", "the value of record is an id in base 64") from error
    raise Refusal("bad_request", "Upload-Metadata names the record")


async def _create(call: Call) -> ASGIApp:
    device = await call.admit_active(await call.body())
    check_version(call)
    size = whole_number(call, "upload-length")
    photo = await _photo(call, device, _named_record(call))
    if size != photo.size:
        raise Refusal("bad_request", f"the record says {photo.size} bytes")
    await _uploader(call).begin(photo, device.id, call.context.sources.now())
    return plain(call.request, 201, headers=_HEADERS | {"Location": f"/photos/{photo.id}"})


async def _progress(call: Call, photo: str) -> ASGIApp:
    device = await call.admit_active()
    check_version(call)
    so_far = await _uploader(call).progress(await _photo(call, device, photo))
    told = {"Upload-Offset": str(so_far.received), "Upload-Length": str(so_far.size)}
    return plain(call.request, 200, headers=_HEADERS | told)


async def _append(call: Call, photo: str) -> ASGIApp:
    chunk = await call.body()
    device = await call.admit_active(chunk)
    check_version(call)
    if content_type(call.headers) != CHUNK_TYPE:
        raise Refusal("media_type", f"spoken here: {CHUNK_TYPE}")
    if len(chunk) > CHUNK:
        raise Refusal("too_large", f"a chunk has at most {CHUNK} bytes")
    offset, record = whole_number(call, "upload-offset"), await _photo(call, device, photo)
    so_far = await _uploader(call).append(record, device.id, offset, chunk, call.context.sources.now())
    return plain(call.request, 204, headers=_HEADERS | {"Upload-Offset": str(so_far.received)})


async def _read(call: Call, photo: str) -> ASGIApp:
    device = await call.admit_active()
    record = await _photo(call, device, photo)
    path = call.context.photos.whole(record.id)
    if path is None:
        raise Refusal("not_found", "this photo has not arrived yet")
    context = call.context
    await give_photo(context.store, device.id.bytes, record.id.bytes, path.stat().st_size, context.sources.now())
    return _Given(call, device.id, record.id, path)


class _Given:
    """A photo's bytes, piece by piece, each handed over under the device's lock while it may still have them."""

    def __init__(self, call: Call, device: UUID, photo: UUID, path: Path) -> None:
        self._call = call
        self._device = device
        self._photo = photo
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it. Where the device is cut off on the way, it ends in the middle."""
        size, at = self._path.stat().st_size, 0
        is_begun = False
        try:
            while at < size:
                piece = await asyncio.to_thread(_piece, self._path, at)
                async with handing(self._call, self._device) as way:
                    if not way.is_active:
                        break
                    give = way.over(send)
                    if not is_begun:
                        way.hold.check()
                        is_begun = True
                        await give(
                            {"type": "http.response.start", "status": 200, "headers": _given_headers(piece, size)}
                        )
                    at += len(piece)
                    await give({"type": "http.response.body", "body": piece, "more_body": at < size})
        except TimeoutError:
            self._call.context.log.warning("photo not handed over in time", is_begun=is_begun)
        if not is_begun:
            await (await self._call.refused(Refusal("unavailable")))(scope, receive, send)


def _piece(path: Path, at: int) -> bytes:
    with path.open("rb") as file:
        file.seek(at)
        return file.read(AT_ONCE)


def _given_headers(first: bytes, size: int) -> list[tuple[bytes, bytes]]:
    media_type = b"image/jpeg" if first.startswith(_JPEG) else b"application/octet-stream"
    return [
        (b"content-type", media_type),
        (b"content-length", str(size).encode()),
        (b"cache-control", b"no-store"),
    ]


_MAY_COME = (*UNSIGNED, "awaiting_confirmation", "device_suspended", "departed", "not_found")
_READING = refusals("bad_request", *_MAY_COME)
_UPLOADING = refusals("bad_request", *_MAY_COME, "upload_version")
_TELLING = {status: ResponseSpec(None, description=one.description) for status, one in _UPLOADING.items()}
"""A HEAD is refused by its status alone."""
_APPENDING = refusals(
    "bad_request", *_MAY_COME, "wrong_offset", "upload_version", "too_large", "media_type", "wrong_digest"
)


@route("/photos", http_method=HttpMethod.OPTIONS, status_code=200, include_in_schema=False)
async def options(request: AnyRequest) -> ASGIApp:
    """What this server speaks of tus."""
    told = {"Tus-Version": VERSION, "Tus-Max-Size": str(_LARGEST), "Tus-Extension": "creation"}
    return plain(request, 200, headers=_HEADERS | told)


@post(
    "/photos",
    summary="Begin an upload",
    security=SIGNED,
    responses={201: ResponseSpec(None, description="Begun"), **_UPLOADING},
)
async def create(request: AnyRequest) -> ASGIApp:
    """Begin the upload of a photo whose record the server has."""
    return await answered(request, _create)


@route(
    "/photos/{photo:str}",
    http_method=HttpMethod.HEAD,
    status_code=200,
    summary="How far an upload is",
    security=SIGNED,
    responses={200: ResponseSpec(None, description="Upload-Offset says it"), **_TELLING},
)
async def progress(request: AnyRequest, photo: FromPath[str]) -> ASGIApp:
    """How far a photo has arrived."""
    return await answered(request, lambda call: _progress(call, photo))


@patch(
    "/photos/{photo:str}",
    summary="Append a chunk",
    operation_class=ChunkBody,
    security=SIGNED,
    responses={
        204: ResponseSpec(None, description="Upload-Offset says how far it is now"),
        **_APPENDING,
    },
)
async def append(request: AnyRequest, photo: FromPath[str]) -> ASGIApp:
    """Append a chunk to a photo."""
    return await answered(request, lambda call: _append(call, photo))


@get(
    "/photos/{photo:str}",
    summary="A photo's bytes",
    security=SIGNED,
    responses={200: ResponseSpec(bytes, description="The bytes", media_type="image/jpeg"), **_READING},
)
async def read(request: AnyRequest, photo: FromPath[str]) -> ASGIApp:
    """A photo's bytes, for a device that may read its record."""
    return await answered(request, lambda call: _read(call, photo))

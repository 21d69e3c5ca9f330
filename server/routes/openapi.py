"""`/schema/openapi.json`: what the handlers say of themselves, with bodies that are read raw and ways to sign.

It is made once, when it is first asked for and beside the loop. It is JSON alone: nothing is fetched from elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
from litestar import Litestar, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import (
    Components,
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.types import ASGIApp

from server.routes.calls import AnyRequest, Call, answered, plain
from sync import frames, jsonform

__all__ = [
    "OPERATIONS",
    "SIGNED",
    "ChunkBody",
    "Description",
    "EnrolBody",
    "SealedPhotoBody",
    "SyncBody",
    "WakeBody",
    "openapi",
]

_TEXT = Schema(type=OpenAPIType.STRING)
_BYTES = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)

SIGNED: list[dict[str, list[str]]] = [{"token": []}, {"device": [], "challenge": [], "proof": []}]
"""A request carries a token, or names its device and signs a challenge."""

OPERATIONS: list[dict[str, list[str]]] = [{"operations": []}]
"""A request carries the token of whoever watches the server: the text of `keys/operations.key`."""


def _header(name: str, description: str) -> SecurityScheme:
    return SecurityScheme(type="apiKey", name=name, security_scheme_in="header", description=description)


@dataclass
class EnrolBody(Operation):
    """The body of `POST /enrol`."""

    def __post_init__(self) -> None:
        names = ("code", "public_key", "signature", "model")
        schema = Schema(type=OpenAPIType.OBJECT, properties=dict.fromkeys(names, _TEXT), required=list(names[:3]))
        self.request_body = RequestBody({"application/json": OpenAPIMediaType(schema)}, required=True)


@dataclass
class SyncBody(Operation):
    """The body of `POST /sync`, in both forms."""

    def __post_init__(self) -> None:
        forms = {
            frames.MEDIA_TYPE: OpenAPIMediaType(_BYTES),
            jsonform.MEDIA_TYPE: OpenAPIMediaType(Schema(type=OpenAPIType.OBJECT)),
        }
        self.request_body = RequestBody(forms, required=True)


@dataclass
class WakeBody(Operation):
    """The body of `PUT /wake`."""

    def __post_init__(self) -> None:
        schema = Schema(type=OpenAPIType.OBJECT, properties={"address": _TEXT}, required=["address"])
        self.request_body = RequestBody({"application/json": OpenAPIMediaType(schema)}, required=True)


@dataclass
class DiagnosticsBody(Operation):
    """The body of `POST /diagnostics`."""

    def __post_init__(self) -> None:
        schema = Schema(type=OpenAPIType.OBJECT, required=["device", "at", "sdk", "protocol", "schema"])
        self.request_body = RequestBody({"application/json": OpenAPIMediaType(schema)}, required=True)


@dataclass
class ChunkBody(Operation):
    """The body of a chunk of a photo."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody({"application/offset+octet-stream": OpenAPIMediaType(_BYTES)}, required=True)


@dataclass
class SealedPhotoBody(Operation):
    """The body that begins the hand-in of a sealed photo."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody({frames.MEDIA_TYPE: OpenAPIMediaType(_BYTES)}, required=True)


_CONFIG = OpenAPIConfig(
    title="Saojie",
    version="1",
    description="Offline sync for field sales. The exchange itself is described in PROTOCOL.md.",
    use_handler_docstrings=True,
    components=Components(
        security_schemes={
            "token": SecurityScheme(type="http", scheme="bearer"),
            "operations": SecurityScheme(type="http", scheme="bearer", description="The text of keys/operations.key"),
            "device": _header("Saojie-Device", "The device's id"),
            "challenge": _header("Saojie-Challenge", "A challenge that this server gave, hexadecimal"),
            "proof": _header("Saojie-Proof", "The device key's signature over challenge and body, hexadecimal"),
        }
    ),
)


class Description:
    """The OpenAPI of some handlers."""

    def __init__(self, handlers: Sequence[HTTPRouteHandler]) -> None:
        self._handlers = handlers

    @cached_property
    def text(self) -> bytes:
        """The document, as JSON."""
        app = Litestar(self._handlers, openapi_config=_CONFIG, logging_config=None)
        return msgspec.json.encode(app.openapi_schema.to_schema())


async def _openapi(call: Call) -> ASGIApp:
    description: Description = call.request.app.state.description
    return plain(call.request, 200, await asyncio.to_thread(lambda: description.text))


@get("/schema/openapi.json", include_in_schema=False)
async def openapi(request: AnyRequest) -> ASGIApp:
    """The OpenAPI of this server."""
    return await answered(request, _openapi)

"""`GET /static/…`: styles, scripts and pictures, kept by browsers for good, as their address changes with them."""

from __future__ import annotations

import asyncio
import gzip
from functools import lru_cache
from mimetypes import guess_type

from litestar import get
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.render import STATIC, static_address
from server.routes.calls import AnyRequest, answered, plain
from sync.errors import Refusal

__all__ = ["ROUTES"]

_FOREVER = "public, max-age=31536000, immutable"
_TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_GZIP = {"content-encoding": "gzip", "vary": "accept-encoding"}
# A worker loads by its own policy and not by that of the page that began it; the map's reads tiles from here.
_WORKER = {"content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'"}
_PRESSED = frozenset(_TYPES.values())


@lru_cache(maxsize=64)
def _pressed(name: str) -> bytes:
    return gzip.compress((STATIC / name).read_bytes(), 6, mtime=0)


def _found(name: str) -> str:
    """The name of a file that is there. Raises Refusal."""
    if any(part in {"", ".", ".."} for part in name.split("/")) or not (STATIC / name).is_file():
        raise Refusal("not_found")
    return name


@get("/static/{digest:str}/{name:path}", opt={"roles": None}, include_in_schema=False)
async def file(request: AnyRequest, digest: FromPath[str], name: FromPath[str]) -> ASGIApp:
    """One file. An address of another version is not there any more."""

    async def work(_call: object) -> ASGIApp:
        found = _found(name.removeprefix("/"))
        if static_address(found) != f"/static/{digest}/{found}":
            raise Refusal("not_found")
        suffix = f".{found.rpartition('.')[2]}"
        media_type = _TYPES.get(suffix) or guess_type(found)[0] or "application/octet-stream"
        headers = {"cache-control": _FOREVER} | (_WORKER if found.endswith("-worker.mjs") else {})
        if media_type in _PRESSED and "gzip" in request.headers.get("accept-encoding", ""):
            body = await asyncio.to_thread(_pressed, found)
            return plain(
                request, 200, body, media_type, headers | {"content-encoding": "gzip", "vary": "accept-encoding"}
            )
        return plain(request, 200, await asyncio.to_thread((STATIC / found).read_bytes), media_type, headers)

    return await answered(request, work)


ROUTES = (file,)

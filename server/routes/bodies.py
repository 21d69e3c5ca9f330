"""Bodies: which content types are spoken, and opening what came compressed within a bound."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Mapping

from sync.errors import Refusal

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["content_type", "opened", "pressed"]

_WINDOW = {int(zstd.DecompressionParameter.window_log_max): 23}
_WORTH_PRESSING = 1000


def content_type(headers: Mapping[str, str]) -> str:
    """The content type of a request without its parameters, in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _open_gzip(body: bytes, most: int) -> bytes:
    opener = zlib.decompressobj(wbits=31)
    data = opener.decompress(body, most + 1)
    if not opener.eof and len(data) <= most:
        raise Refusal("bad_request", "the compressed body is cut off")
    return data


def _open_zstd(body: bytes, most: int) -> bytes:
    opener = zstd.ZstdDecompressor(options=_WINDOW)
    data = opener.decompress(body, most + 1)
    if not opener.eof and len(data) <= most:
        raise Refusal("bad_request", "the compressed body is cut off")
    return data


_OPENERS: dict[str, Callable[[bytes, int], bytes]] = {"gzip": _open_gzip, "zstd": _open_zstd}


def opened(body: bytes, headers: Mapping[str, str], most: int) -> bytes:
    """The body as it was before it was compressed, at most `most` bytes. Raises Refusal."""
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return body
    opener = _OPENERS.get(encoding)
    if opener is None:
        raise Refusal("media_type", "bodies may be compressed with gzip or zstd")
    try:
        data = opener(body, most)
    except (zlib.error, zstd.ZstdError) as error:
        raise Refusal("bad_request", "the compressed body cannot be opened") from error
    if len(data) > most:
        raise Refusal("too_large", f"more than {most} bytes when open")
    return data


def pressed(body: bytes, headers: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """An answer as small as the asker can take it, and the headers that say so."""
    accepted = {part.partition(";")[0].strip() for part in headers.get("accept-encoding", "").lower().split(",")}
    if len(body) < _WORTH_PRESSING:
        return body, {"Vary": "Accept-Encoding"}
    if "zstd" in accepted:
        return zstd.compress(body), {"Vary": "Accept-Encoding", "Content-Encoding": "zstd"}
    if "gzip" in accepted:
        return gzip.compress(body, 6, mtime=0), {"Vary": "Accept-Encoding", "Content-Encoding": "gzip"}
    return body, {"Vary": "Accept-Encoding"}

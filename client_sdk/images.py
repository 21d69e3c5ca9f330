"""Making a photo small and plain: longest edge 1,280 px, upright, JPEG, nothing in it but the picture."""

from __future__ import annotations

from io import BytesIO

import msgspec

from client_sdk.errors import InvalidInput

__all__ = ["LONGEST_EDGE", "Picture", "prepared"]

LONGEST_EDGE = 1280
_MOST_PIXELS = 120_000_000
_QUALITY = 80


class Picture(msgspec.Struct, frozen=True):
    """A prepared photo: JPEG bytes, width and height in pixels."""

    data: bytes
    width: int
    height: int


def prepared(data: bytes) -> Picture:
    """The picture in `data`, turned upright, made small, without any metadata. Raises InvalidInput."""
    from PIL import Image, ImageOps  # noqa: PLC0415  # only who attaches a photo pays for loading it

    try:
        with Image.open(BytesIO(data)) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise InvalidInput("too_large", "data", f"more than {_MOST_PIXELS} pixels")
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInput("bad_value", "data", "these bytes are not a picture") from error
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Picture(out.getvalue(), bare.width, bare.height)

"""A font with Chinese for a browser on a desk, whose renderer sees none of the machine's. A phone has its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["chinese_font"]

_KNOWN = (
    Path(sys.prefix, "fonts", "noto-sans-sc.woff2"),  # tools/font.sh
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),  # Debian: fonts-noto-cjk
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),  # Arch
    Path("/System/Library/Fonts/STHeiti Light.ttc"),  # macOS
    Path("C:/Windows/Fonts/msyh.ttc"),
)


def chinese_font() -> Path | None:
    """The file of a font; SAOJIE_FONT names another. None where none is known."""
    named = os.environ.get("SAOJIE_FONT")
    places = (Path(named), *_KNOWN) if named else _KNOWN
    return next((one for one in places if one.is_file()), None)

"""QR codes, for a page (SVG) and for a terminal. It draws; it knows nothing of what it draws."""

from __future__ import annotations

import io
from base64 import b64encode

import segno

__all__ = ["as_image", "as_terminal"]

_QUIET_ZONE = 2


def _made(text: str, error: str = "m") -> segno.QRCode:
    return segno.make_qr(text, error=error)


def as_image(text: str, scale: int = 6, error: str = "m") -> str:
    """A picture as a `data:` address, black on nothing, `scale` user units a module. `error` is as below."""
    out = io.BytesIO()
    _made(text, error).save(out, kind="svg", scale=scale, border=_QUIET_ZONE, xmldecl=False)
    return f"data:image/svg+xml;base64,{b64encode(out.getvalue()).decode()}"


def as_terminal(text: str, error: str = "m") -> str:
    """Lines for a terminal, two modules a line high. `error` is the level of correction: l, m, q or h."""
    out = io.StringIO()
    _made(text, error).terminal(out=out, border=_QUIET_ZONE, compact=True)
    return out.getvalue()

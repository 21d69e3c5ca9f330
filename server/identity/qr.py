"""QR codes, for a page (SVG) and for a terminal. It draws; it knows nothing of what it draws."""

from __future__ import annotations

import io

import segno

__all__ = ["as_svg", "as_terminal"]

_QUIET_ZONE = 2


def _made(text: str, error: str = "m") -> segno.QRCode:
    return segno.make_qr(text, error=error)


def as_svg(text: str, scale: int = 6) -> str:
    """An SVG element to stand in a page, `scale` user units a module."""
    return _made(text).svg_inline(scale=scale, border=_QUIET_ZONE)


def as_terminal(text: str, error: str = "m") -> str:
    """Lines for a terminal, two modules a line high. `error` is the level of correction: l, m, q or h."""
    out = io.StringIO()
    _made(text, error).terminal(out=out, border=_QUIET_ZONE, compact=True)
    return out.getvalue()

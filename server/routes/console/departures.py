"""`/departures`: somebody leaves."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

__all__ = ["ROUTES"]

ROUTES: tuple[HTTPRouteHandler, ...] = ()

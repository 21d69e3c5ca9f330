"""`/people`: people and their devices."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

__all__ = ["ROUTES"]

ROUTES: tuple[HTTPRouteHandler, ...] = ()

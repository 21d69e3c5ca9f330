"""`/settings`: the rules of the company."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

__all__ = ["ROUTES"]

ROUTES: tuple[HTTPRouteHandler, ...] = ()

"""The manager's console over HTTP: pages for browsers, and the clicks in them."""

from __future__ import annotations

from server.routes.console import (
    departures,
    events,
    imports,
    inbox,
    maps,
    me,
    outlets,
    people,
    pool,
    reports,
    settings,
    sign_in,
    static,
    today,
)

__all__ = ["ROUTES"]

ROUTES = (
    *departures.ROUTES,
    *events.ROUTES,
    *imports.ROUTES,
    *inbox.ROUTES,
    *maps.ROUTES,
    *me.ROUTES,
    *outlets.ROUTES,
    *people.ROUTES,
    *pool.ROUTES,
    *reports.ROUTES,
    *settings.ROUTES,
    *sign_in.ROUTES,
    *static.ROUTES,
    *today.ROUTES,
)
"""Every handler of the console."""

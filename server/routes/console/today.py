"""`/`: today."""

from __future__ import annotations

from litestar import get
from litestar.types import ASGIApp

from server.console.rights import OFFICE
from server.routes.calls import AnyRequest
from server.routes.console.door import Page, View, opened_to, shown

__all__ = ["ROUTES"]


@get("/", opt=opened_to(OFFICE))
async def today(request: AnyRequest) -> ASGIApp:
    """How the day goes."""
    return await shown(request, _today)


async def _today(_view: View) -> Page:
    return Page("today.html")


ROUTES = (today,)

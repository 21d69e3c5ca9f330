"""`/`: today."""

from __future__ import annotations

from litestar import get
from litestar.types import ASGIApp

from server.console.rights import OFFICE
from server.console.today import today_page
from server.routes.calls import AnyRequest
from server.routes.console.door import Page, View, opened_to, shown

__all__ = ["ROUTES"]

_MOST_DIGITS = 6


@get("/", opt=opened_to(OFFICE))
async def today(request: AnyRequest) -> ASGIApp:
    """How the day goes."""
    return await shown(request, _today)


async def _today(view: View) -> Page:
    typed, only = view.query.get("from", ""), view.query.get("only", "")
    begins = int(typed) if typed.isdigit() and len(typed) <= _MOST_DIGITS else 0
    only = only if only in {"out", "in"} else ""
    after = view.context.settings.wipe_reminder_after
    async with view.store.read() as tx:
        ground = await view.ruled(tx)
        found = await today_page(tx, view.viewer, ground, begins=begins, only=only, hangs_after=after)
    return Page("today.html", {"today": found, "only": only, "begins": begins})


ROUTES = (today,)

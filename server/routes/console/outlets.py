"""`/outlets`: the archive, and each outlet."""

from __future__ import annotations

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from server.console.outlets.exporting import customer_list
from server.console.outlets.filters import read_filters
from server.console.outlets.listing import choices, listing, page_of
from server.console.outlets.options import options_of
from server.console.rights import MANAGERS, OFFICE
from server.departure.evidence.access import note_access
from server.routes.calls import AnyRequest
from server.routes.console import outlet, outlet_acts
from server.routes.console.door import Page, View, opened_to, shown
from server.routes.console.files import attached

__all__ = ["ROUTES"]


@get("/outlets", opt=opened_to(OFFICE))
async def outlets(request: AnyRequest) -> ASGIApp:
    """The list of outlets."""
    return await shown(request, _outlets)


async def _outlets(view: View) -> Page:
    filters = read_filters(view.query)
    async with view.store.read() as tx:
        ground, known = await view.ruled(tx), await choices(tx)
        page = await listing(tx, filters, ground, known, **page_of(view.query))
    async with view.store.write() as tx:
        asked = filters.address()
        await note_access(tx, "outlets", view.viewer.person.id, len(page.lines), view.sources, filters=asked)
    return Page("outlets.html", {"page": page, "filters": filters, **options_of(view.viewer, known)})


@get("/outlets/customers.xlsx", opt=opened_to(MANAGERS))
async def customers(request: AnyRequest) -> ASGIApp:
    """The customer list (客户一览表): what the list finds, as a workbook."""
    return await shown(request, _customers)


async def _customers(view: View) -> ASGIApp:
    async with view.store.read() as tx:
        ground = await view.ruled(tx)
    return attached(*await customer_list(view.store, read_filters(view.query), ground, view.viewer.person))


ROUTES: tuple[HTTPRouteHandler, ...] = (outlets, customers, *outlet.ROUTES, *outlet_acts.ROUTES)

"""`/reports`: plots, tables and workbooks."""

from __future__ import annotations

from functools import partial

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from server.console.reports.kinds import GROUPS, KINDS, kinds_for
from server.console.reports.pages import exported, open_report
from server.console.reports.values import Kind
from server.console.rights import OFFICE
from server.routes.calls import AnyRequest
from server.routes.console.door import Page, View, opened_to, shown
from server.routes.console.files import attached

__all__ = ["ROUTES"]


@get("/reports", opt=opened_to(OFFICE))
async def index(request: AnyRequest) -> ASGIApp:
    """The reports that are open to the viewer."""
    return await shown(request, _index)


async def _index(view: View) -> Page:
    return Page("reports.html", {"groups": GROUPS, "kinds": kinds_for(view.viewer.person.role)})


def _handlers(kind: Kind) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    """The page of a report and its workbook, open to those who may see that report."""

    async def page(view: View) -> Page:
        opened = await open_report(view.store, view.ruled, view.viewer, kind, view.query)
        return Page("report.html", {"opened": opened, "kind": kind, "report": opened.report})

    async def file(view: View) -> ASGIApp:
        return attached(*await exported(view.store, view.ruled, view.viewer, kind, view.query))

    async def show(request: AnyRequest) -> ASGIApp:
        return await shown(request, page)

    async def take(request: AnyRequest) -> ASGIApp:
        return await shown(request, file)

    open_to = partial(get, opt=opened_to(kind.roles))
    return open_to(f"/reports/{kind.name}")(show), open_to(f"/reports/{kind.name}.xlsx")(take)


ROUTES = (index, *(handler for kind in KINDS.values() for handler in _handlers(kind)))

"""`/reports`: plots, tables and workbooks."""

from __future__ import annotations

from functools import partial

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from server.console.reports.customers import choices, customer_list
from server.console.reports.kinds import GROUPS, KINDS, kinds_for
from server.console.reports.pages import Opened, exported, open_report
from server.console.reports.values import Kind
from server.console.rights import MANAGERS, OFFICE
from server.field.appraisal.closing import close_month
from server.master.store import Tx
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.routes.console.files import attached
from server.values import Unfit

__all__ = ["ROUTES"]


@get("/reports", opt=opened_to(OFFICE))
async def index(request: AnyRequest) -> ASGIApp:
    """The reports that are open to the viewer."""
    return await shown(request, _index)


async def _index(view: View) -> Page:
    return Page("reports.html", {"groups": GROUPS, "kinds": kinds_for(view.viewer.person.role)})


@get("/reports/customers", opt=opened_to(MANAGERS))
async def customers(request: AnyRequest) -> ASGIApp:
    """What the customer list may be narrowed by before it is taken out."""
    return await shown(request, _customers)


async def _customers(view: View) -> Page:
    async with view.store.read() as tx:
        return Page("report_customers.html", {"choices": await choices(tx, view.viewer)})


@get("/reports/customers.xlsx", opt=opened_to(MANAGERS))
async def customers_file(request: AnyRequest) -> ASGIApp:
    """The customer list; it is in the journal."""
    return await shown(request, _customers_file)


async def _customers_file(view: View) -> ASGIApp:
    return attached(*await customer_list(view.store, view.ground(), view.viewer, view.query))


@post("/reports/appraisal/close", opt=opened_to(MANAGERS))
async def close(request: AnyRequest) -> ASGIApp:
    """Close a month of the appraisal."""
    return await acted(request, _close, again=_appraisal)


async def _appraisal(view: View) -> Page:
    query = {"month": view.form.text("month")}
    return _page(await open_report(view.store, view.ruled, view.viewer, KINDS["appraisal"], query))


async def _close(view: View) -> Done:
    month = view.form.text("month")
    if view.form.text("again") != month:
        raise Unfit(f"write {month} once more to close it", f"请再写一次 {month} 以确认结账")

    async def work(tx: Tx) -> frozenset[str]:
        return (await close_month(tx, month, await view.ruled(tx), view.viewer.person.id))[1]

    view.announce(await view.store.transact(work))
    return Done(f"/reports/appraisal?month={month}", f"{month} 已结账。", f"{month} is closed.")


def _page(opened: Opened) -> Page:
    return Page("report.html", {"opened": opened, "kind": opened.kind, "report": opened.report})


def _handlers(kind: Kind) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    """The page of a report and its workbook, open to those who may see that report."""

    async def page(view: View) -> Page:
        return _page(await open_report(view.store, view.ruled, view.viewer, kind, view.query))

    async def file(view: View) -> ASGIApp:
        return attached(*await exported(view.store, view.ruled, view.viewer, kind, view.query))

    async def show(request: AnyRequest) -> ASGIApp:
        return await shown(request, page)

    async def take(request: AnyRequest) -> ASGIApp:
        return await shown(request, file)

    open_to = partial(get, opt=opened_to(kind.roles))
    return open_to(f"/reports/{kind.name}")(show), open_to(f"/reports/{kind.name}.xlsx")(take)


ROUTES = (index, customers, customers_file, close, *(handler for kind in KINDS.values() for handler in _handlers(kind)))

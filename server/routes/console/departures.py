"""`/departures`: all of them, and what became of each."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from functools import partial
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.departures.afterwards import afterwards
from server.console.departures.listing import departures_page, state_of
from server.console.departures.words import GRADES, NOT_PROMISED
from server.console.people.person import check_hand
from server.console.rights import MANAGERS
from server.departure import orders
from server.departure.departures_file import DeparturesFileError, Entry
from server.departure.evidence.access import note_access
from server.departure.leaving.checklist import INTERVIEW_REASONS, Point
from server.departure.leaving.formalities import see_to
from server.departure.leaving.informing import Word
from server.departure.leaving.informing import inform as note_informed
from server.departure.orders import Order
from server.identity.codes import scannable
from server.identity.qr import as_image
from server.master.store import Tx
from server.routes.calls import AnyRequest
from server.routes.console import aftermath, leaving
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.values import Unfit
from sync.errors import Refusal
from sync.ids import parse_id

__all__ = ["ROUTES"]

_AT_ONCE = 50
"""So many customers who wait to be informed are shown."""


@get("/departures", opt=opened_to(MANAGERS))
async def index(request: AnyRequest) -> ASGIApp:
    """All departures."""
    return await shown(request, _index)


async def _index(view: View) -> Page:
    entries = await _entries(view)
    async with view.store.read() as tx:
        page = await departures_page(tx, entries)
    return Page("departures.html", {"page": page, "state_of": state_of})


async def _entries(view: View) -> tuple[Entry, ...] | str:
    """What the departures file says, or why it cannot be read."""
    try:
        return await asyncio.to_thread(view.means.file.read)
    except (DeparturesFileError, OSError) as error:
        return str(error) or type(error).__name__


@get("/departures/{person:uuid}", opt=opened_to(MANAGERS))
async def one(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """One departure: each phone's order, and everything that follows."""
    return await shown(request, partial(_one, person=person))


async def _one(view: View, person: UUID, **more: Any) -> Page:
    async with view.store.read() as tx:
        page = await afterwards(tx, person)
    values = {"page": page, "state_of": state_of, "grades": GRADES, "not_promised": NOT_PROMISED}
    return Page("departure.html", values | {"interview": INTERVIEW_REASONS, "letter": None, **more})


@post("/departures/{person:uuid}/orders/{order:uuid}/close", opt=opened_to(MANAGERS))
async def close(request: AnyRequest, person: FromPath[UUID], order: FromPath[UUID]) -> ASGIApp:
    """Nobody chases an order any more."""
    return await acted(request, partial(_close, person=person, order=order), again=partial(_one, person=person))


async def _close(view: View, person: UUID, order: UUID) -> Done:
    why = view.form.needed(f"why-{order}", "原因", "Reason")
    async with view.store.write() as tx:
        found = await _order(tx, view, person, order)
        await orders.close(tx, found, why, view.sources, view.viewer.person.id)
    return Done(
        f"/departures/{person}",
        "已关闭追踪；手机再出现时仍会收到擦除令。",
        "Closed: nobody chases it. If the phone turns up it is still told.",
    )


@post("/departures/{person:uuid}/orders/{order:uuid}/in-hand", opt=opened_to(MANAGERS))
async def in_hand(request: AnyRequest, person: FromPath[UUID], order: FromPath[UUID]) -> ASGIApp:
    """The phone is in the viewer's hands."""
    return await acted(request, partial(_in_hand, person=person, order=order), again=partial(_one, person=person))


async def _in_hand(view: View, person: UUID, order: UUID) -> Done:
    how = view.form.needed(f"how-{order}", "如何收回", "How it came to you")
    async with view.store.write() as tx:
        found = await _order(tx, view, person, order)
        await orders.in_hand(tx, found, view.viewer.person.id, how, view.sources)
    return Done(f"/departures/{person}", "已记录：手机在您手中。", "Noted: the phone is in your hands.")


@post("/departures/{person:uuid}/orders/{order:uuid}/letter", opt=opened_to(MANAGERS))
async def letter(request: AnyRequest, person: FromPath[UUID], order: FromPath[UUID]) -> ASGIApp:
    """An order as a code to scan, for a phone that has no network; that it was given out is in the journal."""
    return await acted(request, partial(_letter, person=person, order=order), again=partial(_one, person=person))


async def _letter(view: View, person: UUID, order: UUID) -> Page:
    async with view.store.write() as tx:
        found = await _order(tx, view, person, order)
        signed = await orders.carried(tx, found, view.context.keys, view.sources)
    image = as_image(scannable(signed), 4, "l")
    return await _one(view, person, letter={"order": order, "image": image, "line": b64encode(signed).decode()})


async def _order(tx: Tx, view: View, person: UUID, order: UUID) -> Order:
    """An order of somebody on whom the viewer may decide. Raises Refusal."""
    await check_hand(tx, view.viewer, person)
    found = await orders.find(tx, order)
    if found is None or found.staff != person:
        raise Refusal("not_found", f"there is no order {order}")
    return found


@get("/departures/{person:uuid}/customers", opt=opened_to(MANAGERS))
async def customers(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """The customers who are still to be told that somebody leaves."""
    return await shown(request, partial(_customers, person=person))


async def _customers(view: View, person: UUID) -> Page:
    async with view.store.read() as tx:
        page = await afterwards(tx, person)
    if page.informed is None:
        raise Unfit(f"{page.person.name} is not leaving", f"{page.person.name} 没有离职")
    async with view.store.write() as tx:
        lines = len(page.informed.waiting[:_AT_ONCE])
        await note_access(tx, "departure", view.viewer.person.id, lines, view.sources, staff=person)
    return Page("informing.html", {"page": page, "at_once": _AT_ONCE})


@post("/departures/{person:uuid}/customers", opt=opened_to(MANAGERS))
async def inform(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Customers were told that somebody leaves."""
    return await acted(request, partial(_inform, person=person), again=partial(_customers, person=person))


async def _inform(view: View, person: UUID) -> Done:
    outlets = [one for one in map(parse_id, view.form.many("outlet")) if one is not None]
    if not outlets:
        raise Unfit("tick the customers that were informed", "请勾选已告知的客户")
    number = view.form.needed("number", "公司号码", "Company channel")
    word = Word(view.viewer.person.id, number, None, view.form.text("said"))
    async with view.store.write() as tx:
        told = await note_informed(tx, person, outlets, word, view.sources)
    left = len(told.waiting)
    return Done(f"/departures/{person}/customers", f"已登记，尚有 {left} 家。", f"Noted; {left} are left.")


@post("/departures/{person:uuid}/points", opt=opened_to(MANAGERS))
async def tick(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """One of the formalities is done."""
    return await acted(request, partial(_tick, person=person), again=partial(_one, person=person))


async def _tick(view: View, person: UUID) -> Done:
    typed = view.form.text("point")
    if typed not in list(Point):
        raise Unfit("choose what is done", "请选择已完成的事项")
    said, code = view.form.text("note"), view.form.text("code") or None
    async with view.store.write() as tx:
        who = await check_hand(tx, view.viewer, person)
        await see_to(tx, who, Point(typed), view.sources, by=view.viewer.person.id, said=said, code=code)
    return Done(f"/departures/{person}#points", "已记录。", "Noted.")


ROUTES: tuple[HTTPRouteHandler, ...] = (
    index,
    one,
    close,
    in_hand,
    letter,
    customers,
    inform,
    tick,
    *leaving.ROUTES,
    *aftermath.ROUTES,
)

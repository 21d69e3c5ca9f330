"""`/people/{id}/devices/{id}`: one phone: how it is, and what can be done about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.departures.words import LINE_MISSING
from server.console.people.person import check_hand, device_page
from server.console.rights import MANAGERS
from server.departure.cutoff import LineMissing, lose_device
from server.field.watching.asking import shorten
from server.identity import devices, terms
from server.identity.terms import Special
from server.master.store import Tx
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["ROUTES"]

Change = Callable[[Tx, View], Awaitable[object]]


@get("/people/{person:uuid}/devices/{device:uuid}", opt=opened_to(MANAGERS))
async def one(request: AnyRequest, person: FromPath[UUID], device: FromPath[UUID]) -> ASGIApp:
    """One phone."""
    return await shown(request, partial(_one, person=person, device=device))


async def _one(view: View, person: UUID, device: UUID) -> Page:
    async with view.store.read() as tx:
        return Page("device.html", {"page": await device_page(tx, view.viewer, person, device)})


async def _changed(view: View, person: UUID, device: UUID, change: Change) -> None:
    """Change a phone of somebody on whom the viewer may decide. Raises Refusal."""
    async with view.store.write() as tx:
        await check_hand(tx, view.viewer, person)
        found = await devices.find(tx, device)
        if found is None or found.staff != person:
            raise Refusal("not_found", f"there is no device {device}")
        await change(tx, view)


def _back(person: UUID, device: UUID, zh: str, en: str) -> Done:
    return Done(f"/people/{person}/devices/{device}", zh, en)


@post("/people/{person:uuid}/devices/{device:uuid}/suspend", opt=opened_to(MANAGERS))
async def suspend(request: AnyRequest, person: FromPath[UUID], device: FromPath[UUID]) -> ASGIApp:
    """Stop answering a phone for now."""
    return await acted(
        request, partial(_suspend, person=person, device=device), again=partial(_one, person=person, device=device)
    )


async def _suspend(view: View, person: UUID, device: UUID) -> Done:
    reason = view.form.needed("reason", "原因", "Reason")

    async def change(tx: Tx, view: View) -> None:
        await devices.suspend(tx, device, reason, view.sources, view.viewer.person.id)

    await _changed(view, person, device, change)
    return _back(person, device, "已停用：服务器不再应答此手机。", "Suspended: the server answers this phone no more.")


@post("/people/{person:uuid}/devices/{device:uuid}/resume", opt=opened_to(MANAGERS))
async def resume(request: AnyRequest, person: FromPath[UUID], device: FromPath[UUID]) -> ASGIApp:
    """Answer a phone again."""
    return await acted(
        request, partial(_resume, person=person, device=device), again=partial(_one, person=person, device=device)
    )


async def _resume(view: View, person: UUID, device: UUID) -> Done:
    async def change(tx: Tx, view: View) -> None:
        await devices.resume(tx, device, view.sources, view.viewer.person.id)

    await _changed(view, person, device, change)
    return _back(person, device, "已恢复使用。", "It is answered again.")


@post("/people/{person:uuid}/devices/{device:uuid}/lost", opt=opened_to(MANAGERS))
async def lost(request: AnyRequest, person: FromPath[UUID], device: FromPath[UUID]) -> ASGIApp:
    """A lost phone is cut off for good and ordered to wipe itself; the person stays."""
    return await acted(
        request, partial(_lost, person=person, device=device), again=partial(_one, person=person, device=device)
    )


async def _lost(view: View, person: UUID, device: UUID) -> Done:
    if "sure" not in view.form:
        raise Unfit("tick that you know that this cannot be taken back", "请先勾选“我知道此操作不可撤回”")

    async def change(_tx: Tx, _view: View) -> None:
        """Only whether the viewer may."""

    await _changed(view, person, device, change)
    try:
        await lose_device(view.means, device, "lost", view.viewer.person.id)
    except LineMissing:
        return Done(f"/departures/{person}", *LINE_MISSING)
    return Done(
        f"/departures/{person}",
        "手机已切断，擦除令已下达；可在此查看进度。",
        "The phone is cut off and ordered to wipe itself; its progress is here.",
    )


@post("/people/{person:uuid}/devices/{device:uuid}/lease/clear", opt=opened_to(MANAGERS))
async def lengthen(request: AnyRequest, person: FromPath[UUID], device: FromPath[UUID]) -> ASGIApp:
    """The usual lease again."""
    return await acted(
        request, partial(_lengthen, person=person, device=device), again=partial(_one, person=person, device=device)
    )


async def _lengthen(view: View, person: UUID, device: UUID) -> Done:
    async def change(tx: Tx, view: View) -> None:
        await terms.clear(tx, Special(device=device), view.sources, view.viewer.person.id)

    await _changed(view, person, device, change)
    return _back(person, device, "已恢复通常的租约。", "Its lease is the usual one again.")


@post("/people/{person:uuid}/shorten", opt=opened_to(MANAGERS))
async def shorten_all(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Shorter leases for all phones of somebody, in one act."""
    return await acted(request, partial(_shorten, person=person))


async def _shorten(view: View, person: UUID) -> Done:
    async with view.store.write() as tx:
        await check_hand(tx, view.viewer, person)
        made = await shorten(tx, person, await view.ruled(tx), view.viewer.person.id)
    return Done(
        f"/people/{person}",
        f"{len(made)} 部手机的租约已缩短，下次联系时生效。",
        f"The leases of {len(made)} phones are shortened, from their next contact on.",
    )


ROUTES: tuple[HTTPRouteHandler, ...] = (one, suspend, resume, lost, lengthen, shorten_all)

"""`/people/{id}/enrolment`: a code to scan, and the six digits of the phone that used it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.departures.words import LINE_MISSING
from server.console.people.enrolling import Shown, enrolling, shown_code
from server.console.people.person import check_hand
from server.console.rights import MANAGERS
from server.departure.cutoff import LineMissing
from server.departure.replace import begin, finish
from server.identity import devices, enrolment
from server.routes.asker import is_https
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.values import Unfit, web
from sync.errors import Refusal
from sync.ids import parse_id

__all__ = ["ROUTES"]


@get("/people/{person:uuid}/enrolment", opt=opened_to(MANAGERS))
async def state(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """How far the newest code of a person is."""
    return await shown(request, partial(_state, person=person))


async def _state(view: View, person: UUID, code: Shown | None = None) -> Page:
    async with view.store.read() as tx:
        page = await enrolling(tx, person, view.viewer.now)
    values = {"page": page, "code": code, "address": _address(view), "old": view.query.get("old", "")}
    return Page("enrolment.html", values)


@post("/people/{person:uuid}/enrolment", opt=opened_to(MANAGERS))
async def issue(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Make a code for a phone, which is shown this once; also for one that takes the place of an old phone."""
    return await acted(request, partial(_issue, person=person), again=partial(_state, person=person))


async def _issue(view: View, person: UUID) -> Page:
    try:
        address = web(view.form.text("address")).rstrip("/")
    except Unfit as error:
        raise Unfit(f"address: {error.en}", f"地址：{error.zh}") from None
    settings, by = view.context.settings, view.viewer.person.id
    lifetime, confirm, old = settings.code_lifetime, settings.confirm_devices, parse_id(view.form.text("old"))
    async with view.store.write() as tx:
        await check_hand(tx, view.viewer, person)
        if old is not None:
            await _check_theirs(view, person, old)
            made = await begin(tx, old, view.sources, lifetime=lifetime, confirm=confirm, by=by)
        else:
            made = await enrolment.issue(tx, person, view.sources, lifetime=lifetime, confirm=confirm, by=by)
    return await _state(view, person, shown_code(made, address, view.context.keys))


@post("/people/{person:uuid}/enrolment/confirm", opt=opened_to(MANAGERS))
async def confirm(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """The six digits are the same on both: the phone is theirs, and an old one that it replaces is cut off."""
    return await acted(request, partial(_confirm, person=person), again=partial(_state, person=person))


async def _confirm(view: View, person: UUID) -> Done:
    device = await _asking(view, person)
    async with view.store.write() as tx:
        await check_hand(tx, view.viewer, person)
        await devices.confirm(tx, device, view.form.text("digits"), view.sources, view.viewer.person.id)
    try:
        replaced = await finish(view.means)
    except LineMissing:
        return Done(f"/people/{person}", *LINE_MISSING)
    if replaced:
        return Done(
            f"/people/{person}", "新手机已确认，旧手机已切断。", "The new phone is confirmed, and the old one cut off."
        )
    return Done(f"/people/{person}", "手机已确认，可以使用。", "The phone is confirmed, and can be used.")


@post("/people/{person:uuid}/enrolment/refuse", opt=opened_to(MANAGERS))
async def refuse(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """The six digits differ: this phone is not answered."""
    return await acted(request, partial(_refuse, person=person), again=partial(_state, person=person))


async def _refuse(view: View, person: UUID) -> Done:
    device = await _asking(view, person)
    async with view.store.write() as tx:
        await check_hand(tx, view.viewer, person)
        await devices.suspend(tx, device, "digits differ", view.sources, view.viewer.person.id)
    return Done(
        f"/people/{person}",
        "已拒绝：该手机没有得到任何资料，也不再被应答。请重新发放登记码。",
        "Refused: that phone was given nothing, and is not answered. Make another code.",
    )


async def _asking(view: View, person: UUID) -> UUID:
    """The phone that a form is about. Raises Refusal where it is not this person's."""
    device = parse_id(view.form.text("device"))
    if device is None:
        raise Refusal("not_found", "no device is named")
    await _check_theirs(view, person, device)
    return device


async def _check_theirs(view: View, person: UUID, device: UUID) -> None:
    async with view.store.read() as tx:
        found = await devices.find(tx, device)
    if found is None or found.staff != person:
        raise Refusal("not_found", f"there is no device {device}")


def _address(view: View) -> str:
    """Where this browser found the server."""
    is_safe = is_https(view.request.scope, view.context.settings.trusted_proxies)
    return f"{'https' if is_safe else 'http'}://{view.request.headers.get('host', '')}"


ROUTES: tuple[HTTPRouteHandler, ...] = (state, issue, confirm, refuse)

"""`/departures/new` and `/departures/confirm`: what would be, what was chosen, and the act itself, on its own page.

The act is bound to what was seen: where a phone or a territory came or went meanwhile, the page is shown again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hmac import compare_digest
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.departures.choosing import NOBODY, POOL
from server.console.departures.leaving import Confirming, check_leaver, confirming, leaving_page, who_can
from server.console.departures.words import LINE_MISSING, REASONS
from server.console.rights import MANAGERS
from server.departure.cutoff import LineMissing, offboard
from server.departure.evidence.access import note_access
from server.departure.leaving import notice
from server.field.whatif import Windows, create_tasks, wanted_tasks, what_if
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.routes.console.saying import sentences
from server.values import Unfit
from sync.errors import Refusal
from sync.ids import parse_id

__all__ = ["ROUTES"]

_DAY = 86_400_000
_MOST_TASKS = 30


@get("/departures/new", opt=opened_to(MANAGERS))
async def new(request: AnyRequest) -> ASGIApp:
    """What would follow if somebody left, and who could follow where."""
    return await shown(request, _new)


async def _new(view: View) -> Page:
    said = _said(view)
    if not said("person"):
        async with view.store.read() as tx:
            return Page("leaving_who.html", {"people": await who_can(tx, view.viewer)})
    async with view.store.read() as tx:
        page = await leaving_page(tx, view.viewer, _person(said), _windows(view), said)
    async with view.store.write() as tx:
        about = {"staff": page.found.person.id}
        await note_access(tx, "whatif", view.viewer.person.id, len(page.at_risk), view.sources, **about)
    values = {"page": page, "reasons": REASONS, "pool": POOL, "nobody": NOBODY}
    if view.error is None:
        return Page("leaving.html", values)
    return Page("leaving.html", values | {"error": view.viewer.say(*view.error)}, 422)


@get("/departures/confirm", opt=opened_to(MANAGERS))
async def confirm(request: AnyRequest) -> ASGIApp:
    """What is about to happen, in numbers."""
    return await shown(request, _confirm)


async def _confirm(view: View) -> Page:
    """What was chosen and cannot be is said where it is chosen."""
    said = _said(view)
    try:
        async with view.store.read() as tx:
            page = await confirming(tx, view.viewer, _person(said), said)
    except (Refusal, Unfit) as error:
        return await _new(replace(view, error=sentences(error)))
    return Page("leaving_confirm.html", {"page": page})


@post("/departures/confirm", opt=opened_to(MANAGERS))
async def carry_out(request: AnyRequest) -> ASGIApp:
    """The cut-off, or notice until a last hour."""
    return await acted(request, _carry_out, again=_confirm)


async def _carry_out(view: View) -> Done:
    said = _said(view)
    async with view.store.read() as tx:
        page = await confirming(tx, view.viewer, _person(said), said)
    _check_seen(page, said)
    return await (_cut_off(view, page) if page.choice.is_now else _give_notice(view, page))


def _check_seen(page: Confirming, said: Callable[[str], str]) -> None:
    """Whether it is what the viewer saw, and whom the viewer named. Raises Unfit."""
    if not compare_digest(said("seen").encode(), page.seal.encode()):
        raise Unfit(
            "phones, territories or the choice changed since you looked: nothing was done; look at this page again",
            "您查看之后，手机、片区或选择有变动：尚未执行任何操作，请重新核对本页",
        )
    if page.choice.is_now and said("name") != page.found.person.name:
        raise Unfit(
            f"type the name exactly as it stands here: {page.found.person.name}",
            f"请准确输入此人姓名：{page.found.person.name}",
        )


async def _cut_off(view: View, page: Confirming) -> Done:
    person, by = page.found.person, view.viewer.person.id
    there = f"/departures/{person.id}"
    try:
        done = await offboard(view.means, person.id, page.choice.reason, wanted=page.wanted, by=by)
    except LineMissing:
        return Done(there, *LINE_MISSING)
    count = len(done.devices)
    return Done(
        there,
        f"{person.name} 已离职：{count} 部手机已切断，擦除令已下达。",
        f"{person.name} has left: {count} phones are cut off and ordered to wipe themselves.",
    )


async def _give_notice(view: View, page: Confirming) -> Done:
    person, by, last_at = page.found.person, view.viewer.person.id, page.choice.last_at(view.viewer.zone)
    async with view.store.write() as tx:
        await notice.give(tx, person.id, last_at, page.wanted, view.sources, reason=page.choice.reason, by=by)
    return Done(
        f"/departures/{person.id}",
        f"{person.name} 进入离职通知期，{page.choice.last.replace('T', ' ')} 自动切断。",
        f"{person.name} is under notice until {page.choice.last.replace('T', ' ')}.",
    )


@post("/departures/{person:uuid}/withdraw", opt=opened_to(MANAGERS))
async def withdraw(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Somebody stays: the notice is withdrawn."""
    return await acted(request, partial(_withdraw, person=person))


async def _withdraw(view: View, person: UUID) -> Done:
    why = view.form.needed("why", "原因", "Reason")
    async with view.store.write() as tx:
        await check_leaver(tx, view.viewer, person)
        await notice.withdraw(tx, person, why, view.sources, by=view.viewer.person.id)
    return Done(f"/people/{person}", "通知已撤销，一切照旧。", "The notice is withdrawn: nothing happens.")


@post("/departures/{person:uuid}/tasks", opt=opened_to(MANAGERS))
async def lower(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Tasks for a colleague that lower what hangs on one person."""
    return await acted(request, partial(_lower, person=person))


async def _lower(view: View, person: UUID) -> Done:
    heir = parse_id(view.form.text("assignee"))
    if heir is None:
        raise Unfit("choose who gets the tasks", "请选择由谁完成任务")
    async with view.store.read() as tx:
        await check_leaver(tx, view.viewer, person)
        await check_leaver(tx, view.viewer, heir)
        found = await what_if(tx, person, view.viewer.now, _windows(view))
    made, changed = await create_tasks(view.store, view.sources, heir, wanted_tasks(found.outlets)[:_MOST_TASKS])
    view.announce(changed)
    return Done(f"/departures/new?person={person}", f"已派 {made} 项任务。", f"{made} tasks are given.")


def _said(view: View) -> Callable[[str], str]:
    """The text of a field: of the form, where one was sent, else of the address."""
    if any(name != "csrf" for name in view.form.names()):
        return view.form.text
    return lambda name: view.query.get(name, "").strip()


def _person(said: Callable[[str], str]) -> UUID:
    found = parse_id(said("person"))
    if found is None:
        raise Unfit("choose who leaves", "请选择离职的人")
    return found


def _windows(view: View) -> Windows:
    settings = view.context.settings
    return Windows(settings.whatif_purchases // _DAY, settings.whatif_faces // _DAY, settings.time_zone)


ROUTES: tuple[HTTPRouteHandler, ...] = (new, confirm, carry_out, withdraw, lower)

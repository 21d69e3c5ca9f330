"""`/people`: who works for the company, where, and what is known of each."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.people.person import check_hand, given_roles, person_page
from server.console.people.roster import people_page
from server.console.people.watching import watched
from server.console.rights import MANAGERS
from server.departure.evidence.access import note_access
from server.field.joining import brief_at_once
from server.field.watching.dependence import dependences, give_second_faces
from server.identity import help as helping
from server.identity import staff, territories
from server.identity.browser_sessions import sign_out as sign_out_all
from server.identity.invitations import invite
from server.identity.staff import Role
from server.routes.calls import AnyRequest
from server.routes.console import enrolling, phones
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.routes.console.form import Form
from server.values import Unfit
from sync.ids import parse_id

__all__ = ["ROUTES"]

_MOST_TASKS = 30
_HOUR_MS = 3_600_000


@get("/people", opt=opened_to(MANAGERS))
async def people(request: AnyRequest) -> ASGIApp:
    """Who works for the company."""
    return await shown(request, _people)


async def _people(view: View) -> Page:
    async with view.store.read() as tx:
        page = await people_page(tx, view.viewer.now)
    return Page("people.html", {"page": page, "roles": given_roles(view.viewer)})


@post("/people", opt=opened_to(MANAGERS))
async def add(request: AnyRequest) -> ASGIApp:
    """Somebody new."""
    return await acted(request, _add, again=_people)


async def _add(view: View) -> Done:
    name, role = view.form.needed("name", "姓名", "Name"), _role(view, "role")
    place = _id(view.form, "territory") if view.form.text("territory") else None
    by = view.viewer.person.id
    async with view.store.write() as tx:
        made = await staff.add(tx, name, role, view.sources, by=by)
        if place is not None:
            await territories.assign(tx, place, made.id, view.sources, private="private" in view.form, by=by)
    if place is not None:
        view.announce(await brief_at_once(view.store, view.ground()))
    return Done(f"/people/{made.id}", f"已添加 {made.name}。", f"{made.name} is added.")


@post("/people/territories", opt=opened_to(MANAGERS))
async def add_territory(request: AnyRequest) -> ASGIApp:
    """A new territory, in which nobody works yet."""
    return await acted(request, _add_territory, again=_people)


async def _add_territory(view: View) -> Done:
    name = view.form.needed("territory_name", "片区名称", "Name of the territory")
    pool = _id(view.form, "pool") if view.form.text("pool") else None
    async with view.store.write() as tx:
        made = await territories.add_territory(tx, name, pool, view.sources, view.viewer.person.id)
    return Done("/people", f"已添加片区 {made.name}。", f"The territory {made.name} is added.")


@get("/people/{person:uuid}", opt=opened_to(MANAGERS))
async def one(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """One person."""
    return await shown(request, partial(_one, person=person))


async def _one(view: View, person: UUID, **more: Any) -> Page:
    async with view.store.read() as tx:
        page = await person_page(tx, view.viewer, person)
    return Page("person.html", {"page": page, "roles": given_roles(view.viewer), "invitation": None, **more})


@post("/people/{person:uuid}/rename", opt=opened_to(MANAGERS))
async def rename(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Another name."""
    return await acted(request, partial(_rename, person=person), again=partial(_one, person=person))


async def _rename(view: View, person: UUID) -> Done:
    name = view.form.needed("name", "姓名", "Name")
    async with view.store.write() as tx:
        await check_hand(tx, view.viewer, person)
        found = await staff.rename(tx, person, name, view.sources, view.viewer.person.id)
    return Done(f"/people/{person}", f"已改名为 {found.name}。", f"The name is {found.name} now.")


@post("/people/{person:uuid}/role", opt=opened_to(MANAGERS))
async def role(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Another role."""
    return await acted(request, partial(_set_role, person=person), again=partial(_one, person=person))


async def _set_role(view: View, person: UUID) -> Done:
    wanted = _role(view, "role")
    if person == view.viewer.person.id:
        raise Unfit("nobody changes their own role: ask a dealer", "不能更改自己的角色，请由经销商办理")
    async with view.store.write() as tx:
        await check_hand(tx, view.viewer, person)
        await staff.set_role(tx, person, wanted, view.sources, view.viewer.person.id)
    return Done(f"/people/{person}", "角色已更改。", "The role is changed.")


@post("/people/{person:uuid}/places", opt=opened_to(MANAGERS))
async def place(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """A place on a roster, or another one there."""
    return await acted(request, partial(_place, person=person), again=partial(_one, person=person))


async def _place(view: View, person: UUID) -> Done:
    where, private = _id(view.form, "territory"), "private" in view.form
    as_role = _role(view, "place_role") if view.form.text("place_role") else None
    by = view.viewer.person.id
    async with view.store.write() as tx:
        await territories.assign(tx, where, person, view.sources, role=as_role, private=private, by=by)
    view.announce(await brief_at_once(view.store, view.ground()))
    return Done(f"/people/{person}", "协作小组已更改，手机下次联系时生效。", "The roster is changed; phones follow.")


@post("/people/{person:uuid}/places/remove", opt=opened_to(MANAGERS))
async def remove(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Off a roster."""
    return await acted(request, partial(_remove, person=person), again=partial(_one, person=person))


async def _remove(view: View, person: UUID) -> Done:
    where = _id(view.form, "territory")
    async with view.store.write() as tx:
        await territories.unassign(tx, where, person, view.sources, view.viewer.person.id)
    return Done(
        f"/people/{person}", "已退出该片区，手机下次联系时收回资料。", "Off the roster; the phone gives it back."
    )


@post("/people/{person:uuid}/help", opt=opened_to(MANAGERS))
async def help_there(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Help in a territory for some hours."""
    return await acted(request, partial(_help, person=person), again=partial(_one, person=person))


async def _help(view: View, person: UUID) -> Done:
    where, reason = _id(view.form, "help_territory"), view.form.needed("help_reason", "原因", "Reason")
    hours = view.form.text("help_hours")
    if not (hours.isascii() and hours.isdigit() and len(hours) <= 2 and 1 <= int(hours) <= 24):
        raise Unfit("hours: a whole number from 1 to 24", "时长：请填 1 至 24 之间的整数（小时）")
    async with view.store.write() as tx:
        lasts, by = int(hours) * _HOUR_MS, view.viewer.person.id
        await helping.give(tx, where, person, reason, lasts, view.sources, by=by)
    return Done(
        f"/people/{person}",
        f"临时协助 {hours} 小时，到时自动结束。",
        f"Help for {hours} hours; it ends by itself.",
    )


@post("/people/{person:uuid}/help/end", opt=opened_to(MANAGERS))
async def end_help(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Help that is over before its time."""
    return await acted(request, partial(_end_help, person=person), again=partial(_one, person=person))


async def _end_help(view: View, person: UUID) -> Done:
    where = _id(view.form, "territory")
    async with view.store.write() as tx:
        await helping.end(tx, where, person, view.sources, by=view.viewer.person.id)
    return Done(f"/people/{person}", "协助已结束。", "The help is ended.")


@post("/people/{person:uuid}/invite", opt=opened_to(MANAGERS))
async def invitation(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """A code with which somebody of the office makes an account or another password; it is shown this once."""
    return await acted(request, partial(_invite, person=person), again=partial(_one, person=person))


async def _invite(view: View, person: UUID) -> Page:
    async with view.store.write() as tx:
        made = await invite(tx, person, view.sources, by=view.viewer.person.id)
    return await _one(view, person, invitation=made)


@post("/people/{person:uuid}/sessions/end", opt=opened_to(MANAGERS))
async def sign_out(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """End all sessions of somebody."""
    return await acted(request, partial(_sign_out, person=person), again=partial(_one, person=person))


async def _sign_out(view: View, person: UUID) -> Done:
    async with view.store.write() as tx:
        await check_hand(tx, view.viewer, person)
        ended = await sign_out_all(tx, person, view.sources, view.viewer.person.id)
    return Done(f"/people/{person}", f"已结束 {ended} 个会话。", f"{ended} sessions are ended.")


@get("/people/dependence", opt=opened_to(MANAGERS))
async def dependence(request: AnyRequest) -> ASGIApp:
    """How much hangs on whom, and what is otherwise than usual."""
    return await shown(request, _watched)


@get("/people/{person:uuid}/dependence", opt=opened_to(MANAGERS))
async def dependence_of(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """The same of one person, with proposed second faces."""
    return await shown(request, partial(_watched, person=person))


async def _watched(view: View, person: UUID | None = None) -> Page:
    async with view.store.read() as tx:
        page = await watched(tx, await view.ruled(tx), person)
        who = await staff.find(tx, person) if person is not None else None
    async with view.store.write() as tx:
        by, lines = view.viewer.person.id, len(page.dependences) + len(page.signs)
        await note_access(tx, "dependence", by, lines, view.sources, staff=person)
    return Page("dependence.html", {"page": page, "who": who})


@post("/people/{person:uuid}/second-faces", opt=opened_to(MANAGERS))
async def second_faces(request: AnyRequest, person: FromPath[UUID]) -> ASGIApp:
    """Give the proposed second faces their tasks."""
    return await acted(request, partial(_second_faces, person=person))


async def _second_faces(view: View, person: UUID) -> Done:
    made, changed = 0, set[str]()
    async with view.store.write() as tx:
        for found in await dependences(tx, await view.ruled(tx), person):
            by = view.viewer.person.id
            count, scopes = await give_second_faces(tx, found, _MOST_TASKS, view.sources, by=by)
            made, changed = made + count, changed | scopes
    view.announce(changed)
    return Done(f"/people/{person}/dependence", f"已派 {made} 项任务。", f"{made} tasks are given.")


def _role(view: View, name: str) -> Role:
    typed = view.form.text(name)
    if typed not in given_roles(view.viewer):
        raise Unfit("choose a role that you may give", "请选择您可以授予的角色")
    return Role(typed)


def _id(form: Form, name: str) -> UUID:
    found = parse_id(form.text(name))
    if found is None:
        raise Unfit("choose a territory or pool from the list", "请从列表中选择片区或公海")
    return found


ROUTES: tuple[HTTPRouteHandler, ...] = (
    people,
    add,
    add_territory,
    one,
    rename,
    role,
    place,
    remove,
    help_there,
    end_help,
    invitation,
    sign_out,
    dependence,
    dependence_of,
    second_faces,
    *enrolling.ROUTES,
    *phones.ROUTES,
)

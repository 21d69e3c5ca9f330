"""What is done at an outlet: mending its archive and its contacts, and taking one change back."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.outlets.editing import (
    DATUMS,
    Editing,
    changes_in,
    contact_form,
    new_contact,
    outlet_form,
)
from server.console.outlets.taking_back import preview, take_back
from server.console.rights import ARCHIVE, MANAGERS
from server.field.mending import Mended, add, mend
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from sync.business.today import WEEKDAYS
from sync.outcomes import OutcomeCode
from sync.words import VALUES

__all__ = ["ROUTES"]


@get("/outlets/{outlet:uuid}/edit", opt=opened_to(ARCHIVE))
async def edit(request: AnyRequest, outlet: FromPath[UUID]) -> ASGIApp:
    """The form of an archive."""
    return await shown(request, partial(_outlet_form, outlet=outlet))


async def _outlet_form(view: View, outlet: UUID, mended: Mended | None = None) -> Page:
    typed = view.form if view.form.names() else None
    async with view.store.read() as tx:
        ground = await view.ruled(tx)
        told = mended.overtaken if mended is not None else None
        form = await outlet_form(tx, outlet, ground, view.viewer, typed, told)
    days = [(one, view.viewer.say(*VALUES["weekday"][one])) for one in WEEKDAYS]
    return _form("outlet_edit.html", form, datums=list(DATUMS.items()), weekdays=days)


def _form(template: str, form: Editing, **more: object) -> Page:
    return Page(template, {"one": form, **more}, 409 if form.overtaken else 200)


@post("/outlets/{outlet:uuid}/edit", opt=opened_to(ARCHIVE))
async def mend_outlet(request: AnyRequest, outlet: FromPath[UUID]) -> ASGIApp:
    """Change an archive as its form says."""
    return await acted(request, partial(_mend_outlet, outlet=outlet), partial(_outlet_form, outlet=outlet))


async def _mend_outlet(view: View, outlet: UUID) -> Done | Page:
    changes = changes_in(view.form, "outlet")
    there = f"/outlets/{outlet}"
    if not changes:
        return Done(there, "没有改动。", "Nothing was changed.")
    mended = await mend(view.store, view.sources, view.viewer.person, "outlet", outlet, view.form.revision(), changes)
    return await _outlet_form(view, outlet, mended) if mended.overtaken else _done(view, there, mended)


def _done(view: View, there: str, mended: Mended) -> Done:
    view.announce(mended.changed)
    if mended.outcome is not None and mended.outcome.code is OutcomeCode.PROPOSED:
        return Done(there, "已保存；需经理审批的部分已提交。", "Saved; what a manager has to decide was sent to them.")
    return Done(there, "已保存。", "Saved.")


@get("/outlets/{outlet:uuid}/contacts/new", opt=opened_to(ARCHIVE))
async def begin_contact(request: AnyRequest, outlet: FromPath[UUID]) -> ASGIApp:
    """The form of a new contact."""
    return await shown(request, partial(_new_contact, outlet=outlet))


async def _new_contact(view: View, outlet: UUID) -> Page:
    async with view.store.read() as tx:
        form = await new_contact(tx, outlet, view.form if view.form.names() else None)
    return _contact(view, form)


def _contact(view: View, form: Editing) -> Page:
    return _form(
        "contact_edit.html", form, channels=[(key, view.viewer.say(*text)) for key, text in VALUES["channel"].items()]
    )


@post("/outlets/{outlet:uuid}/contacts/new", opt=opened_to(ARCHIVE))
async def add_contact(request: AnyRequest, outlet: FromPath[UUID]) -> ASGIApp:
    """Add a contact."""
    return await acted(request, partial(_add_contact, outlet=outlet), partial(_new_contact, outlet=outlet))


async def _add_contact(view: View, outlet: UUID) -> Done:
    view.form.needed("name", "姓名", "Name")
    fields = {"outlet": outlet, **changes_in(view.form, "contact")}
    return _done(view, f"/outlets/{outlet}", await add(view.store, view.sources, view.viewer.person, "contact", fields))


@get("/outlets/{outlet:uuid}/contacts/{contact:uuid}", opt=opened_to(ARCHIVE))
async def edit_contact(request: AnyRequest, outlet: FromPath[UUID], contact: FromPath[UUID]) -> ASGIApp:
    """The form of a contact."""
    return await shown(request, partial(_contact_form, outlet=outlet, contact=contact))


async def _contact_form(view: View, outlet: UUID, contact: UUID, mended: Mended | None = None) -> Page:
    typed = view.form if view.form.names() else None
    async with view.store.read() as tx:
        told = mended.overtaken if mended is not None else None
        form = await contact_form(tx, outlet, contact, view.viewer, typed, told)
    return _contact(view, form)


@post("/outlets/{outlet:uuid}/contacts/{contact:uuid}", opt=opened_to(ARCHIVE))
async def mend_contact(request: AnyRequest, outlet: FromPath[UUID], contact: FromPath[UUID]) -> ASGIApp:
    """Change a contact as the form says."""
    again = partial(_contact_form, outlet=outlet, contact=contact)
    return await acted(request, partial(_mend_contact, outlet=outlet, contact=contact), again)


async def _mend_contact(view: View, outlet: UUID, contact: UUID) -> Done | Page:
    async with view.store.read() as tx:
        await contact_form(tx, outlet, contact, view.viewer)
    changes = changes_in(view.form, "contact")
    there = f"/outlets/{outlet}"
    if not changes:
        return Done(there, "没有改动。", "Nothing was changed.")
    mended = await mend(view.store, view.sources, view.viewer.person, "contact", contact, view.form.revision(), changes)
    return await _contact_form(view, outlet, contact, mended) if mended.overtaken else _done(view, there, mended)


@get("/outlets/{outlet:uuid}/undo/{record:uuid}/{operation:uuid}", opt=opened_to(MANAGERS))
async def look_back(
    request: AnyRequest, outlet: FromPath[UUID], record: FromPath[UUID], operation: FromPath[UUID]
) -> ASGIApp:
    """What taking a change back would come to."""
    return await shown(request, partial(_look_back, outlet=outlet, record=record, operation=operation))


async def _look_back(view: View, outlet: UUID, record: UUID, operation: UUID) -> Page:
    found = await preview(view.store, view.viewer, outlet, record, operation)
    return Page("outlet_undo.html", {"found": found})


@post("/outlets/{outlet:uuid}/undo/{record:uuid}/{operation:uuid}", opt=opened_to(MANAGERS))
async def go_back(
    request: AnyRequest, outlet: FromPath[UUID], record: FromPath[UUID], operation: FromPath[UUID]
) -> ASGIApp:
    """Take a change back, as it was shown."""
    act = partial(_go_back, outlet=outlet, record=record, operation=operation)
    return await acted(request, act, partial(_look_back, outlet=outlet, record=record, operation=operation))


async def _go_back(view: View, outlet: UUID, record: UUID, operation: UUID) -> Done:
    seal = view.form.text("seal")
    done = await take_back(view.store, view.sources, view.viewer, outlet, record, operation, seal=seal)
    view.announce(done.changed)
    count, refused = done.restored, sum(done.refused.values())
    if refused:
        return Done(
            f"/outlets/{outlet}",
            f"未能撤销：{', '.join(done.refused)}。",
            f"Not taken back: {', '.join(done.refused)}.",
        )
    return Done(f"/outlets/{outlet}", f"已撤销，恢复了 {count} 项。", f"Taken back: {count} fields are as they were.")


ROUTES: tuple[HTTPRouteHandler, ...] = (
    edit, mend_outlet, begin_contact, add_contact, edit_contact, mend_contact, look_back, go_back,
)  # fmt: skip

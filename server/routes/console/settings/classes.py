"""`/settings/classes`: classes of outlets and their colours."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.rights import MANAGERS
from server.console.settings.changing import Hand
from server.console.settings.classes import add_class, change_class, classes, contrast, warnings
from server.console.settings.history import changes_of
from server.identity import staff
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.routes.console.settings.writing import revision_seen, written
from sync.errors import Refusal

__all__ = ["ROUTES"]


@get("/settings/classes", opt=opened_to(MANAGERS))
async def index(request: AnyRequest) -> ASGIApp:
    """All classes, and a form for a new one."""
    return await shown(request, _index)


async def _index(view: View) -> Page:
    async with view.store.read() as tx:
        found = await classes(tx)
    said = {one.id: warnings(one, found) for one in found}
    return Page("settings_classes.html", {"kinds": found, "warnings": said, "contrast": contrast})


@post("/settings/classes", opt=opened_to(MANAGERS))
async def make(request: AnyRequest) -> ASGIApp:
    """Add a class."""
    return await acted(request, _make, again=_index)


async def _make(view: View) -> Done:
    form = view.form

    async def work(hand: Hand) -> frozenset[str]:
        return await add_class(hand, form.text("code"), form.text("zh"), form.text("en"), form.text("colour"))

    await written(view, work)
    return Done("/settings/classes", "类别已添加。", "The class is added.")


@get("/settings/classes/{of:uuid}", opt=opened_to(MANAGERS))
async def one(request: AnyRequest, of: FromPath[UUID]) -> ASGIApp:
    """One class, to change it."""
    return await shown(request, partial(_one, of=of))


async def _one(view: View, of: UUID) -> Page:
    async with view.store.read() as tx:
        found = await classes(tx)
        kind = next((one for one in found if one.id == of), None)
        if kind is None:
            raise Refusal("not_found", f"there is no class {of}")
        made = await changes_of(tx, [of])
        people = {one.id: one.name for one in await staff.everybody(tx)}
    values = {"kind": kind, "warnings": warnings(kind, found), "changes": made, "people": people, "contrast": contrast}
    return Page("settings_class.html", values)


@post("/settings/classes/{of:uuid}", opt=opened_to(MANAGERS))
async def mend(request: AnyRequest, of: FromPath[UUID]) -> ASGIApp:
    """Change a class."""
    return await acted(request, partial(_mend, of=of), again=partial(_one, of=of))


async def _mend(view: View, of: UUID) -> Done:
    form = view.form

    async def work(hand: Hand) -> frozenset[str]:
        said = form.text("zh"), form.text("en"), form.text("colour")
        return await change_class(hand, of, revision_seen(view), *said, active=bool(form.text("active")))

    await written(view, work)
    return Done(
        "/settings/classes",
        "类别已更改，各手机下次同步时生效。",
        "The class is changed; phones have it with their next sync.",
    )


ROUTES = (index, make, one, mend)

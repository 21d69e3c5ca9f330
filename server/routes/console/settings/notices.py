"""`/settings/notices`: notices to staff, and who has read them."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.types import ASGIApp

from server.console.rights import MANAGERS
from server.console.settings import notices as desk
from server.console.settings.changing import Hand
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.routes.console.settings.writing import revision_seen, written

__all__ = ["ROUTES"]


@get("/settings/notices", opt=opened_to(MANAGERS))
async def index(request: AnyRequest) -> ASGIApp:
    """The notices, and a form for a new one."""
    return await shown(request, _index)


async def _index(view: View) -> Page:
    async with view.store.read() as tx:
        return Page("settings_notices.html", {"notices": await desk.notices(tx)})


@post("/settings/notices", opt=opened_to(MANAGERS))
async def make(request: AnyRequest) -> ASGIApp:
    """Write to everybody."""
    return await acted(request, _make, again=_index)


async def _make(view: View) -> Done:
    form = view.form

    async def work(hand: Hand) -> frozenset[str]:
        must = bool(form.text("must_acknowledge"))
        return await desk.add_notice(hand, form.text("title"), form.text("body"), must_acknowledge=must)

    await written(view, work)
    return Done(
        "/settings/notices",
        "通知已发出，各手机下次同步时收到。",
        "The notice is out; phones have it with their next sync.",
    )


@get("/settings/notices/{of:uuid}", opt=opened_to(MANAGERS))
async def one(request: AnyRequest, of: FromPath[UUID]) -> ASGIApp:
    """One notice, and who has read it."""
    return await shown(request, partial(_one, of=of))


async def _one(view: View, of: UUID) -> Page:
    async with view.store.read() as tx:
        return Page("settings_notice.html", {"notice": await desk.one_notice(tx, of)})


@post("/settings/notices/{of:uuid}", opt=opened_to(MANAGERS))
async def mend(request: AnyRequest, of: FromPath[UUID]) -> ASGIApp:
    """Change a notice; it is read again."""
    return await acted(request, partial(_mend, of=of), again=partial(_one, of=of))


async def _mend(view: View, of: UUID) -> Done:
    form = view.form

    async def work(hand: Hand) -> frozenset[str]:
        said, must = (form.text("title"), form.text("body")), bool(form.text("must_acknowledge"))
        return await desk.change_notice(hand, of, revision_seen(view), *said, must_acknowledge=must)

    await written(view, work)
    return Done(f"/settings/notices/{of}", "通知已更改，须重新阅读。", "The notice is changed and is read again.")


@post("/settings/notices/{of:uuid}/remove", opt=opened_to(MANAGERS))
async def remove(request: AnyRequest, of: FromPath[UUID]) -> ASGIApp:
    """Take a notice back."""
    return await acted(request, partial(_remove, of=of))


async def _remove(view: View, of: UUID) -> Done:
    async def work(hand: Hand) -> frozenset[str]:
        return await desk.remove_notice(hand, of)

    await written(view, work)
    return Done("/settings/notices", "通知已撤回。", "The notice is taken back.")


ROUTES = (index, make, one, mend, remove)

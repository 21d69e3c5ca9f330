"""`/settings/me`: one's own language and password."""

from __future__ import annotations

from litestar import get, post
from litestar.types import ASGIApp

from server.console.rights import OFFICE
from server.console.viewer import LANGUAGES
from server.identity.accounts import account_of, change_password, keep_language
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to, shown
from server.values import Unfit

__all__ = ["ROUTES"]


@get("/settings/me", opt=opened_to(OFFICE))
async def me(request: AnyRequest) -> ASGIApp:
    """One's own account."""
    return await shown(request, _me)


async def _me(view: View) -> Page:
    async with view.store.read() as tx:
        return Page("me.html", {"account": await account_of(tx, view.viewer.person.id)})


@post("/settings/me/language", opt=opened_to(OFFICE))
async def language(request: AnyRequest) -> ASGIApp:
    """In which language one reads."""
    return await acted(request, _language)


async def _language(view: View) -> Done:
    chosen = view.form.text("language")
    if chosen not in LANGUAGES:
        raise Unfit("choose one of the languages", "请选择一种语言")
    async with view.store.write() as tx:
        await keep_language(tx, view.viewer.person.id, chosen)
    return Done(view.back("/settings/me"))


@post("/settings/me/password", opt=opened_to(OFFICE))
async def password(request: AnyRequest) -> ASGIApp:
    """Another password; all sessions end, this one too."""
    return await acted(request, _password, again=_me)


async def _password(view: View) -> Done:
    old, new = view.form.secret("old"), view.form.secret("password")
    if new != view.form.secret("repeated"):
        raise Unfit("the two passwords differ", "两次输入的密码不一致")
    await change_password(view.store, view.viewer.person.id, old, new, view.sources)
    return Done("/sign-in", "密码已更改，请重新登录。", "The password is changed: sign in with it.")


ROUTES = (me, language, password)

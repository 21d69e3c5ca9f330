"""Signing in and out, and `/welcome`, where a code becomes an account."""

from __future__ import annotations

from urllib.parse import urlsplit

from litestar import get, post
from litestar.types import ASGIApp

from server.console.rights import OFFICE
from server.identity.accounts import SignInError, sign_in
from server.identity.browser_sessions import begin, end
from server.identity.invitations import Wish, redeem
from server.identity.staff import Person
from server.routes.asker import address_of
from server.routes.calls import AnyRequest
from server.routes.console.door import Done, Page, View, acted, opened_to
from server.routes.console.form import read_form
from server.routes.console.saying import (
    answer,
    cookie,
    failed,
    moved,
    reader_of,
    refused_again,
    session_cookie,
    token_of,
)
from server.routes.context import Context
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["ROUTES"]

NOBODY = {"roles": None}
"""The option of what is open to whoever has not signed in."""


@get("/sign-in", opt=NOBODY)
async def sign_in_page(request: AnyRequest) -> ASGIApp:
    """The form for login and password."""
    return await _open(request, "sign_in.html")


@get("/welcome", opt=NOBODY)
async def welcome_page(request: AnyRequest) -> ASGIApp:
    """The form for a code."""
    return await _open(request, "welcome.html")


async def _open(request: AnyRequest, template: str) -> ASGIApp:
    try:
        return answer(request, await reader_of(request), Page(template, {"next": _next(request)}))
    except Exception as error:  # noqa: BLE001  # every error of a request is told to its sender
        return await failed(request, error)


@post("/sign-in", opt=NOBODY)
async def sign_in_act(request: AnyRequest) -> ASGIApp:
    """Let somebody in whose login and password these are."""
    context: Context = request.app.state.context
    try:
        form = await read_form(request)
        try:
            context.strangers.spend(f"sign-in {_address(request)}")
            person = await sign_in(context.store, form.text("login"), form.secret("password"), context.sources)
        except (SignInError, Refusal) as error:
            return await refused_again(request, error, "sign_in.html", {"form": form, "next": _next(request)})
        return await _let_in(request, person, _next(request))
    except Exception as error:  # noqa: BLE001  # every error of a request is told to its sender
        return await failed(request, error)


@post("/welcome", opt=NOBODY)
async def welcome_act(request: AnyRequest) -> ASGIApp:
    """Make the account that a code is for, and let its owner in."""
    context: Context = request.app.state.context
    try:
        form = await read_form(request)
        try:
            context.strangers.spend(f"welcome {_address(request)}")
            wish = Wish(form.text("code"), form.text("login"), form.secret("password"), form.text("name"))
            if wish.password != form.secret("repeated"):
                raise Unfit("the two passwords differ", "两次输入的密码不一致")  # noqa: TRY301  # told as the others are
            person = await redeem(context.store, wish, context.sources)
        except (Unfit, Refusal) as error:
            return await refused_again(request, error, "welcome.html", {"form": form, "next": "/"})
        return await _let_in(request, person, "/")
    except Exception as error:  # noqa: BLE001  # every error of a request is told to its sender
        return await failed(request, error)


async def _let_in(request: AnyRequest, person: Person, path: str) -> ASGIApp:
    """A session of its own for this browser; what it had before is ended."""
    context: Context = request.app.state.context
    async with context.store.write() as tx:
        await end(tx, token_of(request))
        token = await begin(tx, person.id, request.headers.get("user-agent", ""), context.sources)
    return moved(path, [cookie(request, session_cookie(request), token, 86_400)])


@post("/sign-out", opt=opened_to(OFFICE))
async def sign_out(request: AnyRequest) -> ASGIApp:
    """End this browser's session."""
    return await acted(request, _out)


async def _out(view: View) -> Done:
    async with view.store.write() as tx:
        await end(tx, token_of(view.request))
    return Done("/sign-in", "您已退出。", "You have signed out.")


def _next(request: AnyRequest) -> str:
    """The page of ours that was asked for before signing in."""
    wanted = request.query_params.get("next", "/")
    parts = urlsplit(wanted)
    is_plain = "\\" not in wanted and all(each > " " and each.isprintable() for each in wanted)
    is_ours = is_plain and wanted.startswith("/") and not wanted.startswith("//") and not (parts.netloc or parts.scheme)
    return wanted if is_ours else "/"


def _address(request: AnyRequest) -> str:
    return address_of(request.scope, request.app.state.context.settings.trusted_proxies)


ROUTES = (sign_in_page, sign_in_act, sign_out, welcome_page, welcome_act)

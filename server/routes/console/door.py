"""The door of the console: who opens which page, in which language, and how a click comes in and is answered.

Every page and every act names the roles that it is open to (`opened_to`). An act carries the token of its session and
comes from a page of ours; it is answered by another page (303), so that a reload repeats nothing. What is refused is
said on a page in the reader's language, and what was typed is kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from litestar.exceptions import HTTPException
from litestar.types import ASGIApp

from server.console.viewer import Viewer
from server.departure.means import Means
from server.field.ground import Ground
from server.field.policies import policies_of
from server.identity.accounts import SignInError
from server.identity.browser_sessions import session_of
from server.identity.staff import Role
from server.master.store import Store, Tx
from server.ports import Sources
from server.routes.calls import AnyRequest
from server.routes.console.form import NOTHING, Form, check_token, masked, read_form
from server.routes.console.saying import (
    NoRight,
    Page,
    answer,
    failed,
    moved,
    reader_of,
    said_cookie,
    sentences,
    token_of,
)
from server.routes.context import Context
from server.routes.problems import is_ours
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["Done", "Page", "View", "acted", "opened_to", "shown"]


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was done: the page that shows it, and what is said there."""

    path: str
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One request of somebody who has signed in. `query` is the address's, `form` what was sent (empty for a page);
    `error` says why the page is shown again, (Chinese, English).
    """

    request: AnyRequest
    context: Context
    viewer: Viewer
    query: Mapping[str, str]
    form: Form
    error: tuple[str, str] | None = None

    @property
    def store(self) -> Store:
        """The master store."""
        return self.context.store

    @property
    def sources(self) -> Sources:
        """Clock and randomness."""
        return self.context.sources

    @property
    def means(self) -> Means:
        """What a departure takes."""
        return self.context.exchange.departure

    def ground(self) -> Ground:
        """What rules stand on, at the default of every setting."""
        return Ground(self.sources, self.context.settings.time_zone, self.context.settings.phone_region)

    async def ruled(self, tx: Tx) -> Ground:
        """What rules stand on, with the company's settings."""
        return replace(self.ground(), policies=await policies_of(tx))

    def back(self, otherwise: str) -> str:
        """The page of ours that the form stood on, else another."""
        came_from = urlsplit(self.request.headers.get("referer", ""))
        is_ours = came_from.netloc == self.request.headers.get("host", "") and came_from.path.startswith("/")
        is_ours = is_ours and not came_from.path.startswith("//")
        if not is_ours:
            return otherwise
        return f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path

    def announce(self, scopes: Iterable[str]) -> None:
        """Something was committed in these scopes."""
        self.context.announcer.announce(scopes)


Show = Callable[[View], Awaitable[Page | ASGIApp]]
Act = Callable[[View], Awaitable[Done | Page | ASGIApp]]


def opened_to(roles: frozenset[Role]) -> dict[str, Any]:
    """The option of a handler that opens it to these roles alone."""
    return {"roles": roles}


async def shown(request: AnyRequest, show: Show) -> ASGIApp:
    """The page that `show` makes, or the page of what was refused."""
    try:
        view = await _entered(request)
        return _paged(view, await show(view))
    except Exception as error:  # noqa: BLE001  # every error of a request is told to its sender
        return await failed(request, error)


async def acted(request: AnyRequest, act: Act, again: Show | None = None) -> ASGIApp:
    """The answer to a click: to the page that shows what was done. What is refused shows `again` with the reason."""
    try:
        view = await _entered(request)
        view = replace(view, form=await read_form(request))
        check_token(view.form, view.viewer.csrf, request.headers.get("x-csrf", ""))
        try:
            return _answered(view, await act(view))
        except (Refusal, Unfit, SignInError) as error:
            if again is None or (isinstance(error, Refusal) and is_ours(error)):
                raise
            refused = replace(view, error=sentences(error))
            return _paged(refused, await again(refused), least=422)
    except Exception as error:  # noqa: BLE001  # every error of a request is told to its sender
        return await failed(request, error)


async def _entered(request: AnyRequest) -> View:
    """The request of somebody who has signed in and may be here. Raises HTTPException (401), NoRight."""
    context: Context = request.app.state.context
    token = token_of(request)
    session = await session_of(context.store, token, context.sources.now()) if token else None
    if session is None:
        raise HTTPException(status_code=401)
    if session.person.role not in request.route_handler.opt["roles"]:
        raise NoRight
    reader = await reader_of(request, session.language)
    csrf = masked(session.csrf, context.sources.random)
    viewer = Viewer(reader.language, reader.zone, reader.now, reader.company, session.person, csrf)
    return View(request, context, viewer, dict(request.query_params), NOTHING)


def _answered(view: View, done: Done | Page | ASGIApp) -> ASGIApp:
    if not isinstance(done, Done):
        return _paged(view, done)
    said = view.viewer.say(done.zh, done.en)
    return moved(done.path, [said_cookie(view.request, said)] if said else [])


def _paged(view: View, page: Page | ASGIApp, least: int = 200) -> ASGIApp:
    if not isinstance(page, Page):
        return page
    values = {"form": view.form, "error": view.viewer.say(*view.error) if view.error else None}
    return answer(view.request, view.viewer, replace(page, values=values | dict(page.values)), least)

"""The door of the console: who opens which page, in which language, and how a click comes in and is answered.

Every page and every act names the roles that it is open to (`opened_to`). An act carries the token of its session and
comes from a page of ours; it is answered by another page (303), so that a reload repeats nothing. What is refused is
said on a page in the reader's language, and what was typed is kept.
"""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hmac import compare_digest
from typing import Any
from urllib.parse import quote, urlsplit

from litestar.datastructures import Cookie, FormMultiDict
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from server.console.render import render
from server.console.viewer import LANGUAGES, Reader, Viewer
from server.departure.means import Means
from server.field.ground import Ground
from server.field.policies import policies_of
from server.identity.accounts import SignInError
from server.identity.browser_sessions import session_of
from server.identity.staff import Role
from server.logs import tell_failure
from server.master.meta import read_identity
from server.master.store import Store, Tx
from server.ports import Sources
from server.routes.asker import is_https
from server.routes.calls import AnyRequest
from server.routes.console.form import Form
from server.routes.context import Context
from server.routes.problems import is_ours, refusal_of
from server.values import Unfit
from sync.errors import Refusal

__all__ = [
    "Done",
    "Page",
    "View",
    "acted",
    "answer",
    "cookie",
    "failed",
    "moved",
    "opened_to",
    "read_form",
    "reader_of",
    "refused_again",
    "refused_page",
    "session_cookie",
    "shown",
    "token_of",
]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""What a page of the console may load: what comes from here, and nothing that stands inside the page itself."""
# Without a referrer a browser says of no form where it comes from; other sites are told nothing all the same.
_HEADERS = {"referrer-policy": "same-origin"}
_SAID = "saojie-said"
_LANGUAGE = "saojie-language"
_NO_FORM = "this form is no longer valid: open the page again and send it once more"
_NO_FORM_ZH = "表单已失效，请重新打开页面后再提交"
_EMPTY = FormMultiDict([])
_YEAR_S = 365 * 86_400


class NoRight(Exception):
    """Raised where a page is not open to the viewer's role."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page to show: its template and what that is filled with; `policy` where it loads more than others may."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    policy: str = POLICY


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
        _check_token(view)
        try:
            return _answered(view, await act(view))
        except (Refusal, Unfit, SignInError) as error:
            if again is None or is_ours(error):
                raise
            refused = replace(view, error=_sentences(error))
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
    viewer = Viewer(reader.language, reader.zone, reader.now, reader.company, session.person, session.csrf)
    return View(request, context, viewer, dict(request.query_params), Form(_EMPTY))


async def reader_of(request: AnyRequest, chosen: str | None = None) -> Reader:
    """Who reads: in the language that they chose, that this browser chose, that it speaks, that the company speaks."""
    context: Context = request.app.state.context
    async with context.store.read() as tx:
        company = (await read_identity(tx)).company_name
    wanted = (request.query_params.get("lang"), chosen, request.cookies.get(_LANGUAGE), _spoken(request))
    language = next((one for one in wanted if one in LANGUAGES), context.settings.language)
    return Reader(str(language), context.settings.time_zone, context.sources.now(), company)


def _spoken(request: AnyRequest) -> str:
    return request.headers.get("accept-language", "").strip()[:2].lower()


async def read_form(request: AnyRequest) -> Form:
    """What was sent, from a page of ours and in time. Raises Unfit, Refusal."""
    _check_origin(request)
    context: Context = request.app.state.context
    try:
        async with asyncio.timeout(context.settings.body_wait / 1000):
            return Form(await request.form())
    except TimeoutError as error:
        raise Refusal("unavailable", "the form did not arrive in time") from error


def _check_origin(request: AnyRequest) -> None:
    """Whether a form was sent from a page of ours. Raises Unfit."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "same-origin")
    if site not in {"same-origin", "none"} or (
        origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    ):
        raise Unfit(_NO_FORM, _NO_FORM_ZH)


def _check_token(view: View) -> None:
    sent = view.form.text("csrf") or view.request.headers.get("x-csrf", "")
    if not compare_digest(sent.encode(), view.viewer.csrf.encode()):
        raise Unfit(_NO_FORM, _NO_FORM_ZH)


def _answered(view: View, done: Done | Page | ASGIApp) -> ASGIApp:
    if not isinstance(done, Done):
        return _paged(view, done)
    said = view.viewer.say(done.zh, done.en)
    return moved(done.path, [cookie(view.request, _SAID, _packed(said), 60)] if said else [])


def _paged(view: View, page: Page | ASGIApp, least: int = 200) -> ASGIApp:
    if not isinstance(page, Page):
        return page
    values = {"form": view.form, "error": view.viewer.say(*view.error) if view.error else None}
    return answer(view.request, view.viewer, replace(page, values=values | dict(page.values)), least)


def answer(request: AnyRequest, reader: Reader, page: Page, least: int = 200) -> ASGIApp:
    """A page for a reader, with what the act before it has said."""
    said = _unpacked(request.cookies.get(_SAID, ""))
    values = {"said": said, "path": request.url.path, "query": dict(request.query_params)} | dict(page.values)
    cookies = [cookie(request, _SAID, "", 0)] if said else []
    if request.query_params.get("lang") in LANGUAGES:
        cookies.append(cookie(request, _LANGUAGE, reader.language, _YEAR_S))
    return _sent(request, max(page.status, least), render(page.template, reader, values), page.policy, cookies)


def _sent(request: AnyRequest, status: int, body: bytes, policy: str, cookies: list[Cookie]) -> ASGIApp:
    is_head = request.method == HttpMethod.HEAD
    return ASGIResponse(
        status_code=status,
        body=b"" if is_head else body,
        media_type="text/html; charset=utf-8",
        headers={"content-security-policy": policy} | _HEADERS,
        is_head_response=is_head,
        cookies=cookies,
    )


def moved(path: str, cookies: Iterable[Cookie] = ()) -> ASGIApp:
    """To another page of ours."""
    return ASGIResponse(
        status_code=303,
        headers={"location": path},
        cookies=cookies,
    )


async def failed(request: AnyRequest, error: Exception) -> ASGIApp:
    """The page of an error: to the sign-in for whoever has not signed in, else a sentence and what to do."""
    context: Context = request.app.state.context
    if isinstance(error, HTTPException) and error.status_code == 401:
        back = request.url.path if request.method == HttpMethod.GET else "/"
        return moved(f"/sign-in?next={quote(back)}")
    if is_ours(error) and not isinstance(error, (NoRight, Unfit, SignInError)):
        tell_failure(context.log, "failed", error)
    reader = await reader_of(request)
    page = Page("error.html", {"sentence": reader.say(*_sentences(error))}, _status_of(error))
    return answer(request, reader, page)


def refused_page(request: AnyRequest, refusal: Refusal) -> tuple[bytes, str]:
    """The page for a browser that asked for what no page of ours is, and its policy."""
    settings, now = request.app.state.context.settings, request.app.state.context.sources.now()
    chosen = (request.cookies.get(_LANGUAGE), _spoken(request))
    language = next((one for one in chosen if one in LANGUAGES), settings.language)
    reader = Reader(str(language), settings.time_zone, now, settings.company_name)
    values = {"sentence": reader.say(*_sentences(refusal)), "path": request.url.path, "query": {}}
    return render("error.html", reader, values), POLICY


async def refused_again(request: AnyRequest, error: Exception, template: str, values: Mapping[str, Any]) -> ASGIApp:
    """The page of a form for whoever has not signed in, again, with why it was refused."""
    reader = await reader_of(request)
    said = {"error": reader.say(*_sentences(error))}
    return answer(request, reader, Page(template, {**values, **said}, _status_of(error)))


def _status_of(error: Exception) -> int:
    if isinstance(error, NoRight):
        return 403
    return 422 if isinstance(error, Unfit | SignInError) else refusal_of(error).problem.status


def _sentences(error: Exception) -> tuple[str, str]:
    """What is wrong and what to do, in Chinese and English."""
    if isinstance(error, NoRight):
        return "您的角色不能打开此页面。", "This page is not open to your role."
    if isinstance(error, Unfit | SignInError):
        return f"{error.zh}。", f"{error.en[:1].upper()}{error.en[1:]}."
    refusal = refusal_of(error)
    row, detail = refusal.problem, f" ({refusal.detail})" if refusal.detail else ""
    return f"{row.zh}{detail}", f"{row.en}{detail}"


def token_of(request: AnyRequest) -> str:
    """The session's token that the browser brought; empty without one."""
    return str(request.cookies.get(session_cookie(request), ""))


def session_cookie(request: AnyRequest) -> str:
    """The name of the session's cookie: over TLS one that no other host and no plain connection can set."""
    return "__Host-saojie" if _is_safe(request) else "saojie"


def cookie(request: AnyRequest, name: str, value: str, age_s: int) -> Cookie:
    """A cookie for all pages, out of reach of scripts and of other sites; `age_s` 0 takes it away."""
    return Cookie(name, value=value, max_age=age_s, httponly=True, samesite="lax", secure=_is_safe(request))


def _is_safe(request: AnyRequest) -> bool:
    context: Context = request.app.state.context
    return is_https(request.scope, context.settings.trusted_proxies)


def _packed(said: str) -> str:
    return urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def _unpacked(value: str) -> str | None:
    """What a cookie says; None for one that is not ours."""
    try:
        said = json.loads(urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except ValueError:
        return None
    return said[:500] if isinstance(said, str) else None

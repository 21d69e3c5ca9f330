"""How a request of a browser is answered: with a page in the reader's language, or with the way to another one."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from litestar.datastructures import Cookie
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from server.console.render import render
from server.console.viewer import LANGUAGES, Reader
from server.identity.accounts import SignInError
from server.logs import tell_failure
from server.master.meta import read_identity
from server.routes.asker import is_https
from server.routes.bodies import pressed
from server.routes.calls import AnyRequest
from server.routes.context import Context
from server.routes.problems import is_ours, refusal_of
from server.values import Unfit
from sync.errors import Refusal

__all__ = [
    "NoRight",
    "Page",
    "answer",
    "cookie",
    "failed",
    "moved",
    "reader_of",
    "refused_again",
    "refused_page",
    "said_cookie",
    "sentences",
    "session_cookie",
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
    body, form = pressed(body, {"accept-encoding": request.headers.get("accept-encoding", "")})
    return ASGIResponse(
        status_code=status,
        body=b"" if is_head else body,
        media_type="text/html; charset=utf-8",
        headers={"content-security-policy": policy} | _HEADERS | form,
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
    page = Page("error.html", {"sentence": reader.say(*sentences(error))}, _status_of(error))
    return answer(request, reader, page)


def refused_page(request: AnyRequest, refusal: Refusal) -> tuple[bytes, str]:
    """The page for a browser that asked for what no page of ours is, and its policy."""
    settings, now = request.app.state.context.settings, request.app.state.context.sources.now()
    chosen = (request.cookies.get(_LANGUAGE), _spoken(request))
    language = next((one for one in chosen if one in LANGUAGES), settings.language)
    reader = Reader(str(language), settings.time_zone, now, settings.company_name)
    values = {"sentence": reader.say(*sentences(refusal)), "path": request.url.path, "query": {}}
    return render("error.html", reader, values), POLICY


async def refused_again(request: AnyRequest, error: Exception, template: str, values: Mapping[str, Any]) -> ASGIApp:
    """The page of a form for whoever has not signed in, again, with why it was refused."""
    reader = await reader_of(request)
    said = {"error": reader.say(*sentences(error))}
    return answer(request, reader, Page(template, {**values, **said}, _status_of(error)))


def _status_of(error: Exception) -> int:
    if isinstance(error, NoRight):
        return 403
    return 422 if isinstance(error, Unfit | SignInError) else refusal_of(error).problem.status


def sentences(error: Exception) -> tuple[str, str]:
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


def said_cookie(request: AnyRequest, said: str) -> Cookie:
    """The cookie by which the next page says something, once."""
    return cookie(request, _SAID, _packed(said), 60)


def _packed(said: str) -> str:
    return urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def _unpacked(value: str) -> str | None:
    """What a cookie says; None for one that is not ours."""
    try:
        said = json.loads(urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except ValueError:
        return None
    return said[:500] if isinstance(said, str) else None

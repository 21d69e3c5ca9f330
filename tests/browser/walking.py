"""A walk through the console: from the first page along every link, one page of each kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from litestar.enums import HttpMethod
from playwright.sync_api import Page

from server.routes.console import ROUTES

__all__ = ["kind_of", "walked"]

_FORMS = {"uuid": r"[0-9a-f-]{36}", "int": r"\d+", "str": r"[^/]+", "path": r".+"}
_PARAMETER = re.compile(r"\{\w+:(\w+)\}")
_NO_PAGES = ("/static/", "/events", "/sign-out")


def _kinds() -> list[tuple[re.Pattern[str], str]]:
    """A pattern for the addresses of each page, the plain ones first."""
    paths = {path for one in ROUTES if HttpMethod.GET in one.http_methods for path in one.paths}
    made = sorted((path.count("{"), path) for path in paths)
    return [(re.compile(_PARAMETER.sub(lambda found: _FORMS[found[1]], path) + r"\Z"), path) for _, path in made]


_KINDS = _kinds()


def kind_of(address: str) -> str | None:
    """Which page an address is of: its path as the handler has it; None for none of ours."""
    path = urlsplit(address).path
    return next((kind for pattern, kind in _KINDS if pattern.match(path)), None)


def walked(page: Page, url: str) -> Iterator[str]:
    """Open one page of each kind that a link leads to; the kinds, each while its page is open."""
    waiting, seen = [f"{url}/"], set[str]()
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kind is None or kind in seen or kind.startswith(_NO_PAGES):
            continue
        seen.add(kind)
        answer = page.goto(address)
        assert answer is not None
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        assert answer.status == 200, (address, answer.status)
        yield kind
        links = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.href)")
        waiting += [one for one in links if one.startswith(url)]

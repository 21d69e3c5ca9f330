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


def _mark_of(address: str) -> str | None:
    """What is looked at once: a kind of page, and in the inbox a kind of item."""
    kind = kind_of(address)
    return urlsplit(address).path.rpartition("/")[0] if kind and kind.startswith("/inbox/{kind:str}/") else kind


def walked(page: Page, url: str) -> Iterator[tuple[str, list[str]]]:
    """Open one page of each kind that a link leads to; each kind while its page is open, with the links on it that
    lead to no page of ours.
    """
    waiting, seen = [f"{url}/"], set[str]()
    while waiting:
        address = waiting.pop(0)
        mark = _mark_of(address)
        if mark is None or mark in seen or mark.startswith(_NO_PAGES):
            continue
        seen.add(mark)
        answer = page.request.get(address)
        assert answer.status == 200, (address, answer.status)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        page.goto(address)
        links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
        ours = [one for one in links if one.startswith(url)]
        yield mark, [one for one in ours if kind_of(one) is None]
        waiting += ours

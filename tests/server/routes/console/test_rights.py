"""Every page and every act of the console against every role: open to those that it names, and to nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server.console.navigation import navigation
from server.console.rights import OFFICE
from server.identity.staff import Role
from server.routes.console import ROUTES
from tests.server.routes.browsing import Browser
from tests.server.routes.conftest import housed
from tests.server.routes.house import House
from tests.source import ROOT

_PARAMETER = re.compile(r"\{\w+:(\w+)\}")
_SOMETHING = {"uuid": str(UUID(int=7)), "str": "something", "int": "7", "path": "something"}
OPEN_TO_ALL = {"/sign-in", "/welcome", "/static/{digest:str}/{name:path}"}


def _doors() -> Iterator[tuple[str, str, frozenset[Role] | None]]:
    """Method, path and roles of each handler."""
    for handler in ROUTES:
        for path in handler.paths:
            for method in handler.http_methods:
                if method in {"GET", "POST"}:
                    yield str(method), path, handler.opt["roles"]


DOORS = sorted(_doors(), key=lambda door: (door[1], door[0]))


def test_every_door_says_to_whom_it_is_open() -> None:
    """A page that names no role is one of the few that are open to whoever has not signed in; no rep is named."""
    assert {path for _, path, roles in DOORS if roles is None} == OPEN_TO_ALL
    assert all(roles <= OFFICE for _, _, roles in DOORS if roles is not None)


async def _tries(browser: Browser, method: str, path: str) -> Any:
    there = _PARAMETER.sub(lambda found: _SOMETHING[found[1]], path)
    if method == "GET":
        return await browser.client.get(there, headers={"accept": "text/html"})
    return await browser.client.post(there, data={"csrf": browser.token})


def _is_endless(path: str) -> bool:
    return path == "/events"


@pytest.mark.parametrize("role", sorted(Role))
async def test_each_role_opens_what_is_open_to_it(tmp_path: Path, role: Role) -> None:
    """Everybody else is told that it is not open to them, whether or not what they name is there; a rep, who has no
    account, is led to the sign-in.
    """
    async with housed(tmp_path / "home") as house:
        browser = await house.console(role)
        wrong = []
        for method, path, roles in DOORS:
            if roles is None or path == "/sign-out" or (_is_endless(path) and role in roles):
                continue
            status = (await _tries(browser, method, path)).status_code
            expected = role in roles
            is_right = status == 303 if role is Role.REP else (status == 403) is not expected and status < 500
            if not is_right:
                wrong.append((method, path, status, expected))
        assert wrong == []


async def test_nobody_opens_anything_without_signing_in(house: House) -> None:
    """Every page leads to the sign-in, and no act is done."""
    browser = Browser(house.app)
    house.browsers.append(browser)
    for method, path, roles in DOORS:
        if roles is not None:
            answer = await _tries(browser, method, path)
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), path


def _documented() -> dict[str, frozenset[str]]:
    """The table of docs/console.md: to which roles each page is open."""
    text = (ROOT / "docs" / "console.md").read_text("utf-8").partition("## Who may open what")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    roles = rows[0][2:]
    return {row[0].strip("`"): frozenset(r for r, said in zip(roles, row[2:], strict=True) if said) for row in rows[2:]}


def test_the_document_says_who_may_open_what() -> None:
    """Each page of the menu is open to the roles that the document names; what lies below a page to no others."""
    documented = _documented()
    pages = {path: frozenset(map(str, roles)) for method, path, roles in DOORS if roles and method == "GET"}
    assert documented == {path: pages.get(path) for path in documented}
    assert {address for role in OFFICE for address, _, _ in navigation(role)} <= documented.keys()
    beyond = [
        path
        for _, path, roles in DOORS
        for page in documented
        if roles
        and page not in {"/", "/settings"}
        and path.startswith(f"{page}/")
        and not set(roles) <= documented[page]
    ]
    assert beyond == []

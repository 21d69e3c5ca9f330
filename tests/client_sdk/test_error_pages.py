"""`docs/errors/` has a page for each error: its head is the code's own, its code runs where the error comes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import client_sdk
from client_sdk import NotEnrolled, NoticeUnread, ReplicaLocked, ReplicaWiped, SaojieError
from client_sdk.testing import World, fixtures
from tests.client_sdk.error_pages import FOLDER, KINDS, below, made, page_of, rows
from tests.client_sdk.error_stories import STORIES

SECTIONS = ["When it happens", "What the app should show", "What to do", "What is safe", "Bring it about"]


def ran(page: Path, names: dict[str, Any]) -> dict[str, Any]:
    """What the code of a page leaves behind; it may name what the SDK exports and what it was given."""
    code = "\n".join(re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL))
    known = {name: getattr(client_sdk, name) for name in client_sdk.__all__} | names
    exec(compile(code, page.name, "exec"), known)  # noqa: S102  # the page's own lines
    return known


def test_every_page_is_as_the_code_has_it() -> None:
    """After a change of an error or its words: `python -m tests.client_sdk.error_pages`."""
    pages = made()
    assert set(pages) == set(FOLDER.iterdir())
    assert [path.name for path, text in pages.items() if path.read_text("utf-8") != text] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_page_says_what_a_developer_asks(kind: type[SaojieError]) -> None:
    """The same five questions in the same order, none of them left open."""
    parts = below(page_of(kind).read_text("utf-8")).split("\n## ")[1:]
    assert [part.partition("\n")[0] for part in parts] == SECTIONS
    assert all(part.partition("\n")[2].strip() for part in parts)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_code_of_a_page_runs_where_the_error_comes(kind: type[SaojieError], world: World) -> None:
    """It catches the error, shows words in Chinese or English, and leaves the phone as the page says."""
    shown: list[str] = []
    named, after = STORIES[kind](world)
    named["show"] = lambda *words: shown.extend(words)
    names = ran(page_of(kind), named)
    after(names)
    said = {*(one.zh for one in rows(kind)), *(one.en for one in rows(kind)), *instead(kind, names)}
    assert said & {*shown}, shown
    if "replica" in names:
        names["replica"].close()


def instead(kind: type[SaojieError], names: dict[str, Any]) -> set[str]:
    """What a page has the app show in place of the error's own sentence."""
    if kind in {ReplicaLocked, ReplicaWiped}:
        return {names["status"].zh}
    if kind is NotEnrolled:
        return {names["replica"].confirmation}
    return {"须知"} if kind is NoticeUnread else set()


def test_every_fixture_that_a_page_names_is_there() -> None:
    """By its name in `client_sdk.testing.fixtures`."""
    named = {one for path in FOLDER.iterdir() for one in re.findall(r"fixture `(\w+)`", path.read_text("utf-8"))}
    assert named
    assert [one for one in sorted(named) if not hasattr(fixtures, one)] == []


def test_the_index_shows_one_handler_for_all(world: World) -> None:
    """It runs, and says what the error says."""
    shown: list[str] = []
    shop, replica = world.outlet(), world.phone()
    ran(FOLDER / "README.md", {"replica": replica, "shop": shop, "show": lambda *words: shown.extend(words)})
    assert shown == ["填写的内容不符合要求。", "请修改填写的内容。"]


def test_links_between_the_pages_lead_somewhere() -> None:
    """In each page of the folder."""
    found = [
        (path.name, one) for path in FOLDER.iterdir() for one in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8"))
    ]
    assert [(name, one) for name, one in found if not (FOLDER / one).exists()] == []

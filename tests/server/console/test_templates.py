"""The templates: what stands in them is in both languages, one word for one thing, and nothing that is inline."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from server.console import render
from server.console.render import STATIC

TEMPLATES = sorted((Path(render.__file__).parent / "templates").glob("*.html"))
_PAIR = re.compile(r"""\bt\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*,\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_CHINESE = re.compile(r"[一-鿿]")
_INLINE = re.compile(r"""<style|\sstyle\s*=|\son[a-z]+\s*=\s*["']|<script(?![^>]*\ssrc=)|javascript:""")
_LOADED = re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""")


def pairs(text: str) -> list[tuple[str, str]]:
    """Each text of a template in its two languages."""
    return [(zh[1:-1], en[1:-1]) for zh, en in _PAIR.findall(text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_each_text_is_in_both_languages(path: Path) -> None:
    """The first of a pair is Chinese and the second is not; Chinese stands nowhere else."""
    text = path.read_text("utf-8")
    found = pairs(text)
    assert [pair for pair in found if _CHINESE.search(pair[1])] == []
    bare = re.sub(r"\{#.*?#\}", "", _PAIR.sub("", text), flags=re.DOTALL)
    assert [line.strip() for line in bare.splitlines() if _CHINESE.search(line)] == []


def test_one_word_for_one_thing() -> None:
    """What is said the same in Chinese is said the same in English, on every page; there is no plural in Chinese."""
    said = defaultdict[str, set[str]](set)
    for path in TEMPLATES:
        for zh, en in pairs(path.read_text("utf-8")):
            said[zh].add(en.casefold().rstrip("s"))
    assert {zh: sorted(en) for zh, en in said.items() if len(en) > 1} == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_stands_in_a_page_that_its_policy_forbids(path: Path) -> None:
    """No script, style or handler inside, and nothing from another host."""
    text = path.read_text("utf-8")
    assert _INLINE.findall(text) == []
    assert _LOADED.findall(text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_acts_carries_the_token(path: Path) -> None:
    """A form that is posted holds the session's token; the two of whoever has not signed in have none yet."""
    if path.name in {"sign_in.html", "welcome.html"}:
        return
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", path.read_text("utf-8"), re.DOTALL)
    assert [form[:80] for form in forms if "csrf" not in form] == []


def test_scripts_and_styles_load_nothing_from_elsewhere() -> None:
    """Neither an address of another host nor a font or picture of one."""
    for path in sorted(STATIC.glob("*.*")):
        if path.suffix in {".css", ".js", ".mjs"}:
            assert re.findall(r"""(?:@import|url\(|from|import\()\s*["']?https?:""", path.read_text("utf-8")) == []

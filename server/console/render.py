"""Pages from templates. Everything that is put into one is escaped; a name that a template misses is an error.

In a template `t(zh, en)` is the text in the reader's language, and `static(name)` the address of a file, which
changes with the file's content, so that a browser may keep it for good.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from server.console import words
from server.console.navigation import navigation
from server.console.viewer import LANGUAGES, Reader, Viewer
from server.times import day_of, local
from sync.words import label, part_label

__all__ = ["STATIC", "render", "static_address"]

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
"""The folder of styles, scripts and whatever else a browser loads beside a page."""
_HASH_CHARACTERS = 16
_NUMBER = re.compile(r"\+?\d[\d ()-]*")
_BETWEEN = re.compile(r"[^\d+]")
_AGES = ((86_400_000, "天", "d"), (3_600_000, "小时", "h"), (60_000, "分钟", "min"))


@cache
def static_address(name: str) -> str:
    """Where a browser finds a file of the folder; with a hash of its content. Raises FileNotFoundError."""
    digest = hashlib.blake2b((STATIC / name).read_bytes(), digest_size=_HASH_CHARACTERS // 2).hexdigest()
    return f"/static/{digest}/{name}"


def render(template: str, reader: Reader, values: Mapping[str, Any]) -> bytes:
    """A page for a reader, encoded."""
    person = reader.person if isinstance(reader, Viewer) else None
    page = _environment().get_template(template)
    given = {"form": None, "error": None, "said": None, **values, "viewer": reader, "person": person}
    return page.render(given).encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.globals |= {"t": _text, "static": static_address, "typed": _typed}
    environment.globals |= {"label": _label, "part_label": _part_label}
    environment.globals |= {"languages": LANGUAGES, "navigation": navigation}
    environment.filters |= {"when": _when, "day": _day, "ago": _ago, "money": _money, "word": _word, "tel": _tel}
    return environment


@pass_context
def _text(context: Context, zh: str, en: str) -> str:
    return _reader(context).say(zh, en)


@pass_context
def _label(context: Context, collection: str, field: str) -> str:
    return _reader(context).say(*label(collection, field))


@pass_context
def _part_label(context: Context, part: str, field: str) -> str:
    return _reader(context).say(*part_label(part, field))


@pass_context
def _when(context: Context, ms: int | None) -> str:
    return "—" if ms is None else local(ms, _reader(context).zone)


@pass_context
def _day(context: Context, ms: int | None) -> str:
    return "—" if ms is None else day_of(ms, _reader(context).zone)


@pass_context
def _ago(context: Context, ms: int | None) -> str:
    """How long ago a server time was, in the largest unit that fits: `3 小时前`, `3 h ago`; a dash for no time."""
    reader = _reader(context)
    if ms is None:
        return "—"
    age = reader.now - ms
    for size, zh, en in _AGES:
        if age >= size:
            return reader.say(f"{age // size} {zh}前", f"{age // size} {en} ago")
    return reader.say("刚刚", "just now")


def _tel(phone: str) -> str:
    """The first number of a phone field, as a link dials it."""
    found = _NUMBER.search(phone)
    return _BETWEEN.sub("", found[0]) if found is not None else ""


def _money(minor: int | None) -> str:
    return "—" if minor is None else words.as_money(minor)


@pass_context
def _word(context: Context, value: object, kind: str) -> str:
    return words.word(kind, value, _reader(context).language)


@pass_context
def _typed(context: Context, name: str, default: object = "") -> str:
    """What was typed in a field of a form that is shown again; else the default."""
    form = context["form"]
    kept = form.text(name) if form is not None and name in form else default
    return "" if kept is None else str(kept)


def _reader(context: Context) -> Reader:
    reader: Reader = context["viewer"]
    return reader

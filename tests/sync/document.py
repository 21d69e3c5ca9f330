"""Reads `sync/PROTOCOL.md`: its examples by name, its tables by heading, and types as it writes them."""

from __future__ import annotations

import re
from enum import EnumType
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Meta

from tests.source import ROOT

__all__ = ["blocks", "example", "fields_of", "hexadecimal", "table", "text", "untagged"]

_FENCE = re.compile(r"^```(\w*)(?: example=([a-z0-9-]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@cache
def text() -> str:
    """The document."""
    return (ROOT / "sync" / "PROTOCOL.md").read_text("utf-8")


@cache
def blocks() -> dict[tuple[str, str], str]:
    """Every example by its name and its language (json, hex or text)."""
    return {(name, language): body for language, name, body in _FENCE.findall(text()) if name}


def untagged() -> list[str]:
    """The first lines of fenced blocks that no test could execute."""
    return [body.partition("\n")[0] for language, name, body in _FENCE.findall(text()) if not (language and name)]


def example(name: str) -> Any:
    """The JSON of an example."""
    return msgspec.json.decode(blocks()[name, "json"])


def hexadecimal(name: str) -> bytes:
    """The bytes of an example."""
    return bytes.fromhex(blocks()[name, "hex"])


def table(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, cell by cell, without the table's own head."""
    _, _, rest = text().partition(f"# {heading}\n")
    assert rest, f"no heading {heading!r}"
    below = re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in below.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def fields_of(kind: type[msgspec.Struct]) -> list[list[str]]:
    """What a table of a message says of each field but its meaning: name, type, and what it is if left out."""
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for field in msgspec.structs.fields(kind):
        written = _type(hints[field.name]).replace("|", "or")
        found.append([f"`{field.name}`", written, _left_out(field)])
    return found


def _left_out(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if value in ({}, (), b"", "", msgspec.Raw(b"\x80")):
        return "empty"
    if isinstance(value, bytes):
        return f"{len(value)} zero bytes"
    return f"`{msgspec.json.encode(value).decode()}`"


def _type(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _bounded(arguments[0], arguments[1])
    if origin in {Union, UnionType}:
        return f"{_type(next(one for one in arguments if one is not NoneType))} or null"
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"map from {'number' if arguments[0] is int else 'text'} to {_type(arguments[1])}"
    if isinstance(hint, EnumType):
        values: list[str] = list(hint.__members__.values())
        return "one of " + ", ".join(f"`{one}`" for one in values)
    return _PLAIN[hint] if hint in _PLAIN else str(hint.__name__)


_PLAIN: dict[Any, str] = {
    int: "number",
    str: "text",
    bytes: "bytes",
    bool: "true or false",
    UUID: "id",
    Any: "any value",
    msgspec.Raw: "map from field to value",
}


def _bounded(kind: Any, meta: Meta) -> str:
    if kind is int:
        whole = {(0, 1 << 53): "number", (-(1 << 53), 1 << 53): "number, may be negative"}
        return whole.get((int(meta.ge or 0), int(meta.le or 0)), f"{meta.ge} to {meta.le}")
    if meta.min_length == meta.max_length:
        return f"{meta.max_length} bytes"
    return f"{_type(kind)}, at most {meta.max_length}"

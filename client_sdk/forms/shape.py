"""From the declared type of a field to how it is entered and what bounds it: read once from the records' own types."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from client_sdk.forms.fields import Input
from sync.positions import Position
from sync.records.base import MOST_PIECES

__all__ = ["Shape", "shapes_of"]

_LONG = 1000
"""A text that may be longer is entered on some lines."""
_MONEY = 1 << 53
"""What bounds an amount, and nothing else in both directions. Nobody has to be told of bounds as wide as these."""


class Shape(msgspec.Struct, frozen=True):
    """How a field is entered, what bounds it, what it is made of; `needed` where it has no default."""

    input: Input
    needed: bool = False
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    words: type[Enum] | None = None
    part: type[msgspec.Struct] | None = None


@cache
def shapes_of(kind: type[msgspec.Struct]) -> dict[str, Shape]:
    """The shape of each field of a record or a part, by name; a map (an outlet's stock lines) has none."""
    told = inspect.type_info(kind)
    fields = told.fields if isinstance(told, inspect.StructType) else ()
    found = {one.name: _shape(one.name, _alone(one.type)) for one in fields}
    needed = {one.name for one in fields if one.required}
    shaped = {name: shape for name, shape in found.items() if shape is not None}
    return {name: msgspec.structs.replace(shape, needed=name in needed) for name, shape in shaped.items()}


def _alone(kind: Any) -> Any:
    """The type beside None."""
    if not isinstance(kind, inspect.UnionType):
        return kind
    return next(one for one in kind.types if not isinstance(one, inspect.NoneType))


def _shape(name: str, kind: Any) -> Shape | None:
    match kind:
        case inspect.StrType():
            return _text(name, kind)
        case inspect.IntType(ge=least, le=most):
            is_money = least == -_MONEY and most == _MONEY
            return Shape(Input.MONEY if is_money else Input.NUMBER, least=_told(least), most=_told(most))
        case inspect.StructType(cls=part):
            return Shape(Input.POSITION) if part is Position else Shape(Input.GROUP, part=part)
        case inspect.VarTupleType(item_type=item, max_length=most):
            return _several(item, most)
        case inspect.EnumType(cls=words):
            found: Shape | None = Shape(Input.CHOICE, words=words)
        case _:
            found = {inspect.BoolType: Shape(Input.YES_NO), inspect.UUIDType: Shape(Input.RECORD)}.get(type(kind))
    return found


def _told(bound: int | None) -> int | None:
    return bound if bound is not None and abs(bound) < MOST_PIECES else None


def _text(name: str, kind: inspect.StrType) -> Shape:
    if kind.pattern is not None and kind.max_length == len("2026-11-27"):
        return Shape(Input.DAY)
    is_long = (kind.max_length or 0) > _LONG
    entered = Input.PHONE if name == "phone" else Input.LONG_TEXT if is_long else Input.TEXT
    return Shape(entered, longest=kind.max_length)


def _several(item: Any, most: int | None) -> Shape | None:
    match item:
        case inspect.StrType(max_length=longest):
            return Shape(Input.WORDS, longest=longest, most=most)
        case inspect.UUIDType():
            return Shape(Input.RECORDS, most=most)
        case inspect.StructType(cls=part):
            return Shape(Input.LINES, most=most, part=part)
        case _:
            return None

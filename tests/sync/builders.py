"""Short ways to the values that tests of the engine need, and strategies that draw any value of a declared type."""

from __future__ import annotations

from collections.abc import Callable
from enum import EnumType
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from msgspec import Meta, structs

from sync.clock import Moment, Stamp
from sync.operations import Act, Operation, changes_of
from sync.records import Outlet

__all__ = ["NOON", "any_of", "edit", "id_of", "moment", "outlet", "quick", "stamp"]

T = TypeVar("T")

NOON = 1_790_000_000_000
"""Some server time in milliseconds, around which the tests' worlds turn."""

quick = settings(derandomize=True, deadline=None, max_examples=100)
"""Every run of a property draws the same examples, so a failure comes back."""


def id_of(number: int) -> UUID:
    """A readable id, of version 7, that ends in `number`."""
    return UUID(f"0190f3c2-0000-7000-8000-{number:012x}")


def moment(elapsed: int = 0, boot: str = "boot-1", claimed: int = NOON) -> Moment:
    """What a phone says of a time."""
    return Moment(boot, elapsed, claimed)


def stamp(ms: int, origin: bytes = b"A", number: int = 1) -> Stamp:
    """A stamp of an actor's operation."""
    return Stamp(ms, 0, origin, number)


def outlet(**fields: Any) -> Outlet:
    """An outlet with a name."""
    return structs.replace(Outlet(id_of(1), "老张烟酒"), **fields)


def edit(number: int = 1, **changes: object) -> Operation:
    """An edit of outlet 1."""
    return Operation(id_of(1000 + number), Act.EDIT, "outlet", id_of(1), 1, moment(), None, changes_of(**changes))


def any_of(kind: type[T]) -> st.SearchStrategy[T]:
    """Every value that `kind` declares, bounds included."""
    return _drawn(kind)


def _drawn(hint: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    metas = [one for one in arguments[1:] if isinstance(one, Meta)] if origin is Annotated else []
    kind = arguments[0] if origin is Annotated else hint
    if isinstance(kind, EnumType):
        return st.sampled_from(list(kind))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = get_type_hints(kind, include_extras=True)
        return st.builds(kind, **{name: _drawn(hints[name]) for name in kind.__struct_fields__})
    return _collected(kind) if get_origin(kind) else _PLAIN[kind](_bounds(metas))


def _collected(kind: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in {Union, UnionType}:
        return st.one_of([_drawn(one) for one in arguments])
    if origin is tuple:
        return st.lists(_drawn(arguments[0]), max_size=3).map(tuple)
    return st.dictionaries(_drawn(arguments[0]), _drawn(arguments[1]), max_size=3)


Bounds = dict[str, Any]


def _bounds(metas: list[Meta]) -> Bounds:
    names = ("ge", "le", "min_length", "max_length", "pattern")
    return {name: getattr(one, name) for one in metas for name in names if getattr(one, name) is not None}


def _text(bounds: Bounds) -> st.SearchStrategy[str]:
    if "pattern" in bounds:
        pattern: str = bounds["pattern"]
        return st.from_regex(pattern, fullmatch=True)
    return st.text(min_size=bounds.get("min_length", 0), max_size=min(bounds.get("max_length", 12), 12))


def _bytes(bounds: Bounds) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=bounds.get("min_length", 0), max_size=min(bounds.get("max_length", 20), 20))


_PLAIN: dict[Any, Callable[[Bounds], st.SearchStrategy[Any]]] = {
    UUID: lambda _: st.uuids(),
    bool: lambda _: st.booleans(),
    NoneType: lambda _: st.none(),
    int: lambda bounds: st.integers(bounds.get("ge", -(1 << 53)), bounds.get("le", 1 << 53)),
    float: lambda bounds: st.floats(bounds.get("ge", -1e9), bounds.get("le", 1e9)),
    str: _text,
    bytes: _bytes,
    Any: lambda _: st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=5),
    msgspec.Raw: lambda _: st.dictionaries(st.text(max_size=5), st.integers(0, 9)).map(lambda one: changes_of(**one)),
}

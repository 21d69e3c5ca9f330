"""What is frozen of the SDK's face: `python -m tests.client_sdk.public` writes `fixtures/sdk/public.json`.

One line for each thing that an application can name: functions with each of their parameters, fields of structs,
members of enumerations, properties, errors with their codes. Public is what `client_sdk` exports, what stands on a
`Replica`, and every type that these give or take.

Additions are written over the file at any time. What would break an application is written only when the version has
risen as far as docs/versions.md says, or with `--unreleased`, for names that no release has had.
"""

from __future__ import annotations

import ast
import inspect
import json
import ssl
import sys
from collections.abc import Callable, Iterator
from enum import EnumType
from textwrap import dedent
from types import NoneType, UnionType
from typing import Any, Union, Unpack, get_args, get_origin, get_type_hints

import msgspec

import client_sdk
from client_sdk import Replica, SaojieError, SweepSession, Watch, __version__
from client_sdk import replica as of_replica
from client_sdk.deprecation import Deprecated
from tests.source import ROOT

__all__ = ["breaks", "deprecations", "frozen", "series", "unannounced", "written"]

_FILE = ROOT / "fixtures" / "sdk" / "public.json"
_OURS = ("client_sdk", "sync")
_BESIDE = ("testing", "testing.fixtures", "platforms.android", "platforms.here", "platforms.ios")
"""Modules that an application imports besides: their names are frozen, not what stands on them."""
_LATE = {"ssl": ssl}
"""What our modules import for type checkers alone."""
_MADE_BY_US = {Replica, SweepSession, Watch}
"""Exported, and built by none of their callers."""


def series(version: str) -> str:
    """Within what nothing breaks: the major version, and before 1.0.0 the minor one."""
    major, minor, _ = version.split(".")
    return major if major != "0" else f"0.{minor}"


def written() -> dict[str, str]:
    """The face as it is, by name."""
    return dict(sorted([*_Face().lines(), *_beside()]))


def frozen() -> tuple[str, dict[str, str]]:
    """The version in which the file was written, and the face as it was then."""
    if not _FILE.exists():
        return "", {}
    kept = json.loads(_FILE.read_text("utf-8"))
    return kept["version"], kept["names"]


def breaks(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """What an application that was written for `before` would stumble over."""
    gone = [f"{name} is gone: it was {said}" for name, said in before.items() if name not in after]
    other = [
        f"{name} was {said} and is {after[name]}" for name, said in before.items() if after.get(name, said) != said
    ]
    new = [(name, said) for name, said in after.items() if name not in before and name.partition("(")[0] in before]
    demanded = [f"{name} has to be given now" for name, said in new if "(" in name and "required" in said.split(", ")]
    owners = {name: said for name, said in before.items() if said.startswith("protocol")}
    asked = [
        f"{name} has to be there now: applications fill {name.partition('.')[0]}"
        for name in after
        if name not in before and "(" not in name and name.partition(".")[0] in owners
    ]
    return sorted(gone + other + demanded + asked)


def deprecations() -> dict[str, Deprecated]:
    """Everything public that is marked to go."""
    return _Face().deprecated()


def unannounced(marked: dict[str, Deprecated], changelog: str) -> list[str]:
    """The names of what is marked and not told, with its version, in a line of the changelog under *Deprecated*."""
    told = [
        line
        for part in changelog.split("\n### ")[1:] or [changelog.removeprefix("### ")]
        if part.startswith("Deprecated")
        for line in part.splitlines()
    ]
    return [name for name, one in marked.items() if not any(f"`{name}`" in line and one.until in line for line in told)]


class _Face:
    """Walks from the exported names over everything that they give and take."""

    def __init__(self) -> None:
        self._marked: dict[str, Deprecated] = {}
        self._named: dict[type, str] = {}
        self._waiting: list[type] = []
        self._exported = {name: getattr(client_sdk, name) for name in client_sdk.__all__}

    def lines(self) -> Iterator[tuple[str, str]]:
        """Name and what stands behind it."""
        for name, one in self._exported.items():
            if isinstance(one, type):
                self._name(one)
            else:
                yield name, _kind_of(one)
        while self._waiting:
            yield from self._of_type(self._waiting.pop())

    def deprecated(self) -> dict[str, Deprecated]:
        """What the walk found marked."""
        dict(self.lines())
        return self._marked

    def _name(self, kind: type) -> str:
        """How a type of ours is written; it is walked over too."""
        if kind.__name__.startswith("_"):
            return kind.__name__
        if kind not in self._named:
            others = [str(one) for one, name in self._named.items() if name == kind.__name__]
            assert not others, f"two public types have one name: {kind} and {others[0]}"
            self._named[kind] = kind.__name__
            self._waiting.append(kind)
        return self._named[kind]

    def _of_type(self, kind: type) -> Iterator[tuple[str, str]]:
        name = self._named[kind]
        yield name, _class_of(kind)
        if isinstance(kind, EnumType):
            yield from ((f"{name}.{one.name}", repr(one.value)) for one in kind)  # type: ignore[var-annotated]
        elif issubclass(kind, msgspec.Struct):
            yield from self._fields(name, kind)
        elif kind in self._exported.values() and kind not in _MADE_BY_US and not getattr(kind, "_is_protocol", False):
            yield from self._function(name, "__init__", inspect.getattr_static(kind, "__init__"), has_self=True)
        yield from self._members(name, kind)
        if kind is Replica:
            yield from ((f"{name}.{one}", self._name(made)) for one, made in _parts_of_a_replica())

    def _fields(self, name: str, kind: type[msgspec.Struct]) -> Iterator[tuple[str, str]]:
        hints = get_type_hints(kind)
        is_open = not getattr(kind.__struct_config__, "kw_only", False)
        for place, one in enumerate(msgspec.structs.fields(kind)):
            at = f"{place}: " if is_open else ""
            yield f"{name}.{one.name}", f"{at}{self._said(hints[one.name])}{'' if one.required else ', optional'}"

    def _members(self, name: str, kind: type) -> Iterator[tuple[str, str]]:
        for member, one in sorted(_own(kind).items()):
            bound = one.__func__ if isinstance(one, classmethod | staticmethod) else one
            if isinstance(one, property):
                yield f"{name}.{member}", f"property, {self._said(get_type_hints(one.fget).get('return'))}"
            elif inspect.isfunction(bound):
                has_self = not isinstance(one, staticmethod)
                how = {classmethod: "of the class, ", staticmethod: "without an instance, "}.get(type(one), "")
                yield from self._function(name, member, bound, how, has_self=has_self)

    def _function(
        self, owner: str, member: str, call: Callable[..., Any], how: str = "", *, has_self: bool
    ) -> Iterator[tuple[str, str]]:
        name = f"{owner}.{member}"
        if isinstance(mark := vars(call).get("deprecated") if inspect.isfunction(call) else None, Deprecated):
            self._marked[name] = mark
        if not inspect.isfunction(call):
            return
        hints = get_type_hints(call, localns=_LATE)
        yield name, f"{how}gives {self._said(hints.get('return', NoneType))}"
        for place, one in enumerate(list(inspect.signature(call).parameters.values())[has_self:]):
            if get_origin(hints.get(one.name)) is Unpack:
                yield from self._unpacked(name, get_args(hints[one.name])[0])
                continue
            at = f"{place}: " if one.kind is one.POSITIONAL_OR_KEYWORD else f"{one.kind.description}: "
            needs = one.default is one.empty and one.kind not in {one.VAR_POSITIONAL, one.VAR_KEYWORD}
            rest = "required" if needs else _default(one)
            yield f"{name}({one.name})", f"{at}{self._said(hints.get(one.name, Any))}, {rest}"

    def _unpacked(self, name: str, fields: Any) -> Iterator[tuple[str, str]]:
        """Keywords that a method takes by the names of a TypedDict."""
        for key, hint in get_type_hints(fields).items():
            needs = "required" if key in fields.__required_keys__ else "optional"
            yield f"{name}({key})", f"keyword-only: {self._said(hint)}, {needs}"

    def _said(self, hint: Any) -> str:
        """A type in words that are the same in every version of Python."""
        if hint is None or hint is NoneType:
            return "None"
        origin = get_origin(hint)
        if origin in {Union, UnionType}:
            return " | ".join(
                sorted((self._said(part) for part in get_args(hint)), key=lambda one: (one == "None", one))
            )
        if origin is not None:
            if isinstance(origin, type) and origin.__module__.partition(".")[0] in _OURS:
                self._name(origin)
            inside = ", ".join("..." if part is ... else self._part(part) for part in get_args(hint))
            return f"{getattr(origin, '__name__', origin)}[{inside}]"
        if isinstance(hint, type) and hint.__module__.partition(".")[0] in _OURS:
            return self._name(hint)
        return getattr(hint, "__name__", str(hint))

    def _part(self, part: Any) -> str:
        if isinstance(part, list):
            return f"[{', '.join(map(self._said, part))}]"
        return repr(part) if isinstance(part, str | int | bool) else self._said(part)


def _beside() -> Iterator[tuple[str, str]]:
    """The exported names of the modules beside, read from their source: not all of them load here."""
    for module in _BESIDE:
        path = ROOT.joinpath("client_sdk", *module.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == ["__all__"]:
                yield from ((f"client_sdk.{module}.{name}", "exported") for name in ast.literal_eval(node.value))


def _own(kind: type) -> dict[str, Any]:
    """The public members that are written in our classes, inherited ones included."""
    found: dict[str, Any] = {}
    for one in reversed(kind.__mro__):
        if one.__module__.partition(".")[0] in _OURS:
            found |= {name: member for name, member in vars(one).items() if not name.startswith("_")}
    return found


def _parts_of_a_replica() -> Iterator[tuple[str, type]]:
    """What `Replica.__init__` puts on a replica: name and class."""
    (function,) = ast.parse(dedent(inspect.getsource(Replica.__init__))).body
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
            kind = getattr(of_replica, node.value.func.id)
            names = [one.attr for one in node.targets if isinstance(one, ast.Attribute)]
            yield from ((name, kind) for name in names if not name.startswith("_"))


def _class_of(kind: type) -> str:
    if issubclass(kind, SaojieError):
        codes = [*vars(kind).get("own", ())] or [vars(kind).get("code", "of the server")]
        return f"error, {' or '.join(codes)}, a {kind.__mro__[1].__name__}"
    if getattr(kind, "_is_protocol", False):
        return "protocol"
    if isinstance(kind, EnumType):
        return "enumeration"
    return "struct" if issubclass(kind, msgspec.Struct) else "class"


def _kind_of(one: Any) -> str:
    return type(one).__name__ if not callable(one) else "call"


def _default(one: inspect.Parameter) -> str:
    if one.default is one.empty:
        return "any number"
    return f"{one.default!r} where left out" if isinstance(one.default, str | int | float | bool | None) else "optional"


def main(*, is_unreleased: bool) -> None:
    """Write the file, where nothing stands against it."""
    version, before = frozen()
    after = written()
    found = breaks(before, after)
    if found and not is_unreleased and series(version) == series(__version__):
        sys.exit("\n".join(["An application would break:", *found, __doc__ or ""]))
    _FILE.parent.mkdir(exist_ok=True)
    kept = {"version": __version__, "names": after}
    _FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main(is_unreleased="--unreleased" in sys.argv[1:])

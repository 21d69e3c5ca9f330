"""How something public is announced to go: it works, warns its caller, and names the version that takes it away.

`tests.client_sdk.public` finds what is marked, and the changelog names each under *Deprecated* (docs/versions.md).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import msgspec

__all__ = ["Deprecated", "deprecated"]

P = ParamSpec("P")
T = TypeVar("T")


class Deprecated(msgspec.Struct, frozen=True):
    """Since which version, until which, and what to call in its place."""

    since: str
    until: str
    instead: str

    def is_too_early(self) -> bool:
        """Whether less than one minor version lies between or, from 1.0.0 on, no major version takes it away."""
        since, until = _numbers(self.since), _numbers(self.until)
        if since[0] > 0:
            return until[0] <= since[0]
        return until[0] == 0 and until[1] < since[1] + 2


def deprecated(*, since: str, until: str, instead: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Mark a function or a method. Raises ValueError for an `until` that is too early."""
    mark = Deprecated(since, until, instead)
    if mark.is_too_early():
        raise ValueError(f"{until} is too early for what is deprecated since {since}")

    def marked(call: Callable[P, T]) -> Callable[P, T]:
        said = f"{call.__qualname__} is deprecated since {since} and goes with {until}: call {instead}"

        @wraps(call)
        def warning(*args: P.args, **kwargs: P.kwargs) -> T:
            warnings.warn(said, DeprecationWarning, stacklevel=2)
            return call(*args, **kwargs)

        vars(warning)["deprecated"] = mark
        return warning

    return marked


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))

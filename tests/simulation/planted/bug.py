"""What a planted bug is: a mistake that a programmer may make, put into the engine for as long as a block runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import msgspec

__all__ = ["BUGS", "Bug", "Plant", "both", "bug", "meant", "replaced"]

Plant = AbstractContextManager[Any]


class Bug(msgspec.Struct, frozen=True):
    """One bug: its name, its room, and what it breaks, in a sentence. `plant` puts it there for a block."""

    name: str
    room: str
    breaks: str
    plant: Callable[[], Plant]


BUGS: dict[str, Bug] = {}
"""All of them by name, in the order of their rooms."""


def bug(plant: Callable[[], Plant]) -> Callable[[], Plant]:
    """Keep a bug: it is named as its function is, and its docstring says what it breaks."""
    name = plant.__name__.replace("_", "-")
    room = plant.__module__.rsplit(".", 1)[-1].replace("_", " ")
    BUGS[name] = Bug(name, room, " ".join((plant.__doc__ or "").split()), plant)
    return plant


def meant(owner: Any, name: str) -> Any:
    """What a name of a module or class means until it is replaced."""
    return vars(owner)[name]


@contextmanager
def replaced(owner: Any, **values: Any) -> Iterator[None]:
    """Names of a module or class mean something else within the block."""
    with ExitStack() as stack:
        for name, value in values.items():
            stack.callback(setattr, owner, name, vars(owner)[name])
            setattr(owner, name, value)
        yield


@contextmanager
def both(one: Plant, other: Plant) -> Iterator[None]:
    """A mistake that is made in two places."""
    with one, other:
        yield

"""What an application sees: sorted public names, one tree of errors, and nothing of it changes unseen."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints, is_typeddict

import pytest

import client_sdk
from client_sdk import errors
from client_sdk.testing import World
from client_sdk.version import __version__
from sync.errors import ERRORS
from tests.client_sdk.public import breaks, frozen, series, written


def test_public_names_are_sorted_and_there() -> None:
    """`__all__` is sorted and names nothing that is not there."""
    assert client_sdk.__all__ == sorted(client_sdk.__all__)
    assert [name for name in client_sdk.__all__ if not hasattr(client_sdk, name)] == []


def test_all_that_a_call_takes_or_gives_has_a_public_name(world: World) -> None:
    """So that an application can say in its own types what it holds; but for the fields that a call takes by name."""
    replica = world.phone()
    parts = [replica, *(part for name, part in vars(replica).items() if not name.startswith("_"))]
    seen = {one for part in parts for one in _classes_of(type(part))}
    named = {one.__name__ for one in seen if not (is_typeddict(one) or one.__name__.startswith("_"))}
    assert len(named) > 60
    assert named - {*client_sdk.__all__} == {"Policies", "Worker"}  # of the SDK's own parts, among themselves
    replica.close()


def _classes_of(part: type) -> Iterator[type]:
    """The project's own types in what the public calls of a part take and give."""
    for name, call in inspect.getmembers(part):
        given = call.fget if isinstance(call, property) else call
        if not name.startswith("_") and callable(given):
            for hint in get_type_hints(given).values():
                yield from _own(hint)


def _own(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and hint.__module__.partition(".")[0] in {"client_sdk", "sync"}:
        yield hint
    for part in get_args(hint):
        yield from _own(part)


def test_every_error_is_in_one_tree_and_says_what_to_do() -> None:
    """Each error is a SaojieError with a code of its own, a sentence in both languages and what to do next."""
    found = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]
    assert {kind.__name__ for kind in found} == set(errors.__all__)
    tree = [kind for kind in found if issubclass(kind, errors.SaojieError)]
    assert tree == found
    made = [_made(kind) for kind in tree]
    assert all(one.code and one.en and one.zh and one.todo and one.todo_zh for one in made)
    assert len({one.code for one in made}) == len(made)
    assert [name for name in errors.__all__ if name not in (errors.__doc__ or "")] == []


def _made(kind: type[errors.SaojieError]) -> errors.SaojieError:
    if issubclass(kind, errors.AlreadyBegun):
        return kind("sweep")
    if issubclass(kind, errors.InvalidInput):
        return kind("bad_value", "phone")
    if issubclass(kind, errors.LetterRefused):
        return kind("letter_over")
    return kind("code_used") if issubclass(kind, errors.EnrolmentRefused) else kind()


@pytest.mark.parametrize("code", ["bad_value", "unknown_field", "never_changed", "amends_unknown"])
def test_refused_input_says_what_the_table_says(code: str) -> None:
    """A value that is refused here is refused in the words of the one table of errors."""
    error = errors.InvalidInput(code, "phone")
    assert (error.en, error.zh, error.todo) == (ERRORS[code].en, ERRORS[code].zh, ERRORS[code].todo)


_HOW = """

An addition is written into fixtures/sdk/public.json by the one command

    python -m tests.client_sdk.public

What breaks an application waits for the version in which docs/versions.md allows it; names that no release has had yet
are changed with `--unreleased`.
"""


def test_the_face_is_as_it_was_frozen() -> None:
    """No public name, parameter, field, member or code goes or changes within a series, and what is new is written."""
    version, before = frozen()
    after = written()
    new = sorted(f"{name} is new" for name in after.keys() - before.keys())
    assert (breaks(before, after) + new, series(version)) == ([], series(__version__)), _HOW


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Outlet.name", "1: str"),
        ("Outlets.register(phone)", "keyword-only: str, optional"),
        ("Grade.A", "'A'"),
        ("ReplicaLocked", "error, replica_locked, a SaojieError"),
        ("Replica.status", "gives Status"),
        ("Replica.money", "Money"),
        ("client_sdk.testing.fixtures.locked", "exported"),
        ("client_sdk.platforms.android.AndroidKeyStore", "exported"),
    ],
)
def test_what_is_taken_away_or_changed_breaks(name: str, said: str) -> None:
    """Fields, parameters, members, errors, calls and parts of a replica are each in the list."""
    face = written()
    assert face[name].startswith(said)
    without = {key: value for key, value in face.items() if key != name}
    assert breaks(face, without) == [f"{name} is gone: it was {face[name]}"]
    assert len(breaks(face, face | {name: "another"})) == 1
    assert breaks(without, face) == []


def test_what_is_demanded_anew_breaks() -> None:
    """A new parameter may be left out, and nothing new is asked for of what applications fill; other news is fine."""
    face = {"Replica.sync": "gives SyncReport", "Clock": "protocol", "Status": "struct"}
    assert breaks(face, face | {"Replica.sync(fast)": "0: bool, False where left out", "Status.more": "3: int"}) == []
    assert breaks(face, face | {"Replica.sync(fast)": "0: bool, required"}) == [
        "Replica.sync(fast) has to be given now"
    ]
    assert breaks(face, face | {"Clock.zone": "gives str"}) == [
        "Clock.zone has to be there now: applications fill Clock"
    ]
    assert breaks(face, face | {"Replica.late": "gives None", "Replica.late(x)": "0: int, required"}) == []


@pytest.mark.parametrize(("version", "said"), [("0.1.0", "0.1"), ("0.1.7", "0.1"), ("0.12.0", "0.12"), ("3.4.5", "3")])
def test_before_the_first_major_version_a_minor_one_may_break(version: str, said: str) -> None:
    """As the changelog says at its head."""
    assert series(version) == said

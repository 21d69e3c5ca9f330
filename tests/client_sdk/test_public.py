"""What an application sees: sorted public names, one tree of errors, an import that costs little."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import client_sdk
from client_sdk import errors
from sync.errors import ERRORS


def test_public_names_are_sorted_and_there() -> None:
    """`__all__` is sorted and names nothing that is not there."""
    assert client_sdk.__all__ == sorted(client_sdk.__all__)
    assert [name for name in client_sdk.__all__ if not hasattr(client_sdk, name)] == []


def test_the_import_loads_nothing_heavy() -> None:
    """HTTP, pictures and pinyin are loaded when they are first used."""
    script = "import sys, client_sdk; print(*{'httpx2', 'PIL', 'pypinyin', 'ssl'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) <= {"ssl"}


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

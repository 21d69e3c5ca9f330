"""The world finds what is planted: each bug by a short script that holds without it and fails with it.

The scripts are played in a process of its own, in which strings hash alike in every run. How soon seeds find each bug
is in `docs/simulation.md`.
"""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec
import pytest

from tests.simulation.planted import BUGS
from tests.simulation.planted.bug import replaced
from tests.simulation.planted.find import KEPT, Told
from tests.source import ROOT

LEAST = 22


@pytest.fixture(scope="module")
def told() -> dict[str, Told]:
    """What the kept script of each bug comes to, without it and with it."""
    asked = [sys.executable, "-m", "tests.simulation", "--kept"]
    alike = os.environ | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(asked, cwd=ROOT, env=alike, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=dict[str, Told])


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", list(BUGS))
def test_a_planted_bug_is_found(told: dict[str, Told], name: str) -> None:
    """Nothing is wrong without it, and something is with it."""
    assert told[name].without == ()
    assert told[name].planted


def test_enough_is_planted() -> None:
    """In every room, each with a sentence and a script of its own; and no script is of a bug that is no more."""
    assert len(BUGS) >= LEAST
    assert {one.room for one in BUGS.values()} == {"write path", "feed", "exchange", "departure", "phone", "time"}
    assert all(one.breaks.endswith(".") for one in BUGS.values())
    assert {path.stem for path in KEPT.glob("*.json")} == set(BUGS)


def test_a_planted_bug_is_gone_after_its_block() -> None:
    """Also where the block raises."""

    class Room:
        number = 1

    def broken() -> None:
        with replaced(Room, number=2):
            assert Room.number == 2
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert Room.number == 1

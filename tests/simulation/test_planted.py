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


ROOMS = ("write path", "feed", "exchange", "departure", "phone", "time")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("room", ROOMS)
def test_each_planted_bug_of_a_room_is_found(room: str) -> None:
    """Nothing is wrong without it, and something is with it."""
    names = [name for name, one in BUGS.items() if one.room == room]
    asked = [sys.executable, "-m", "tests.simulation", "--kept", "--only", *names]
    alike = os.environ | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(asked, cwd=ROOT, env=alike, stdout=subprocess.PIPE, check=True)
    told = msgspec.json.decode(done.stdout, type=dict[str, Told])
    assert {name: one.without for name, one in told.items()} == dict.fromkeys(names, ())
    assert [name for name, one in told.items() if not one.planted] == []


def test_enough_is_planted() -> None:
    """In every room, each with a sentence and a script of its own; and no script is of a bug that is no more."""
    assert len(BUGS) >= LEAST
    assert {one.room for one in BUGS.values()} == set(ROOMS)
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

"""The seeded world: the same seed is the same world, every seed holds, and what fails is kept and shrinks."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.conftest import DREW
from tests.simulation.play import Ground
from tests.simulation.script import Step, drawn
from tests.source import ROOT

KEPT = sorted((ROOT / "fixtures" / "simulation").glob("*.json"))
FRESH = 120


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_seed_is_the_same_world(ground: Ground, seed: int) -> None:
    """Everything that happens, and how it ends."""
    script = drawn(seed)
    assert ground.play(script) == ground.play(script)


def test_different_seeds_are_different_worlds(ground: Ground) -> None:
    """A hash that never differed would say nothing."""
    assert ground.play(drawn(4, 10)).hash != ground.play(drawn(5, 10)).hash


@pytest.mark.parametrize("path", KEPT, ids=[path.stem for path in KEPT])
def test_what_failed_once_holds(ground: Ground, path: Path) -> None:
    """Scripts that failed, shrunk, each with what was wrong in its file's name."""
    assert ground.play(msgspec.json.decode(path.read_bytes(), type=tuple[Step, ...])).wrong == ()


@pytest.mark.timeout(1200)
def test_fresh_seeds_hold(record_property: Callable[[str, object], None]) -> None:
    """Seeds that nobody has run before; the run ends with their names, so that each can be run again."""
    first = secrets.randbelow(1 << 40)
    record_property(DREW, f"{FRESH} seeds from {first}")
    told = simulate("--seeds", str(FRESH), "--first", str(first))
    runs = json.loads(told[0])
    assert runs["failed"] == 0, runs["failing"]
    assert runs["seeds"] == FRESH


def simulate(*arguments: str) -> list[str]:
    """The lines of `saojie simulate --json`, as anybody runs it."""
    saojie = [sys.executable, "-c", "from server.cli import main; main()", "simulate", "--json", *arguments]
    done = subprocess.run(saojie, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return done.stdout.splitlines()

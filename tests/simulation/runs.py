"""Many seeds on all cores: each from its beginning to rest, and those that failed."""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tests.simulation.play import Ground, Played
from tests.simulation.script import Step, drawn

__all__ = ["Run", "Runs", "quiet", "run_seeds", "tried"]

_LINES = 12
_grounds: list[Ground] = []


class Run(msgspec.Struct, frozen=True):
    """What came of a seed."""

    seed: int
    hash: str
    wrong: tuple[str, ...]


class Runs(msgspec.Struct, frozen=True):
    """What came of many seeds from `first` on: how many failed, which, and how many there were a minute."""

    first: int
    seeds: int
    failed: int
    failing: tuple[Run, ...]
    seconds: float
    per_minute: float


def tried(ground: Ground, script: Sequence[Step]) -> Played:
    """Play a script; one that breaks the program is one that failed."""
    try:
        return ground.play(script)
    except Exception:  # noqa: BLE001  # whatever it is, the seed has found it
        return Played("", tuple(traceback.format_exc().splitlines()[-_LINES:]), ())


def run_seeds(first: int, seeds: int, told: Callable[[Run], None], workers: int | None = None) -> Runs:
    """Run so many seeds from `first` on; `told` hears of each."""
    began = time.monotonic()
    with (
        TemporaryDirectory(prefix="saojie-world-", dir=_fast()) as place,
        ProcessPoolExecutor(
            workers or os.cpu_count() or 1, multiprocessing.get_context("fork"), initializer=_begin, initargs=(place,)
        ) as pool,
    ):
        failing = []
        for run in pool.map(_run, range(first, first + seeds)):
            told(run)
            failing += [run] if run.wrong else []
    passed = time.monotonic() - began
    return Runs(first, seeds, len(failing), tuple(failing), round(passed, 1), round(seeds / passed * 60, 1))


def quiet() -> None:
    """Say nothing of connections that processes left open when they died: that is what dying does."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")


def _fast() -> str | None:
    """Where files cost no disk: every act is awaited there a hundred times a second."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a folder of its own is made in it


def _begin(place: str) -> None:
    quiet()
    _grounds[:] = [Ground(Path(place) / str(os.getpid()))]


def _run(seed: int) -> Run:
    played = tried(_grounds[0], drawn(seed))
    return Run(seed, played.hash, played.wrong)

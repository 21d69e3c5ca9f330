"""`python -m tests.simulation`: run seeds of the world, show one, or shrink one that failed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

import msgspec

from tests.simulation.planted.find import look_for, play_kept, table
from tests.simulation.play import Ground
from tests.simulation.runs import Run, quiet, run_seeds, tried
from tests.simulation.script import drawn
from tests.simulation.shrink import shrunk


def main() -> int:
    """Whether no seed failed, as an exit code."""
    asked = _arguments()
    quiet()
    if asked.show is not None:
        return _show(asked.show)
    if asked.shrink is not None:
        return _shrink(asked.shrink)
    if asked.planted:
        return _planted(asked.first, asked.seeds, asked.only)
    if asked.kept:
        return _kept(asked.only)
    out = sys.stderr if asked.json else sys.stdout

    def told(run: Run) -> None:
        if run.wrong:
            _say(f"seed {run.seed} failed:", *run.wrong, out=out)

    runs = run_seeds(asked.first, asked.seeds, told, asked.workers)
    if asked.json:
        _say(msgspec.json.encode(runs).decode())
    else:
        _say(f"{runs.seeds} seeds from {runs.first}, {runs.failed} failed, {runs.per_minute} a minute")
    return 1 if runs.failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="how many seeds")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="how many at once")
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    parser.add_argument("--show", type=int, metavar="SEED", help="tell everything that happens in one seed")
    parser.add_argument("--shrink", type=int, metavar="SEED", help="the shortest script that still fails as it does")
    parser.add_argument("--planted", action="store_true", help="how soon seeds find each planted bug, as a table")
    parser.add_argument("--only", nargs="*", metavar="BUG", help="of the planted bugs only these")
    parser.add_argument("--kept", action="store_true", help="what the kept scripts of planted bugs come to, as JSON")
    return parser.parse_args()


def _say(*lines: str, out: TextIO = sys.stdout) -> None:
    out.write("\n".join(lines) + "\n")


def _show(seed: int) -> int:
    with TemporaryDirectory() as place:
        played = tried(Ground(Path(place) / "ground"), drawn(seed))
    _say(*played.told, *played.wrong)
    return 1 if played.wrong else 0


def _shrink(seed: int) -> int:
    with TemporaryDirectory() as place:
        script, played = shrunk(Ground(Path(place) / "ground"), drawn(seed))
    _say(msgspec.json.encode(script).decode(), *played.wrong)
    return 1 if played.wrong else 0


def _planted(first: int, seeds: int, only: Sequence[str] | None) -> int:
    """The table of the bugs, those that were found first; 1 where one was not."""
    with TemporaryDirectory() as place:
        found = list(look_for(Ground(Path(place) / "ground"), first, seeds, only))
    _say(table(found))
    return 0 if all(one.seed is not None for one in found) else 1


def _kept(only: Sequence[str] | None) -> int:
    with TemporaryDirectory() as place:
        _say(msgspec.json.encode(play_kept(Ground(Path(place) / "ground"), only)).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Whether the world finds what is planted: by the script that is kept for each bug, and by seeds from the first on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tests.simulation.planted import BUGS, Bug
from tests.simulation.play import Ground
from tests.simulation.runs import tried
from tests.simulation.script import Step, drawn
from tests.source import ROOT

__all__ = ["KEPT", "Found", "Told", "look_for", "play_kept", "table"]

KEPT = ROOT / "fixtures" / "simulation" / "planted"


class Told(msgspec.Struct, frozen=True):
    """What the kept script of a bug comes to, without the bug and with it."""

    without: tuple[str, ...]
    planted: tuple[str, ...]


class Found(msgspec.Struct, frozen=True):
    """By which seed a bug was found (None: by none of them), after how many, and what it said."""

    bug: Bug
    seed: int | None
    seeds: int
    says: str


def play_kept(ground: Ground, only: Sequence[str] | None = None) -> dict[str, Told]:
    """Play the kept script of each bug, or of some, twice."""
    told = {}
    for name, bug in BUGS.items():
        path = KEPT / f"{name}.json"
        if path.exists() and (not only or name in only):
            script = msgspec.json.decode(path.read_bytes(), type=tuple[Step, ...])
            without = tried(ground, script).wrong
            with bug.plant():
                told[name] = Told(without, tried(ground, script).wrong)
    return told


def look_for(ground: Ground, first: int, seeds: int, only: Sequence[str] | None = None) -> Iterator[Found]:
    """Run seeds from `first` on until each bug is found, so many at most."""
    for name, bug in BUGS.items():
        if not only or name in only:
            yield _look_for(ground, bug, first, seeds)


def _look_for(ground: Ground, bug: Bug, first: int, seeds: int) -> Found:
    for seed in range(first, first + seeds):
        with bug.plant():
            wrong = tried(ground, drawn(seed)).wrong
        if wrong:
            return Found(bug, seed, seed - first + 1, wrong[1] if wrong[0].startswith("at step") else wrong[0])
    return Found(bug, None, seeds, "")


def table(found: Iterable[Found]) -> str:
    """The table for `docs/simulation.md`."""
    lines = ["| bug | room | what it breaks | found by seed |", "|---|---|---|---|"]
    for one in found:
        seed = "none" if one.seed is None else str(one.seed)
        lines.append(f"| {one.bug.name} | {one.bug.room} | {one.bug.breaks} | {seed} |")
    return "\n".join(lines)

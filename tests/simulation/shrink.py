"""From a script that fails to a short one that still does: what can be left out is, the largest parts first."""

from __future__ import annotations

from collections.abc import Sequence

from tests.simulation.play import Ground, Played
from tests.simulation.runs import tried
from tests.simulation.script import Step

__all__ = ["shrunk"]


def shrunk(ground: Ground, script: Sequence[Step]) -> tuple[tuple[Step, ...], Played]:
    """The shortest script found, and what comes of it; the script itself where it does not fail."""
    steps, played = tuple(script), tried(ground, script)
    size = len(steps)
    while played.wrong and size:
        at = 0
        while at < len(steps):
            fewer = steps[:at] + steps[at + size :]
            again = tried(ground, fewer)
            if again.wrong:
                steps, played = fewer, again
            else:
                at += size
        size //= 2
    return steps, played

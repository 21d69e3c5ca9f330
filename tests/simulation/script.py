"""A script: what happens, one step after another, each with a seed of its own, so that a step can be left out."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from tests.simulation import company, rep, trouble
from tests.simulation.world import World

__all__ = ["ACTS", "STEPS", "Step", "drawn"]

STEPS = 28
"""Longer scripts find no more in the same time: what takes long to show itself is found by another seed."""

Act = Callable[[World], None]
_WEIGHTED: tuple[tuple[int, str, Act], ...] = (
    (4, "register", rep.register),
    (6, "visit", rep.visit),
    (3, "edit", rep.edit),
    (1, "amend", rep.amend),
    (1, "order", rep.order),
    (2, "claim", rep.claim),
    (8, "sync", rep.sync),
    (5, "together", rep.together),
    (2, "twice", rep.twice),
    (5, "wait", trouble.waits),
    (2, "move", company.move),
    (2, "manage", company.edit),
    (1, "merge", company.merge),
    (1, "unmerge", company.unmerge),
    (2, "roster", company.roster),
    (1, "leave", company.leave),
    (1, "return", company.returns),
    (1, "night", company.night),
    (1, "put-back", company.put_back),
    (1, "deal", company.deal),
    (1, "allot", company.allot),
    (1, "decide", company.decide),
    (1, "letter", company.letters),
    (2, "meanwhile", company.meanwhile),
    (2, "network", trouble.network),
    (1, "arrive", trouble.arrives),
    (1, "clock", trouble.clock),
    (1, "reboot", trouble.reboots),
    (1, "server-dies", trouble.server_dies),
    (1, "server-ends", trouble.server_ends),
    (2, "phone-dies", trouble.phone_dies),
    (1, "phone-restored", trouble.restored_phone),
    (1, "clone", trouble.clones),
    (1, "back-up", trouble.backs_up),
    (1, "restore", trouble.restores),
    (1, "upgrade", trouble.upgrades),
    (1, "spoil", trouble.spoils),
    (2, "pages", trouble.pages),
)
ACTS: dict[str, Act] = {name: act for _, name, act in _WEIGHTED}


class Step(msgspec.Struct, frozen=True, array_like=True):
    """One thing that happens, and what everything in it is drawn from."""

    act: str
    seed: int


def drawn(seed: int, steps: int = STEPS) -> tuple[Step, ...]:
    """The script of a seed."""
    random = Random(seed)
    weights, names = [one[0] for one in _WEIGHTED], list(ACTS)
    chosen = random.choices(names, weights, k=steps)
    return tuple(Step(name, random.getrandbits(48)) for name in chosen)

"""A hunt for bytes that break a door: rounds from a seed, and from what breaks it something shorter that still does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import msgspec

from tests.fuzz.doors import Broken, Door
from tests.fuzz.mutate import mutated

__all__ = ["Found", "broken_by", "hunt"]


class Found(msgspec.Struct, frozen=True):
    """Bytes that break a door (before it wraps them), shortened, and what they come to."""

    door: str
    data: bytes
    says: str


def broken_by(door: Door, data: bytes) -> str:
    """What goes wrong at a door with these bytes; "" where they are read, or refused as is declared."""
    try:
        door.enter(door.wraps(data))
    except door.refuses:
        return ""
    except Broken as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is not declared
        return f"{type(error).__name__}: {error}"
    return ""


def hunt(doors: Sequence[Door], seed: int, rounds: int) -> Iterator[Found]:
    """Try each door with so many mutated samples: the first that breaks it, shortened. A seed draws the same ones."""
    for door in doors:
        random = Random(f"{seed} {door.name}")
        for _ in range(rounds):
            data = mutated(random, door.samples)
            if broken_by(door, data):
                yield _shortened(door, data)
                break


def _shortened(door: Door, data: bytes) -> Found:
    says, size = broken_by(door, data), len(data)
    while size:
        at = 0
        while at < len(data):
            fewer = data[:at] + data[at + size :]
            said = broken_by(door, fewer)
            if said:
                says, data = said, fewer
            else:
                at += size
        size //= 2
    return Found(door.name, data, says)

"""A script from its beginning to rest: what happened, and what did not hold."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from tests.simulation import rep
from tests.simulation.disks import Disk, SqliteDisk
from tests.simulation.invariants import at_rest
from tests.simulation.machine import founded
from tests.simulation.script import ACTS, Step
from tests.simulation.world import BEGAN_MS, World

__all__ = ["Ground", "Played"]

_ROUNDS = 12
_QUIET = tuple(f" {ended} 0 0" for ended in ("done", "wiped", "unknown_device", "device_suspended"))
"""How a sync ends that brought nothing new, nor will the next."""


class Played(msgspec.Struct, frozen=True):
    """What came of a script: the hash of everything that happened, what did not hold, and what happened, by line."""

    hash: str
    wrong: tuple[str, ...]
    told: tuple[str, ...]


class Ground:
    """Where scripts are played: a folder with a founded company, which each world copies. `disk` is where the company's
    data lies, a SQLite file in the folder if it is not given.
    """

    def __init__(self, place: Path, disk: Disk | None = None) -> None:
        self._place = place
        self._disk = disk or SqliteDisk(place / "founded-disk")
        founded(place / "founded", self._disk, BEGAN_MS)
        # What is loaded stays: looking through it after each death of a phone took most of the time.
        gc.freeze()
        gc.set_threshold(50_000)

    def play(self, script: Sequence[Step]) -> Played:
        """Play a script. The same script comes to the same hash, with SQLite."""
        with TemporaryDirectory(prefix="world-", dir=self._place) as made:
            home = Path(made) / "server"
            shutil.copytree(self._place / "founded", home)
            disk = self._disk.copied(home)
            world = World(Path(made), home, disk)
            try:
                _play(world, script)
                return Played(world.hash, tuple(world.wrong), tuple(world.told))
            finally:
                world.end()
                for one in (disk, *(backup.disk for backup in world.backups)):
                    one.remove()


def _play(world: World, script: Sequence[Step]) -> None:
    world.begin()
    for at, step in enumerate(script):
        world.random.seed(step.seed)
        world.tell(f"-- {step.act}")
        ACTS[step.act](world)
        if world.wrong:
            world.wrong.insert(0, f"at step {at}, {step.act}")
            return
    _rest(world)


def _rest(world: World) -> None:
    """No more trouble: everybody syncs until nothing is new."""
    for phone in world.phones:
        phone.network.trouble = 0.0
    quiet = 0
    for _ in range(_ROUNDS):
        world.loop.pass_time(120)
        before = len(world.told)
        for phone in world.phones:
            rep.synced(world, phone)
        quiet = quiet + 1 if all(line.endswith(_QUIET) for line in world.told[before:]) else 0
        if world.wrong or quiet > 1:
            break
    world.wrong += world.wrong or at_rest(world)

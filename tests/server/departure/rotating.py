"""Rotates the company's keys again and again, each time killed one act later, and looks at what is left.

Run as a program of its own: it forks a child for each attempt, and the child ends itself without a word before the act.
`python -m tests.server.departure.rotating FOLDER TURN…` prints how many points there were.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any

from server.departure.means import Means, means_of
from server.departure.rotation import put_into_use
from server.identity.key_changes import Turn, prepare
from server.identity.keys import create_keys, load_keys
from server.master import meta
from server.master.migrations import upgrade
from server.ports import REAL
from server.settings import Settings, read_settings
from sync.keychain import followed
from sync.statements import KeyTurn

ACTS = {"open", "os.rename", "os.remove", "sqlite3.connect"}
DIED = 9


def settings_of(home: Path) -> Settings:
    """The settings of a deployment in a folder."""
    return read_settings({"SAOJIE_HOME": str(home)})


def forked(work: Coroutine[Any, Any, None], dies_before: int = 0) -> int:
    """Do something in a child; how it ended. Before its act of that number it dies."""
    child = os.fork()
    if child:
        work.close()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = dies_before

    def count(event: str, args: tuple[Any, ...]) -> None:
        nonlocal left
        is_write = event != "open" or (isinstance(args[2], int) and args[2] & os.O_ACCMODE != os.O_RDONLY)
        if event in ACTS and is_write and left:
            left -= 1
            if not left:
                os._exit(DIED)

    sys.addaudithook(count)
    asyncio.run(work)
    os._exit(0)


async def founded(home: Path) -> None:
    """A company without a rotation."""
    settings = settings_of(home)
    create_keys(settings.keys, Random(1).randbytes)
    means = means_of(settings)
    await upgrade(means.store)
    async with means.store.write() as tx:
        await meta.found(tx, "测试公司", REAL.new_id(), bytes(8))
    await means.store.close()


async def followed_in(home: Path) -> Means:
    """The deployment as a process that starts finds it: it has every key that is in use."""
    means = means_of(settings_of(home))
    async with means.store.read() as tx:
        identity = await meta.read_identity(tx)
    means.keys.follow(identity.keys)
    assert means.keys.number >= identity.keys.number
    pins = followed(means.keys.first, means.keys.changes, identity.company)
    assert pins == means.keys.pins
    assert pins.signing == means.keys.signing.public_key().public_bytes_raw()
    assert pins.opening == means.keys.opening.public_key().public_bytes_raw()
    return means


async def rotate(home: Path, turns: list[KeyTurn]) -> None:
    """What the command does, from wherever an earlier attempt stopped."""
    means = await followed_in(home)
    async with means.store.read() as tx:
        company = (await meta.read_identity(tx)).company
    wanted = [Turn(one, means.keys.pins.signing if one is KeyTurn.RETIRED else None) for one in turns]
    if means.keys.newest == 0:
        prepare(means.keys, company, wanted, means.sources)
    await put_into_use(means)
    await means.store.close()


async def look(home: Path) -> None:
    """What is there can be used as it is."""
    await (await followed_in(home)).store.close()


def main(folder: Path, turns: list[KeyTurn]) -> int:
    """Kill at every point; how many there were."""
    template = folder / "template"
    template.mkdir(parents=True)
    assert forked(founded(template)) == 0
    for point in range(1, 200):
        home = folder / str(point)
        shutil.copytree(template, home)
        ended = forked(rotate(home, turns), dies_before=point)
        assert ended in {0, DIED}, ended
        assert forked(look(home)) == 0, point
        assert forked(rotate(home, turns)) == 0, point
        assert load_keys(settings_of(home).keys).number == len(turns), point
        assert (home / "keys" / "signing.key").exists() == (KeyTurn.RETIRED not in turns), point
        if ended == 0:
            return point - 1
    raise AssertionError("it never came to the end")


if __name__ == "__main__":
    sys.stdout.write(f"{main(Path(sys.argv[1]), [KeyTurn(one) for one in sys.argv[2:]])}\n")

"""Acts of a phone in an interpreter of another kind: another processor, or another driver for its files.

    python -m tests.client_sdk.elsewhere '{"act": "sync", "directory": "…"}'

It prints what the replica tells then, as JSON. It needs what the SDK needs and nothing more, and the same functions run
in the process of the test, so that the two can be compared.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from client_sdk import Position, Replica, Stock
from tests.source import ROOT

HERE = Position(39.9042, 116.4074)
Told = dict[str, Any]


def told(replica: Replica) -> Told:
    """What a person and a programmer could see of a replica, as plain values."""
    return {
        "digests": {name: [count, digest.hex()] for name, (count, digest) in replica.digests().items()},
        "counts": replica.counts(),
        "pending": replica.status().pending,
        "state": replica.status().state.value,
        "found": sorted(str(one.id) for one in replica.outlets.search("laozhang")),
        "near": [[str(one.outlet.id), round(one.metres)] for one in replica.outlets.near(HERE, size=5)],
        "visits": sorted(
            f"{visit.notes} {visit.stock[0].sold}"
            for one in replica.outlets.list()
            for visit in replica.visits.of(one.id)
        ),
    }


def enrol(directory: Path, url: str, code: str) -> Told:
    """Enrol, sync once, work without a network."""
    with Replica.enrol(url, code=code, directory=directory) as replica:
        replica.sync()
        return _worked(replica)


def work(directory: Path) -> Told:
    """Open and work."""
    with Replica.open(directory) as replica:
        return _worked(replica)


def look(directory: Path) -> Told:
    """Open and look."""
    with Replica.open(directory) as replica:
        return told(replica)


def sync(directory: Path) -> Told:
    """Open, look, sync and look again: `before` and `after`, and how the sync `ended`."""
    with Replica.open(directory) as replica:
        before = told(replica)
        return {"before": before, "ended": replica.sync().ended, "after": told(replica)}


def _worked(replica: Replica) -> Told:
    """One more outlet, and a visit to each of the first three."""
    replica.outlets.register(name=f"{platform.machine()} 小店")
    for sold, one in enumerate(replica.outlets.list()[:3], 1):
        replica.visits.log(one.id, notes=f"{platform.machine()} 补货", stock=[Stock("SKU-1", on_hand=12, sold=sold)])
    return told(replica)


ACTS: dict[str, Callable[..., Told]] = {one.__name__: one for one in (enrol, work, look, sync)}


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Variables for a process of another kind; it leaves no compiled modules beside ours."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **settings}


def run(start: list[str], settings: Mapping[str, str], *acts: Mapping[str, str]) -> list[Told]:
    """Perform acts, one after another, in an interpreter that `start` begins; what each of them told."""
    command = [*start, "-m", "tests.client_sdk.elsewhere", *map(json.dumps, acts)]
    done = subprocess.run(command, cwd=ROOT, env=environment(settings), stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main(*lines: str) -> None:
    """Perform the acts that the lines describe, and print what each told and by what it was run."""
    for line in lines:
        act = json.loads(line)
        done = ACTS[act.pop("act")](Path(act.pop("directory")), **act)
        sys.stdout.write(json.dumps({"machine": platform.machine()} | done) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

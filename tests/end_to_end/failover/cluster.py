"""The cluster: three machines with PostgreSQL under Patroni, etcd, and HAProxy that leads to the primary.

Patroni and HAProxy run with the files of `deploy/`, made quicker: a lab does not wait half a minute for a dead machine.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import asyncpg

from tests.end_to_end.deployment import _free_port
from tests.end_to_end.failover.machine import Machine
from tests.end_to_end.failover.plain import Plain
from tests.end_to_end.failover.services import DEPLOY, OWNER, as_postgres, postgres_programs
from tests.end_to_end.failover.wires import BACK, FRONT, Wires, permitted
from tests.end_to_end.waiting import until

__all__ = ["MACHINES", "TTL_S", "Cluster"]

MACHINES = ("pg1", "pg2", "pg3")
TTL_S = 20
_ETCD = "etcd"
_WITHIN_S = 120
_QUICK: dict[str, Any] = {
    "ttl": TTL_S,
    "loop_wait": 1,
    "retry_timeout": 3,
    # Processes die here, never disks: nobody has to wait for one.
    "postgresql": {"parameters": {"fsync": "off", "shared_buffers": "32MB", "wal_keep_size": "256MB"}},
}


class Cluster:
    """Made by `start`, taken down by `close`. `url` is the database's, through HAProxy."""

    def __init__(self) -> None:
        self.unwired = permitted()
        self.wires = Plain() if self.unwired else Wires([*MACHINES, _ETCD])
        self.folder = Path(tempfile.mkdtemp(prefix="saojie-failover-"))
        self._password = secrets.token_hex(16)
        self._others: list[subprocess.Popen[bytes]] = []
        self._etcd, self._peer, self._entry = (_free_port() for _ in range(3))
        self.folder.chmod(0o755)
        self.machines = {name: self._machine(name) for name in MACHINES}

    @property
    def url(self) -> str:
        """Where the nodes find the database."""
        return f"postgresql://saojie:{self._password}@127.0.0.1:{self._entry}/saojie"

    def start(self) -> Cluster:
        """Bring everything up, and make an empty database."""
        self._run_etcd()
        first, *rest = self.machines.values()
        first.start()
        until(lambda: first.asked("/primary") is not None, _WITHIN_S)
        first.told("PATCH", "/config", _QUICK)
        for machine in rest:
            machine.start()
        self.settled()
        asyncio.run(self._make_database())
        self._run_haproxy()
        return self

    def close(self) -> None:
        """End everything and remove it."""
        for machine in self.machines.values():
            machine.kill()
        for process in self._others:
            process.kill()
            process.wait(30)
        self.wires.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def primary(self) -> Machine | None:
        """The machine that is the primary, by its own word."""
        return next((one for one in self.machines.values() if one.asked("/primary") is not None), None)

    def synchronous(self) -> list[Machine]:
        """The machines whose word a commit waits for."""
        return [one for one in self.machines.values() if one.asked("/synchronous") is not None]

    def is_settled(self) -> bool:
        """Whether there are a primary and two standbys that follow it, one of them synchronous."""
        seen: dict[str, Any] = next(
            (got for one in self.machines.values() if (got := one.asked("/cluster"))), {"members": []}
        )
        members = seen["members"]
        return (
            sorted(str(one["role"]) for one in members) == ["leader", "replica", "sync_standby"]
            and {one["state"] for one in members} <= {"running", "streaming"}
            and len({one.get("timeline") for one in members}) == 1
            and bool(self.synchronous())
        )

    def settled(self) -> None:
        """Wait until it is settled."""
        until(self.is_settled, _WITHIN_S)

    def _machine(self, name: str) -> Machine:
        folder = self.folder / name
        folder.mkdir(mode=0o750)
        config = (DEPLOY / "patroni" / "config.yml").read_text("utf-8").replace("/run/postgresql", str(folder))
        (folder / "config.yml").write_text(config, "utf-8")
        if as_postgres():
            shutil.chown(folder, OWNER, OWNER)
        front, back = (self.wires.address(name, network) for network in (FRONT, BACK))
        port, rest = _free_port(), _free_port()
        everywhere = "127.0.0.1" if self.unwired else "0.0.0.0"  # noqa: S104  # of a namespace of its own
        environment = {
            "PATRONI_NAME": name,
            "PATRONI_ETCD3_HOSTS": f"{self.wires.address(_ETCD, BACK)}:{self._etcd}",
            "PATRONI_RESTAPI_LISTEN": f"{everywhere}:{rest}",
            "PATRONI_RESTAPI_CONNECT_ADDRESS": f"{back}:{rest}",
            "PATRONI_POSTGRESQL_LISTEN": f"{everywhere}:{port}",
            "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"{back}:{port}",
            "PATRONI_POSTGRESQL_DATA_DIR": str(folder / "data"),
            "PATRONI_POSTGRESQL_BIN_DIR": str(postgres_programs()),
            "PATRONI_POSTGRESQL_PGPASS": str(folder / "pgpass"),
            "HOME": str(folder),
        } | {f"PATRONI_{who}_PASSWORD": self._password for who in ("SUPERUSER", "REPLICATION", "REWIND")}
        return Machine(name, folder, self.wires.within(name), environment, (front, port, rest))

    def _run(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self._others.append(process)

    def _run_etcd(self) -> None:
        at = self.wires.address(_ETCD, BACK)
        client, peer = f"http://{at}:{self._etcd}", f"http://{at}:{self._peer}"
        words = {
            "data-dir": str(self.folder / "etcd"),
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
        }
        self._run(_ETCD, [*self.wires.within(_ETCD), "etcd", *(f"--{key}={value}" for key, value in words.items())], {})

    def _run_haproxy(self) -> None:
        text = (DEPLOY / "haproxy" / "postgresql.cfg").read_text("utf-8")
        for place, one in enumerate(self.machines.values(), 1):
            text = re.sub(
                rf"server pg{place} .*", f"server pg{place} {one.host}:{one.port} check port {one.rest}", text
            )
        (self.folder / "haproxy.cfg").write_text(text, "utf-8")
        entry = {"POSTGRESQL_BIND": f"127.0.0.1:{self._entry}"}
        self._run("haproxy", ["haproxy", "-db", "-f", str(self.folder / "haproxy.cfg")], entry)

    async def _make_database(self) -> None:
        one = self.primary()
        assert one is not None
        to = {"host": one.host, "port": one.port, "user": "postgres", "password": self._password}
        connection = await asyncpg.connect(**to, database="postgres")
        try:
            await connection.execute(f"CREATE ROLE saojie LOGIN PASSWORD '{self._password}'")
            await connection.execute("CREATE DATABASE saojie OWNER saojie")
        finally:
            await connection.close()

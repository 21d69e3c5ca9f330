"""The application as a process of its own, under both servers: it starts, says why it does not, and ends in time."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from server.identity import devices, staff
from server.identity.devices import Device
from server.identity.keys import load_keys
from server.identity.tokens import issue_token
from server.master.store import Store
from server.ports import REAL
from server.settings import Settings
from sync.messages import Standing
from tests.server.desk import Desk
from tests.server.routes.house import found, set_up

FACTORY = "server.app:from_environment"
SERVERS = {
    "uvicorn": ("uvicorn", "--factory", FACTORY, "--log-level", "warning", "--port"),
    "granian": ("granian", "--interface", "asgi", "--factory", FACTORY, "--no-ws", "--log-level", "warning", "--port"),
}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(kind: str, home: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server of some kind over a deployment, and its address once it answers. Its workers end with it."""
    port = free_port()
    command = [sys.executable, "-m", *SERVERS[kind], str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=os.environ | {"SAOJIE_HOME": str(home)}, stdout=out, stderr=out, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        until_healthy(process, address, log)
        yield process, address
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def until_healthy(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/healthz", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text('utf-8')}")


async def deployment(settings: Settings) -> dict[str, str]:
    """A company with one phone, and the headers with which that phone asks."""
    store = Store(settings.database)
    desk: Desk = await set_up(store)
    async with store.write() as tx:
        person = await staff.add(tx, "王伟", staff.Role.REP, REAL)
        device = Device(REAL.new_id(), person.id, REAL.new_id(), b"a key of tests", "", Standing.ACTIVE, REAL.now())
        await devices.add(tx, device, REAL)
    await store.close()
    token = issue_token(load_keys(settings.keys).token_key, desk.company, device.id, REAL.now())
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("kind", list(SERVERS))
def test_a_server_with_open_streams_ends_in_time(kind: str, tmp_path: Path) -> None:
    """SIGTERM with a stream open: the stream says bye, and the process is gone within three seconds."""
    settings = found(tmp_path / "home")
    headers = asyncio.run(deployment(settings))
    with serving(kind, settings.home, tmp_path / "log") as (process, address):
        with httpx.stream("GET", f"{address}/live", headers=headers, trust_env=False, timeout=20) as stream:
            parts = stream.iter_text()
            assert next(parts) == ":\n\n"
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert "event: bye" in "".join(parts)
        process.wait(10)
        took = time.monotonic() - begun
    text = (tmp_path / "log").read_text("utf-8")
    assert took < 3, text
    assert '"event":"ended"' in text
    assert "Traceback" not in text


@pytest.mark.parametrize("kind", list(SERVERS))
def test_a_phone_that_hangs_up_is_forgotten(kind: str, tmp_path: Path) -> None:
    """Under either server a closed connection ends its stream: the meter falls back to none."""
    settings = found(tmp_path / "home")
    headers = asyncio.run(deployment(settings))
    with serving(kind, settings.home, tmp_path / "log") as (_, address):
        operator = {"Authorization": f"Bearer {(settings.keys / 'operations.key').read_text('ascii').strip()}"}

        def streams() -> bool:
            text = httpx.get(f"{address}/metrics", headers=operator, trust_env=False).text
            return "saojie_live_streams 1.0" in text

        with httpx.stream("GET", f"{address}/live", headers=headers, trust_env=False, timeout=20) as stream:
            parts = stream.iter_text()
            assert next(parts) == ":\n\n"
            assert streams()
        until = time.monotonic() + 10
        while streams():
            assert time.monotonic() < until
            time.sleep(0.05)


def test_a_server_that_cannot_start_says_why_and_ends(tmp_path: Path) -> None:
    """The process ends with an error that holds a code and what to do, in both languages."""
    command = [sys.executable, "-m", *SERVERS["uvicorn"], str(free_port())]
    environ = os.environ | {"SAOJIE_HOME": str(tmp_path / "nowhere")}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert "keys_missing" in done.stderr
    assert "saojie init" in done.stderr
    assert "恢复备份" in done.stderr


def test_importing_the_application_loads_no_more_than_it_serves_with() -> None:
    """What only commands or tests need is not paid for at the start of a worker."""
    script = "import sys, server.app; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    unwanted = {"rich_click", "click", "httpx", "pydantic", "pytest", "advanced_alchemy", "alembic"}
    assert unwanted.isdisjoint(done.stdout.split())

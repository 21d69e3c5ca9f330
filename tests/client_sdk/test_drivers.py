"""The seam under the files: APSW, and Python's own sqlite3 where its library encrypts (made by tools/sqlite3mc.sh)."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

import pytest

from client_sdk.errors import EncryptionMissing
from client_sdk.storage.disk import Disk
from client_sdk.storage.drivers import usual_driver
from client_sdk.storage.drivers.over_apsw import ApswDriver
from client_sdk.storage.drivers.over_sqlite3 import Sqlite3Driver
from client_sdk.testing.world import World
from tests.client_sdk.elsewhere import environment, look, run
from tests.client_sdk.over_http import served
from tests.source import ROOT

HOME = ROOT / ".venv" / "sqlite3mc"
OTHER = {"LD_PRELOAD": str(HOME / "libsqlite3.so.0"), "PYTHONPATH": f"{HOME / 'site'}:{ROOT}"}
CORE = ("aliases", "corruption", "driver_contract", "outbox", "overlay", "search", "today")

needs_library = pytest.mark.skipif(
    not (HOME / "stamp").exists(), reason="needs an SQLite that encrypts under Python's own sqlite3: make services"
)


def test_where_apsw_can_encrypt_it_is_taken() -> None:
    """Nobody has to choose."""
    assert isinstance(usual_driver(), ApswDriver)


def test_a_plain_sqlite_under_pythons_own_module_is_refused(tmp_path: Path) -> None:
    """The library of this Python cannot encrypt: no file is made with it."""
    with pytest.raises(EncryptionMissing):
        Disk(driver=Sqlite3Driver()).plain(tmp_path / "keys.db")
    assert list(tmp_path.iterdir()) == []


@needs_library
def test_either_driver_goes_on_with_the_files_of_the_other(world: World) -> None:
    """Enrolled and worked on over sqlite3, read over APSW, gone on with and synced over sqlite3: all is the same."""
    directory = world.directory / "phone"
    for number in range(10):
        world.outlet(f"老张烟酒{number}号")
    world.product()
    start = [str(HOME / "python")]
    with served(world.server) as url:
        code = world.company.code_for(world.rep)
        (begun,) = run(start, OTHER, {"act": "enrol", "directory": str(directory), "url": url, "code": code})
        assert begun.pop("machine") == platform.machine()
        assert look(directory) == begun
        assert (begun["pending"], len(begun["found"])) == (4, 10)
        assert "老张".encode() not in (directory / "replica.db").read_bytes()
        (synced,) = run(start, OTHER, {"act": "sync", "directory": str(directory)})
    assert synced["before"] == begun
    assert (synced["ended"], synced["after"]["pending"]) == ("done", 0)
    assert look(directory) == synced["after"]


@needs_library
def test_the_core_of_a_replica_holds_over_pythons_own_module() -> None:
    """Their contract, and the tests of outbox, overlay, search, today and damage, hold where there is no APSW."""
    files = [f"tests/client_sdk/test_{name}.py" for name in CORE]
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "client_sdk.testing.fixtures", "--confcutdir", "tests/client_sdk"]
    command = [str(HOME / "python"), "-m", "pytest", *quiet, *files]
    done = subprocess.run(command, cwd=ROOT, env=environment(OTHER), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]

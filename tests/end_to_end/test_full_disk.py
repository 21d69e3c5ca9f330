"""A disk that is really full under a real server: what phones and people are told, and that it goes on by itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from client_sdk import Replica
from client_sdk.errors import ReplicaWiped, StorageFull
from sync.machine import State
from tests.client_sdk.acts import picture
from tests.end_to_end.deployment import PROGRAM, Deployment

REP = "周海波"
SIZE = "96m"
VISITS = 400
MANY = 5000
PIECE = 4096


class Disk:
    """A small file system of its own; `fill` leaves no room on it, `free` gives back what that took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Write until nothing more goes in."""
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(bytes(PIECE)):
                pass
        assert os.statvfs(self.folder).f_bavail == 0

    def free(self) -> None:
        """Make room."""
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk that can be filled without hurting anybody."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", folder], check=False)
    if mounted.returncode:
        pytest.skip("no file system of its own can be mounted here: that takes root")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def deployment(district: Path, disk: Disk) -> Iterator[Deployment]:
    """The district's server, running on that disk."""
    shutil.copytree(district, disk.folder / "home")
    deployment = Deployment(disk.folder / "home").start()
    yield deployment
    deployment.close()


def worked(phone: Replica) -> None:
    """Enough work to need room, with a photo."""
    shop = phone.outlets.list(size=1)[0]
    visits = [phone.visits.log(shop.id, notes=f"{number} " + "补货" * 900) for number in range(VISITS)]
    phone.photos.attach(visits[0].id, picture())


def ended(deployment: Deployment, *words: str) -> str:
    """The code of the error with which a command ends, "done" without one."""
    done = subprocess.run(
        [*PROGRAM, *words, "--json"], env=deployment.environment, capture_output=True, text=True, check=False
    )
    return str(json.loads(done.stdout.strip().splitlines()[-1]).get("error", "done"))


def test_a_full_disk_costs_no_work_and_passes_by_itself(deployment: Deployment, disk: Disk, tmp_path: Path) -> None:
    """The phone keeps all of it and is told when to come back; with room the same work arrives once, photo and all."""
    phone = deployment.phone(REP, tmp_path / "phone")
    worked(phone)
    disk.fill()
    for _ in range(2):
        report = phone.sync()
        assert report.ended == "server_full", report
        assert report.wait_ms >= 60_000
    assert phone.photos.upload().sent == 0
    disk.free()
    assert phone.sync().verified
    assert phone.photos.upload().sent == 1
    status = phone.status()
    assert (status.pending, status.photos_pending, status.refused) == (0, 0, 0)
    assert deployment.faults() == []


def test_a_departure_on_a_full_disk_is_carried_out_or_told(deployment: Deployment, disk: Disk, tmp_path: Path) -> None:
    """Where it does not fit the command says what stands, and nobody is half gone; said again it is done."""
    phone = deployment.phone(REP, tmp_path / "phone")
    disk.fill()
    first = ended(deployment, "offboard", REP, "--yes")
    assert first in {"done", "server_full", "departure_unwritten"}
    gone = phone.sync().state is not State.OPEN
    assert gone is (first != "server_full")
    disk.free()
    assert ended(deployment, "offboard", REP, "--yes") == "done"
    assert phone.sync().state is State.WIPED
    assert deployment.faults() == []


@pytest.fixture
def elsewhere(district: Path, tmp_path: Path) -> Iterator[Deployment]:
    """The district's server, running where there is room."""
    shutil.copytree(district, tmp_path / "home")
    deployment = Deployment(tmp_path / "home").start()
    yield deployment
    deployment.close()


def logged_until_full(phone: Replica) -> int:
    """Log visits until there is no room for another; how many were stored."""
    shop = phone.outlets.list(size=1)[0].id
    for number in range(MANY):
        try:
            phone.visits.log(shop, notes=f"{number} " + "补货" * 900)
        except StorageFull:
            return number
    raise AssertionError("the disk was never full")


def test_a_phone_that_is_full_says_so_and_loses_none_of_its_work(elsewhere: Deployment, disk: Disk) -> None:
    """What was stored is there, across a restart too; it can be looked at, and arrives once when there is room."""
    phone = elsewhere.phone(REP, disk.folder / "phone")
    disk.fill()
    stored = logged_until_full(phone)
    shop = phone.outlets.list(size=1)[0].id
    assert phone.status().pending == stored
    assert phone.sync().ended in {"done", "storage_full", "storage_failed"}
    disk.free()
    phone.close()
    phone = elsewhere.reopened(disk.folder / "phone")
    assert phone.sync().verified
    assert len([one for one in phone.visits.of(shop, size=MANY) if one.notes.endswith("补货")]) == stored
    assert elsewhere.faults() == []


def test_a_wipe_needs_no_room(elsewhere: Deployment, disk: Disk) -> None:
    """The order arrives on a full phone: nothing opens any more, and what was pending is handed in."""
    phone = elsewhere.phone(REP, disk.folder / "phone")
    disk.fill()
    stored = logged_until_full(phone)
    elsewhere.command("offboard", REP, "--yes")
    assert phone.sync().state is State.WIPED
    with pytest.raises(ReplicaWiped):
        phone.outlets.list()
    assert not (disk.folder / "phone" / "replica.db").exists()
    waiting = elsewhere.command("quarantine", "list")["items"]
    assert len(waiting) == stored

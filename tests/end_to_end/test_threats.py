"""Rows of the threat model with a real server and the real SDK: what holds, and what is said not to."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from client_sdk import Replica, ReplicaLocked, SystemClock
from server.cli.conformance.after import gives
from server.cli.conformance.asking import Asker
from sync.machine import State
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.searching import found_with_keys

REP = "周海波"
DAY = 86_400_000
# Opens the phone of the argument, reads from it, and dies without closing anything.
MORTAL = """
import os, sys
from client_sdk import Replica
assert Replica.open(sys.argv[1]).outlets.list(size=5)
os.kill(os.getpid(), 9)
"""


class Later(SystemClock):
    """The clock of a phone that was left alone for so long."""

    def __init__(self, passed: int) -> None:
        super().__init__()
        self._passed = passed

    def wall(self) -> int:
        """The date, later."""
        return super().wall() + self._passed

    def elapsed(self) -> int:
        """The monotonic clock, further on."""
        return super().elapsed() + self._passed


def customers(phone: Replica) -> set[str]:
    """Names long enough that they cannot be there by chance."""
    return {one.name for one in phone.outlets.list(size=10_000) if len(one.name.encode()) >= 9}


def filled(deployment: Deployment, directory: Path) -> set[str]:
    """A phone with its customers, closed; who they are."""
    phone = deployment.phone(REP, directory)
    words = customers(phone)
    phone.close()
    assert len(words) > 100
    return words


def test_a_phone_killed_while_open_does_not_open_after_its_lease(deployment: Deployment, tmp_path: Path) -> None:
    """SIGKILL while it is open, no network, 25 hours: locked; nothing in its directory reads a name; a day more of
    restarts changes nothing; the server's word opens it again.
    """
    directory = tmp_path / "phone"
    words = filled(deployment, directory)
    assert found_with_keys(directory, words) == words
    deployment.stop()
    died = subprocess.run([sys.executable, "-c", MORTAL, str(directory)], check=False, timeout=60)
    assert died.returncode == -9
    for passed in (25, 26, 40):
        phone = Replica.open(directory, clock=Later(passed * DAY // 24))
        with pytest.raises(ReplicaLocked):
            phone.outlets.list()
        assert phone.status().state is State.LOCKED
        assert not phone.sync().reached
        phone.close()
        assert found_with_keys(directory, words) == set()
    deployment.start()
    phone = Replica.open(directory, clock=Later(2 * DAY))
    assert phone.sync().verified
    assert customers(phone) == words
    phone.close()


def test_files_without_their_key_store_open_nothing(deployment: Deployment, tmp_path: Path) -> None:
    """An open phone's files, and each secret of its key store but one: none of them reads a name."""
    directory = tmp_path / "phone"
    words = filled(deployment, directory)
    for missing in ("device_share", "lease_share", "*"):
        copy = tmp_path / f"without {missing.strip('*')}"
        shutil.copytree(directory, copy, ignore=shutil.ignore_patterns(missing) if missing != "*" else None)
        if missing == "*":
            shutil.rmtree(copy / "keystore")
        assert found_with_keys(copy, words) == set(), missing
    assert found_with_keys(directory, words) == words


def test_a_copy_taken_with_its_key_store_can_be_opened_and_gets_nothing_new(
    deployment: Deployment, tmp_path: Path
) -> None:
    """The limit as it is said: such a copy reads what the phone held, for good, and no more; run by our client it hears
    its order like any other.
    """
    directory, copy = tmp_path / "phone", tmp_path / "copy"
    words = filled(deployment, directory)
    shutil.copytree(directory, copy)
    kept = shutil.copytree(copy, tmp_path / "kept")
    deployment.command("offboard", REP, "--yes")
    phone = deployment.reopened(directory)
    assert phone.sync().state is State.WIPED
    assert found_with_keys(directory, words) == set()
    assert found_with_keys(kept, words) == words
    run = deployment.reopened(copy)
    report = run.sync()
    assert (report.received, report.state) == (0, State.WIPED)
    assert found_with_keys(copy, words) == set()


def test_whoever_has_the_device_key_gets_records_while_active_and_none_after(
    deployment: Deployment, tmp_path: Path
) -> None:
    """A client that obeys no order asks with the phone's own key and token: everything before the cut-off, then its
    order and nothing else.
    """
    phone = deployment.phone(REP, tmp_path / "phone")
    enrolment = phone._device.enrolment
    asker = Asker(deployment.url, enrolment.company, enrolment.device, tmp_path / "phone")
    before = asker.with_signature()
    assert (before.records > 100, before.has_lease, gives(before)) == (True, True, True)
    assert before.token is not None
    deployment.command("offboard", REP, "--yes")
    assert not gives(asker.with_signature())
    assert not gives(asker.with_token(before.token))

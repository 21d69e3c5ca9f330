"""A wipe with work pending, and a phone that is really killed in the middle of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from client_sdk import Replica, ReplicaWiped
from server.departure import quarantine
from server.departure.means import Means
from server.departure.quarantine import Quarantined
from sync.changes import read_changes
from sync.machine import State
from sync.records import COLLECTIONS
from tests.client_sdk.seeking import found_with_keys
from tests.end_to_end.deployment import Deployment

REP = "周海波"
PENDING = 30
SHARE_GOES = "overwrite device_share"
# Syncs the phone of the first argument, and dies without a word before the act that the second one begins with.
MORTAL = """
import os, sys
from client_sdk import Replica
from client_sdk.storage.disk import Disk
def step(what):
    if what.startswith(sys.argv[2]):
        os._exit(9)
Replica.open(sys.argv[1], disk=Disk(step)).sync()
"""


def loaded(deployment: Deployment, directory: Path) -> tuple[Replica, set[str]]:
    """A phone with thirty visits that nobody has been told of, and their notes."""
    phone = deployment.phone(REP, directory)
    shop = phone.outlets.search("店")[0]
    notes = {f"还没有上传的第{number}次拜访" for number in range(PENDING)}
    for one in sorted(notes):
        phone.visits.log(shop.id, notes=one)
    return phone, notes


def in_quarantine(deployment: Deployment) -> list[Quarantined]:
    """What waits for a manager."""

    async def look(means: Means) -> list[Quarantined]:
        async with means.store.read() as tx:
            return await quarantine.listed(tx)

    return deployment.act(look)


def notes_of(items: list[Quarantined]) -> list[str]:
    """The notes of the visits in quarantine."""
    operations = [one.operation for one in items if one.operation is not None]
    return sorted(str(read_changes(COLLECTIONS["visit"], bytes(one.changes)).get("notes")) for one in operations)


def state_of_order(deployment: Deployment) -> Any:
    """How far the one order of the deployment has come, as its list says."""
    (order,) = deployment.command("wipes", "list", "--all")["wipes"]
    return order["state"]


def test_thirty_pending_visits_outlive_the_wipe_and_none_is_readable_on_the_phone(
    deployment: Deployment, tmp_path: Path
) -> None:
    """All thirty wait in quarantine, each once and whole; no key that is left on the phone opens one of them."""
    directory = tmp_path / "phone"
    phone, notes = loaded(deployment, directory)
    assert found_with_keys(directory, notes) == notes
    deployment.command("offboard", REP, "--yes")
    report = phone.sync()
    assert (report.state, report.handed_in) == (State.WIPED, PENDING)
    assert notes_of(in_quarantine(deployment)) == sorted(notes)
    assert found_with_keys(directory, notes) == set()
    assert not (directory / "outbox.db").exists()
    assert state_of_order(deployment) == "wiped"
    assert deployment.faults() == []


@pytest.mark.parametrize(
    ("dies_before", "state"),
    [(SHARE_GOES, "ordered"), ("remove replica.db", "ordered"), ("remove outbox.db", "locked")],
    ids=["the share goes", "the replica goes", "the outbox goes"],
)
def test_a_phone_killed_between_told_and_wiped_finishes_and_only_then_says_wiped(
    deployment: Deployment, tmp_path: Path, dies_before: str, state: str
) -> None:
    """SIGKILL's equal in a real process: nothing opens afterwards, the order is not called wiped, then it is."""
    directory = tmp_path / "phone"
    phone, notes = loaded(deployment, directory)
    names = {one.name for one in phone.outlets.list(size=10_000) if len(one.name.encode()) >= 9}
    phone.close()
    deployment.command("offboard", REP, "--yes")
    died = subprocess.run([sys.executable, "-c", MORTAL, str(directory), dies_before], check=False, timeout=120)
    assert died.returncode == 9
    assert state_of_order(deployment) == state
    if dies_before != SHARE_GOES:
        assert found_with_keys(directory, names | notes) == set()
    phone = deployment.reopened(directory)
    with pytest.raises(ReplicaWiped):
        phone.outlets.search("店")
    assert found_with_keys(directory, names | notes) == set()
    assert phone.sync().state is State.WIPED
    assert state_of_order(deployment) == "wiped"
    assert notes_of(in_quarantine(deployment)) == sorted(notes)

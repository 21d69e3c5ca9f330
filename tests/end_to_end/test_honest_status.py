"""Status says verified only where both sides hold the same, whoever put the difference there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from client_sdk import Replica
from sync.codec import encode, unpack
from sync.records import Outlet
from tests.end_to_end.deployment import Deployment

REP, PARTNER = "周海波", "曹文俊"


def behind_the_back(deployment: Deployment, outlet: Outlet, *, is_told: bool) -> None:
    """Write another name into the row that phones read, as somebody with the database open would.

    With `is_told` the row gets a version of its own too, so that phones which have it ask for it again.
    """
    changed = encode(msgspec.structs.replace(outlet, name="偷改的店"))
    with closing(sqlite3.connect(deployment.home / "saojie.db")) as file, file:
        (scope,) = file.execute("SELECT scope FROM feed WHERE record=?", (outlet.id.bytes,)).fetchone()
        file.execute("UPDATE feed SET packed=? WHERE record=?", (changed, outlet.id.bytes))
        if is_told:
            file.execute("UPDATE scopes SET head=head+1 WHERE no=?", (scope,))
            head = "(SELECT head FROM scopes WHERE no=feed.scope)"
            file.execute(f"UPDATE feed SET version={head} WHERE record=?", (outlet.id.bytes,))


def in_master(deployment: Deployment, outlet: Outlet) -> Any:
    """The outlet as the row that phones read has it."""
    with closing(sqlite3.connect(deployment.home / "saojie.db")) as file:
        (packed,) = file.execute("SELECT packed FROM feed WHERE record=?", (outlet.id.bytes,)).fetchone()
    return unpack(packed)


def newcomer(deployment: Deployment, directory: Path) -> Replica:
    """A colleague's phone that has not synced yet."""
    return Replica.enrol(deployment.url, code=deployment.code(PARTNER), directory=directory)


@pytest.mark.parametrize("is_new", [True, False], ids=["a new phone", "a phone that had it"])
def test_a_row_changed_in_the_master_behind_the_engines_back_is_never_verified(
    deployment: Deployment, tmp_path: Path, *, is_new: bool
) -> None:
    """The phone gets the row and everything is connected: status says that the two sides differ, and where."""
    before = deployment.phone(REP, tmp_path / "before")
    shop = before.outlets.search("店")[0]
    verified_at = before.status().verified_at
    deployment.stop()
    behind_the_back(deployment, shop, is_told=not is_new)
    deployment.start()
    phone = newcomer(deployment, tmp_path / "new") if is_new else before
    report = phone.sync()
    assert report.reached
    assert (report.ended, report.verified) == ("unsettled", False)
    status = phone.status()
    assert (status.why, status.verified) == ("differing", False)
    assert status.verified_at == (None if is_new else verified_at)
    assert len(status.differing) == 1
    assert phone.outlets.get(shop.id) == in_master(deployment, shop)
    assert not phone.sync().verified
    assert {fault.scope for fault in deployment.faults()} == set(status.differing)
    phone.visits.log(shop.id, notes="work goes on")
    phone.sync()
    assert phone.status().pending == 0
    phone.close()


def test_a_row_spoilt_on_the_phone_is_mended_by_that_row_alone(deployment: Deployment, tmp_path: Path) -> None:
    """The digest shows it, the buckets find it, one record comes again, and only then is it verified."""
    phone = deployment.phone(REP, tmp_path / "phone")
    shop = phone.outlets.search("店")[0]
    spoilt = encode(msgspec.structs.replace(shop, name="坏掉的店"))
    phone._device.replica().file.run("UPDATE row SET packed=? WHERE record=?", (spoilt, shop.id.bytes))
    phone.digests()
    report = phone.sync()
    assert (report.verified, report.received) == (True, 1)
    assert phone.outlets.get(shop.id).name == shop.name
    assert deployment.faults() == []

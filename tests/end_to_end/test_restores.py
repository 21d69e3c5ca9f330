"""Yesterday's database is put back under phones that went on since."""

from __future__ import annotations

from pathlib import Path

import pytest

from client_sdk import Stock
from sync.machine import State
from tests.end_to_end.deployment import Deployment

REP, PARTNER = "周海波", "曹文俊"


def back_up(deployment: Deployment, to: Path) -> None:
    """Back the deployment up while its server runs."""
    assert deployment.command("backup", str(to))["database"]


def put_back(deployment: Deployment, copy: Path) -> None:
    """Restore that copy, which takes a server that is down."""
    with pytest.raises(AssertionError, match="server_running"):
        deployment.command("restore", str(copy), "--yes")
    deployment.stop()
    deployment.command("restore", str(copy), "--yes")
    deployment.start()


def test_yesterdays_database_under_running_phones_gets_their_work_back_once(
    deployment: Deployment, tmp_path: Path
) -> None:
    """What was acknowledged since the backup comes again, what is pending comes too, and both phones are verified."""
    one, two = deployment.phone(REP, tmp_path / "one"), deployment.phone(PARTNER, tmp_path / "two")
    shop = one.outlets.search("店")[0]
    one.visits.log(shop.id, notes="before", stock=[Stock("SKU-1", sold=1)])
    assert one.sync().verified
    back_up(deployment, tmp_path / "copy")
    for number in range(5):
        one.visits.log(shop.id, notes=f"lost {number}", stock=[Stock("SKU-1", sold=1)])
    two.outlets.update(shop.id, address="东升大道 1 号")
    assert one.sync().verified
    assert two.sync().verified
    one.visits.log(shop.id, notes="pending", stock=[Stock("SKU-1", sold=1)])
    put_back(deployment, tmp_path / "copy")
    reports = [phone.sync() for phone in (one, two, one, two)]
    assert [report.verified for report in reports[2:]] == [True, True]
    wanted = ["before", *(f"lost {number}" for number in range(5)), "pending"]
    for phone in (one, two):
        assert sorted(visit.notes for visit in phone.visits.of(shop.id)) == wanted
        held = phone.outlets.get(shop.id)
        assert (held.stock["SKU-1"].sold, held.address) == (7, "东升大道 1 号")
    assert deployment.faults() == []


def test_a_database_from_before_a_departure_brings_nobody_back(deployment: Deployment, tmp_path: Path) -> None:
    """The departure stands outside the database: the leaver's phone gets its order, and no record."""
    phone = deployment.phone(REP, tmp_path / "phone")
    back_up(deployment, tmp_path / "copy")
    deployment.command("offboard", REP, "--yes")
    put_back(deployment, tmp_path / "copy")
    report = phone.sync()
    assert (report.received, report.state) == (0, State.WIPED)

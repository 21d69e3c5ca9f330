"""What was opened on a phone is told apart from what it held, with a real server."""

from __future__ import annotations

from pathlib import Path

from sync.machine import State
from tests.end_to_end.deployment import Deployment

REP = "周海波"


def test_the_exposure_says_how_often_details_were_opened(deployment: Deployment, tmp_path: Path) -> None:
    """Lists count nothing; one contact three times; the last openings arrive with the sync that brings the order."""
    phone = deployment.phone(REP, tmp_path / "phone")
    shop = phone.outlets.search("店")[0]
    person = phone.contacts.add(shop.id, name="钱掌柜", phone="13700001111")
    assert phone.sync().verified
    for _ in range(3):
        phone.contacts.of(shop.id)
        phone.contacts.get(person.id)
    assert phone.sync().verified
    assert phone.sync().verified
    opened = deployment.command("exposure", str(phone.device))["opened"]
    assert [(one["contact"], one["times"]) for one in opened] == [(str(person.id), 3)]
    phone.contacts.get(person.id)
    deployment.command("offboard", REP, "--yes")
    report = phone.sync()
    assert (report.state, report.handed_in) == (State.WIPED, 1)
    (item,) = deployment.command("quarantine", "list")["items"]
    assert item["collection"] == "opening"
    assert deployment.faults() == []

"""A replaced phone with work pending, and a server that is killed between the confirmation and the cut-off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sync.machine import State
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.waiting import until

REP = "周海波"


def standing(deployment: Deployment, device: Any) -> str:
    """How the server holds a device, as its list says."""
    listed = deployment.command("devices", "list")["devices"]
    return next(str(one["standing"]) for one in listed if one["id"] == str(device))


def test_what_was_pending_on_the_old_phone_is_on_the_new_one_without_anybodys_eye(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Begun by the command, the new phone enrolled, the server killed: the next start cuts the old one off, it drains,
    and its visits are in the archive under their person's name.
    """
    old = deployment.phone(REP, tmp_path / "old")
    shop = old.outlets.search("店")[0]
    for number in range(5):
        old.visits.log(shop.id, notes=f"旧手机上的第{number}次拜访")
    deployment.environment["SAOJIE_CONFIRM_DEVICES"] = "off"
    begun = deployment.command("devices", "replace", str(old.device), "--no-wait")
    assert standing(deployment, old.device) == "active"
    new = deployment.enrolled_with(begun["code"], tmp_path / "new")
    deployment.kill()
    deployment.start()
    until(lambda: standing(deployment, old.device) == "departed")
    report = old.sync()
    assert (report.state, report.handed_in) == (State.WIPED, 5)
    deployment.stop()
    deployment.start()
    until(lambda: deployment.command("quarantine", "list")["items"] == [])
    new.sync()
    notes = {one.notes for one in new.visits.of(shop.id)}
    assert {f"旧手机上的第{number}次拜访" for number in range(5)} <= notes
    assert deployment.command("refused", "list")["refused"] == []
    assert deployment.faults() == []

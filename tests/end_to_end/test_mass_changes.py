"""A phone that changes far more than usual: the rest waits for a manager, and the phone shows what stands."""

from __future__ import annotations

from pathlib import Path

from sync.outcomes import OutcomeCode
from tests.end_to_end.deployment import Deployment

REP = "周海波"


def test_mass_changes_wait_and_the_phone_shows_what_stands_until_they_are_decided(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Twenty phones are changed, ten wait: refused, the phone has the master's value and a task; accepted, the new."""
    phone = deployment.phone(REP, tmp_path / "phone")
    waited = deployment.command("inbox", "list")["items"]
    shops = [one for one in phone.outlets.list(size=10_000) if one.phone][:30]
    for shop in shops:
        phone.outlets.update(shop.id, phone="+8613900000000")
    report = phone.sync()
    assert report.verified
    assert report.outcomes == {OutcomeCode.APPLIED: 20, OutcomeCode.PROPOSED: 10}
    waiting = deployment.command("proposals", "list", "--staff", REP)["proposals"]
    assert {one["why"] for one in waiting} == {"mass_change"}
    held = {one["record"] for one in waiting}
    assert {str(one.id) for one in shops if phone.outlets.get(one.id).phone == one.phone} == held
    fresh = [one["matter"]["kind"] for one in deployment.command("inbox", "list")["items"] if one not in waited]
    assert fresh == ["mass_change"]
    deployment.command("proposals", "accept", waiting[0]["id"])
    deployment.command("proposals", "refuse", "--staff", REP, "--reason", "电话未变")
    assert phone.sync().verified
    changed = {str(one.id) for one in shops if phone.outlets.get(one.id).phone == "+8613900000000"}
    assert len(changed & held) == 1
    assert [one.notes for one in phone.tasks.list() if one.kind == "proposal_refused"] == ["电话未变"]
    assert deployment.command("inbox", "list")["items"] == waited
    assert deployment.faults() == []

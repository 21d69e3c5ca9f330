"""Refused work, through a real server: the rep reads why, mends and sends again, or a manager replays; both hear."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from client_sdk import Replica
from client_sdk.errors import NotFound
from tests.end_to_end.deployment import Deployment

REP = "周海波"


def refused_visits(deployment: Deployment, phone: Replica) -> tuple[UUID, UUID]:
    """Three visits, logged offline at an outlet that a manager takes away meanwhile. Its id; another one's."""
    gone, stays = phone.outlets.search("店")[:2]
    for number in range(3):
        phone.visits.log(gone.id, notes=f"补货 {number} 箱")
    assert deployment.command("pool", "return", str(gone.id), "--reason", "无人跟进", "--even-protected")
    assert phone.sync().verified
    return gone.id, stays.id


def logged(phone: Replica, outlet: UUID) -> list[str]:
    """What this test logged at an outlet."""
    return [one.notes for one in phone.visits.of(outlet) if one.notes.startswith("补货")]


def test_the_rep_mends_and_sends_again_and_a_manager_replays(deployment: Deployment, tmp_path: Path) -> None:
    """One mended offline and across a restart, one replayed, one dropped: each arrives once, and both sides agree."""
    phone = deployment.phone(REP, tmp_path / "phone")
    gone, stays = refused_visits(deployment, phone)
    first, second, third = sorted(phone.refusals.list(), key=lambda one: (one.entered or {})["notes"])
    assert [(one.entered or {})["notes"] for one in (first, second, third)] == [f"补货 {each} 箱" for each in range(3)]
    assert (first.reason, first.zh, first.todo_zh) == (
        "record_unknown", "档案不存在或不在您的范围内。", "请询问经理。",
    )  # fmt: skip
    letters = deployment.command("refused", "list", "--staff", REP, "--why", "record_unknown")["refused"]
    assert [one["zh"] for one in letters] == [first.zh] * 3
    whole = deployment.command("refused", "show", letters[0]["id"])
    assert (whole["entered"]["notes"], whole["collection"]) == ("补货 0 箱", "visit")

    deployment.stop()
    phone.refusals.mend(first.id, outlet=stays)
    phone.refusals.drop(third.id)
    with pytest.raises(NotFound):
        phone.refusals.mend(first.id)
    phone.close()
    phone = deployment.reopened(tmp_path / "phone")
    assert [one.id for one in phone.refusals.list()] == [second.id]
    assert logged(phone, stays) == ["补货 0 箱"]

    deployment.start()
    deployment.command("pool", "allot", str(gone), "--to", REP)
    assert list(deployment.command("refused", "replay", letters[1]["id"])["replayed"].values()) == ["applied"]
    for _ in range(2):
        assert phone.sync().verified
    states = {
        state: [one.id for one in phone.refusals.list(state)] for state in ("open", "mended", "replayed", "dropped")
    }
    assert states == {"open": [], "mended": [first.id], "replayed": [second.id], "dropped": [third.id]}
    for state in ("mended", "replayed", "dropped"):
        assert len(deployment.command("refused", "list", "--state", state)["refused"]) == 1
    assert (logged(phone, stays), logged(phone, gone)) == (["补货 0 箱"], ["补货 1 箱"])
    assert deployment.faults() == []

"""What the phone alone looks after, with a real server: notices, the journal's witness, photos out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from client_sdk import NoticeUnread
from client_sdk.keys import Witness
from server.departure.checkpointing import checkpoint
from sync.records import Outlet
from tests.client_sdk.acts import picture
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.test_conformance import require_reading

REP = "周海波"


def test_a_notice_holds_a_phone_that_has_yet_to_read_it(deployment: Deployment, tmp_path: Path) -> None:
    """On a fresh phone before anything shows; acknowledged once, also on the person's next phone."""
    require_reading(deployment)
    phone = deployment.phone(REP, tmp_path / "phone")
    with pytest.raises(NoticeUnread) as held:
        phone.outlets.search("店")
    (notice,) = held.value.notices
    phone.notices.acknowledge(notice.id)
    assert phone.outlets.search("店")
    assert phone.sync().verified
    next_phone = deployment.phone(REP, tmp_path / "next")
    assert next_phone.outlets.search("店")
    assert next_phone.status().unread == 0


def test_a_phone_keeps_the_newest_checkpoint_and_brings_it_back(deployment: Deployment, tmp_path: Path) -> None:
    """The one that a busy journal got later replaces the first; none contradicts another."""
    phone = deployment.phone(REP, tmp_path / "phone")
    deployment.act(checkpoint)
    assert phone.sync().verified
    first = phone._device.keys.get(Witness)
    phone.visits.log(phone.outlets.search("店")[0].id, notes="记一笔")
    assert phone.sync().verified
    deployment.act(checkpoint)
    assert phone.sync().verified
    second = phone._device.keys.get(Witness)
    assert first is not None
    assert second is not None
    assert second.number > first.number
    assert phone.status().rewritten == 0


def test_a_photo_of_a_territory_that_went_reaches_the_company(deployment: Deployment, tmp_path: Path) -> None:
    """Its bytes had not arrived when the territory was taken away: handed in sealed, in the archive at once."""
    deployment.command("territory", "roster", "城西片区", "--add", REP)
    phone = deployment.phone(REP, tmp_path / "phone")
    deployment.command("territory", "roster", "城西片区", "--remove", REP)
    kept = {one.id for one in deployment.phone(REP, tmp_path / "other").all(Outlet)}
    deployment.command("territory", "roster", "城西片区", "--add", REP)
    held = {one.id for one in phone.all(Outlet)}
    gone = phone.photos.attach(min(held - kept), picture(colour=(1, 3, 5)))
    here = phone.photos.attach(min(held & kept), picture(colour=(2, 3, 5)))
    assert phone.sync().verified
    deployment.command("territory", "roster", "城西片区", "--remove", REP)
    assert phone.sync().verified
    result = phone.photos.upload()
    assert (result.ended, result.sent, result.waiting) == ("done", 2, 0)
    photos = deployment.command("quarantine", "photos", "--staff", REP)["photos"]
    assert [(one["photo"], one["state"]) for one in photos] == [(str(gone.id), "archived")]
    assert phone.photos.load(here.id)
    assert deployment.faults() == []

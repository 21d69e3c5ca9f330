"""Thirty visits with photos outlive the wipe, with a real server: whole, once, and readable when they are accepted."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from client_sdk import HttpTransport, Replica, SystemClock
from client_sdk.ports import Reply, Request
from server.departure import quarantine
from server.departure.means import Means
from sync.machine import State
from tests.client_sdk.acts import picture
from tests.end_to_end.deployment import Deployment

REP, SUCCESSOR = "周海波", "吴晓琳"
PENDING = 30
DAY = 86_400_000


class _Breaking(HttpTransport):
    """A network on which something happens with every piece of a photo."""

    def __init__(self, url: str, happens: Any) -> None:
        super().__init__(url)
        self._happens = happens

    def send(self, request: Request) -> Reply:
        """Send; then something happens."""
        reply = super().send(request)
        if request.method == "PATCH":
            self._happens()
        return reply


class _Later(SystemClock):
    """A clock that can be moved on, as if the phone had lain in a drawer."""

    passed = 0

    def wall(self) -> int:
        """The date, later."""
        return super().wall() + self.passed

    def elapsed(self) -> int:
        """The monotonic clock, further on."""
        return super().elapsed() + self.passed


def loaded(phone: Replica) -> dict[UUID, str]:
    """Thirty visits with a photo each; the photos' digests by id."""
    shop = phone.outlets.search("店")[0]
    photos: dict[UUID, str] = {}
    for number in range(PENDING):
        visit = phone.visits.log(shop.id, notes=f"还没有上传的第{number}次拜访")
        photo = phone.photos.attach(visit.id, picture(colour=(number, 3, 5)))
        photos[photo.id] = photo.digest
    return photos


def states(deployment: Deployment) -> list[str]:
    """What became of each photo, as the command says."""
    return [one["state"] for one in deployment.command("quarantine", "photos", "--staff", REP)["photos"]]


def accepted(deployment: Deployment) -> None:
    """A manager accepts all that was handed in."""

    async def accept(means: Means) -> None:
        async with means.store.read() as tx:
            items = await quarantine.listed(tx)
        assert len(items) == 2 * PENDING
        await quarantine.accept(means, [one.id for one in items])

    deployment.act(accept)


def test_thirty_visits_with_photos_arrive_and_the_successor_sees_them(deployment: Deployment, tmp_path: Path) -> None:
    """In quarantine until they are accepted; then every photo is the one that was taken."""
    phone = deployment.phone(REP, tmp_path / "phone")
    photos = loaded(phone)
    deployment.command("offboard", REP, "--to", SUCCESSOR, "--yes")
    assert phone.sync().state is State.WIPED
    assert states(deployment) == ["waiting"] * PENDING
    assert not list((tmp_path / "phone" / "photos").glob("*"))
    one = next(iter(photos))
    deployment.command("quarantine", "photo", str(one), str(tmp_path / "one.jpg"))
    assert hashlib.blake2b((tmp_path / "one.jpg").read_bytes(), digest_size=32).hexdigest() == photos[one]
    accepted(deployment)
    assert states(deployment) == ["archived"] * PENDING
    heir = deployment.phone(SUCCESSOR, tmp_path / "heir")
    digests = {one: hashlib.blake2b(heir.photos.load(one), digest_size=32).hexdigest() for one in photos}
    assert digests == photos
    assert deployment.faults() == []


def test_a_server_killed_between_pieces_loses_none(deployment: Deployment, tmp_path: Path) -> None:
    """SIGKILL after every tenth piece; what was acknowledged is there, the rest comes again."""
    pieces = 0

    def killing() -> None:
        nonlocal pieces
        pieces += 1
        if pieces % 10 == 0:
            deployment.kill()

    directory = tmp_path / "phone"
    loaded(deployment.phone(REP, directory, transport=_Breaking(deployment.url, killing)))
    phone = deployment._phones[-1]
    deployment.command("offboard", REP, "--yes")
    for _ in range(6):
        if deployment.server is None:
            deployment.start()
        if phone.sync().state is State.WIPED:
            break
    if deployment.server is None:
        deployment.start()
    assert phone.sync().state is State.WIPED
    assert pieces >= PENDING
    assert states(deployment) == ["waiting"] * PENDING


@pytest.mark.parametrize("when", ["erased before the order", "a month after the order"])
def test_a_phone_that_was_long_away_brings_everything(deployment: Deployment, tmp_path: Path, when: str) -> None:
    """The lease over before the order, and the order before the lease was over: no photo is missing."""
    clock = _Later()
    phone = deployment.phone(REP, tmp_path / "phone", clock=clock)
    loaded(phone)
    if when == "erased before the order":
        clock.passed = 9 * DAY
        assert phone.status().state is State.ERASED
        deployment.command("offboard", REP, "--yes")
    else:
        deployment.command("offboard", REP, "--yes")
        clock.passed = 30 * DAY
    assert phone.sync().state is State.WIPED
    assert states(deployment) == ["waiting"] * PENDING
    accepted(deployment)
    assert states(deployment) == ["archived"] * PENDING


def test_photos_of_an_erased_replica_arrive_though_the_phone_works_on(deployment: Deployment, tmp_path: Path) -> None:
    """Nine days in a drawer, no order: the work is taken in, and the photos are in the archive with it."""
    clock = _Later()
    phone = deployment.phone(REP, tmp_path / "phone", clock=clock)
    photos = loaded(phone)
    clock.passed = 9 * DAY
    assert phone.status().state is State.ERASED
    assert phone.sync().verified
    result = phone.photos.upload()
    assert (result.ended, result.sent, result.waiting) == ("done", PENDING, 0)
    assert states(deployment) == ["archived"] * PENDING
    assert phone.sync().verified
    digests = {one: hashlib.blake2b(phone.photos.load(one), digest_size=32).hexdigest() for one in photos}
    assert digests == photos

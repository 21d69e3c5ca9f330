"""The whole path: import, enrol, work without a network, merge, offboard, gone."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import monotonic, sleep

import pytest

from client_sdk import Position, Replica, ReplicaLocked, ReplicaWiped, Stock, SystemClock
from server.departure import quarantine
from server.departure.means import Means
from sync.machine import State
from sync.outcomes import OutcomeCode
from tests.end_to_end.deployment import Deployment
from tests.end_to_end.searching import found_with_keys, found_without_keys

REP, PARTNER, SUCCESSOR = "周海波", "曹文俊", "吴晓琳"


def _customers(replica: Replica) -> set[str]:
    """Names and phones of what a phone holds, long enough that they cannot be there by chance."""
    held = replica.outlets.list(size=10_000)
    return {word for one in held for word in (one.name, one.phone) if len(word.encode()) >= 9}


def test_two_phones_work_without_a_network_and_merge(deployment: Deployment, tmp_path: Path) -> None:
    """Both sides' edits of one outlet meet; a visit counts its stock; digests agree on both phones."""
    one, two = deployment.phone(REP, tmp_path / "one"), deployment.phone(PARTNER, tmp_path / "two")
    shop = one.outlets.search("店")[0]
    deployment.stop()
    one.outlets.update(shop.id, phone="+8615409911111")
    two.outlets.update(shop.id, address="东升大道 1 号")
    one.visits.log(
        shop.id, position=Position(31.0, 104.0, 8.0), notes="补货两箱", stock=[Stock("SKU-1", on_hand=12, sold=5)]
    )
    assert one.outlets.get(shop.id).phone == "+8615409911111"
    assert one.outlets.get(shop.id).stock["SKU-1"].on_hand == 12
    assert not one.sync().reached
    deployment.start()
    assert one.sync().verified
    report = two.sync()
    assert report.verified
    assert report.outcomes == {OutcomeCode.MERGED: 1}
    assert one.sync().verified
    assert one.outlets.get(shop.id) == two.outlets.get(shop.id)
    assert (two.outlets.get(shop.id).phone, two.outlets.get(shop.id).address) == ("+8615409911111", "东升大道 1 号")
    assert deployment.faults() == []


def test_a_device_of_an_offboarded_rep_yields_nothing_and_its_work_arrives(
    deployment: Deployment, tmp_path: Path
) -> None:
    """The search that finds the customers with the keys before finds none after; pending work is in quarantine."""
    directory = tmp_path / "phone"
    phone = deployment.phone(REP, directory)
    words = _customers(phone)
    assert len(words) > 200
    shop = phone.outlets.search("店")[0]
    phone.visits.log(shop.id, notes="离职前最后一次拜访")
    assert found_without_keys(directory, words) == set()
    assert found_with_keys(directory, words) == words
    deployment.command("offboard", REP, "--to", SUCCESSOR, "--yes")
    report = phone.sync()
    assert report.state is State.WIPED
    assert found_with_keys(directory, words) == set()
    assert not (directory / "replica.db").exists()
    with pytest.raises(ReplicaWiped):
        phone.outlets.search("店")
    with pytest.raises(ReplicaWiped):
        deployment.reopened(directory).outlets.search("店")
    (wipe,) = deployment.command("wipes", "list", "--all")["wipes"]
    assert wipe["state"] == "wiped"

    async def accept(means: Means) -> quarantine.Decided:
        async with means.store.read() as tx:
            items = await quarantine.listed(tx)
        return await quarantine.accept(means, [one.id for one in items])

    decided = deployment.act(accept)
    assert [one.code for one in decided.outcomes] == [OutcomeCode.APPLIED]
    heir = deployment.phone(SUCCESSOR, tmp_path / "heir")
    assert [one.notes for one in heir.visits.of(shop.id)] == ["离职前最后一次拜访"]
    assert deployment.faults() == []


def test_a_device_that_was_away_gets_nothing_after_the_commit_whatever_it_still_has(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Token, challenge and cursors from before are worth nothing: the answer is the order."""
    directory, copy = tmp_path / "phone", tmp_path / "copy"
    deployment.phone(REP, directory).close()
    shutil.copytree(directory, copy)
    deployment.command("offboard", REP, "--yes")
    for place in (directory, copy):
        phone = deployment.reopened(place)
        report = phone.sync()
        assert (report.received, report.state) == (0, State.WIPED)
        phone.close()
    assert deployment.faults() == []


def test_what_a_role_may_not_see_is_not_in_the_decrypted_bytes(deployment: Deployment, tmp_path: Path) -> None:
    """A rep without the private scope never gets hobbies: not in any page of the replica, opened with its keys."""
    deployment.command("territory", "roster", "城东片区", "--add", REP, "--private")
    owner = deployment.phone(REP, tmp_path / "owner")
    shop = owner.outlets.search("店")[0]
    person = owner.contacts.add(shop.id, name="钱掌柜")
    owner.contacts.update_private(person.id, hobbies=("marker-angling-hobby",))
    assert owner.sync().verified
    partner = deployment.phone(PARTNER, tmp_path / "partner")
    assert partner.contacts.of(shop.id)
    assert found_with_keys(tmp_path / "owner", {"marker-angling-hobby"}) == {"marker-angling-hobby"}
    assert found_with_keys(tmp_path / "partner", {"marker-angling-hobby", shop.name}) == {shop.name}


def test_a_phone_restored_from_a_copy_loses_no_work_and_duplicates_none(deployment: Deployment, tmp_path: Path) -> None:
    """Ten visits, a copy, ten more, the copy put back, five more: 25 visits are in the archive."""
    directory, copy = tmp_path / "phone", tmp_path / "copy"
    phone = deployment.phone(REP, directory)
    shop = phone.outlets.search("店")[0]

    def log(times: int) -> None:
        for at in range(times):
            phone.visits.log(shop.id, notes=f"{at}")

    log(10)
    phone.close()
    shutil.copytree(directory, copy)
    phone = deployment.reopened(directory)
    log(10)
    assert phone.sync().verified
    phone.close()
    shutil.rmtree(directory)
    shutil.copytree(copy, directory)
    phone = deployment.reopened(directory)
    log(5)
    assert phone.sync().verified
    assert len(phone.visits.of(shop.id, size=100)) == 25
    assert deployment.faults() == []


def test_a_live_phone_is_wiped_without_being_asked(deployment: Deployment, tmp_path: Path) -> None:
    """The live stream says that an order is waiting; the worker does the rest."""
    phone = deployment.phone(REP, tmp_path / "phone")
    words = _customers(phone)
    with phone.live():
        deployment.command("offboard", REP, "--yes")
        ends_at = monotonic() + 30
        while phone.status().state is not State.WIPED:
            assert monotonic() < ends_at, "the live phone was not wiped within 30 s"
            sleep(0.05)
    assert found_with_keys(tmp_path / "phone", words) == set()


class _Forgotten(SystemClock):
    """A clock that can be moved on, as if the phone had lain in a drawer."""

    passed = 0

    def wall(self) -> int:
        """The date, later."""
        return super().wall() + self.passed

    def elapsed(self) -> int:
        """The monotonic clock, further on."""
        return super().elapsed() + self.passed


def test_work_of_a_phone_that_erased_its_replica_arrives(deployment: Deployment, tmp_path: Path) -> None:
    """Nine days in a drawer: the lease locked, then erased; the next sync fills the replica and hands in the work."""
    clock = _Forgotten()
    phone = deployment.phone(REP, tmp_path / "phone", clock=clock)
    shop = phone.outlets.search("店")[0]
    for at in range(5):
        phone.visits.log(shop.id, notes=f"{at}")
    clock.passed = 9 * 86_400_000
    assert (phone.status().state, phone.status().pending) == (State.ERASED, 5)
    report = phone.sync()
    assert (report.verified, report.handed_in, phone.status().pending) == (True, 5, 0)
    assert phone.sync().verified
    assert sorted(one.notes for one in phone.visits.of(shop.id)) == [f"{at}" for at in range(5)]
    assert deployment.faults() == []


def test_work_that_a_locked_phone_put_into_its_letterbox_arrives(deployment: Deployment, tmp_path: Path) -> None:
    """A visit and a new outlet with a visit, added after the lapse and never readable there: all three are taken in."""
    clock = _Forgotten()
    phone = deployment.phone(REP, tmp_path / "phone", clock=clock)
    shop = phone.outlets.search("店")[0]
    clock.passed = 2 * 86_400_000
    assert phone.status().state is State.LOCKED
    phone.letterbox.visit(shop.id, notes="锁定时的拜访", stock=[Stock("SKU-1", sold=2)])
    new = phone.letterbox.register(
        name="锁定时遇到的新店面",
        position=Position(31.0, 104.0, 8.0),
        phone="13912345678",
        territory=phone.letterbox.territories[0],
    )
    phone.letterbox.visit(new, notes="新店的拜访")
    assert found_with_keys(tmp_path / "phone", {"锁定时遇到的新店面", "锁定时的拜访", "新店的拜访"}) == set()
    report = phone.sync()
    assert (report.verified, report.handed_in, phone.status().pending) == (True, 3, 0)
    assert phone.sync().verified
    assert [one.notes for one in phone.visits.of(shop.id)][:1] == ["锁定时的拜访"]
    assert [one.notes for one in phone.visits.of(new)] == ["新店的拜访"]
    phone.visits.log(new, notes="danach")
    assert phone.sync().verified
    assert deployment.faults() == []


def test_a_phone_that_lost_its_key_store_is_enrolled_again_and_its_work_arrives(
    deployment: Deployment, tmp_path: Path
) -> None:
    """The same directory, a new device of the same person: what was told of before and what was not."""
    phone = deployment.phone(REP, tmp_path / "phone")
    shop = phone.outlets.search("店")[0]
    phone.visits.log(shop.id, notes="0")
    assert phone.sync().verified
    for at in range(1, 4):
        phone.visits.log(shop.id, notes=f"{at}")
    phone.close()
    shutil.rmtree(tmp_path / "phone" / "keystore")
    lost = deployment.reopened(tmp_path / "phone")
    assert (lost.status().why, lost.status().pending, lost.sync().ended) == ("key_store_lost", 3, "unknown_device")
    lost.close()
    again = deployment.phone(REP, tmp_path / "phone")
    assert again.status().pending == 0
    assert again.sync().verified
    assert sorted(one.notes for one in again.visits.of(shop.id)) == ["0", "1", "2", "3"]
    assert deployment.faults() == []


def test_a_letter_from_the_companys_terminal_opens_a_locked_phone_and_an_order_ends_it(
    deployment: Deployment, tmp_path: Path
) -> None:
    """Neither needs a network on the phone; after the order the same letter opens nothing."""
    phone = deployment.phone(REP, tmp_path / "phone")
    held, device = len(phone.outlets.list(size=10_000)), str(phone.device)
    phone.close()
    deployment.stop()
    (tmp_path / "phone" / "keystore" / "lease_share").unlink()
    phone = deployment.reopened(tmp_path / "phone")
    with pytest.raises(ReplicaLocked):
        phone.outlets.list()
    letter = deployment.command("devices", "letter", device)
    status = phone.accept(letter["payload"])
    assert (status.state, status.lease_ends) == (State.OPEN, letter["locks_at"])
    assert len(phone.outlets.list(size=10_000)) == held
    (order,) = deployment.command("offboard", REP, "--yes")["orders"]
    assert phone.accept(deployment.command("wipes", "letter", str(order))["base64"]).why == "ending"
    with pytest.raises(ReplicaWiped):
        phone.accept(letter["payload"])
    deployment.start()
    assert phone.sync().state is State.WIPED

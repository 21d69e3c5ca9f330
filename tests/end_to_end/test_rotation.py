"""The company's keys change under phones in the field, with a real server: near, away, locked, ordered, loaded."""

from __future__ import annotations

import subprocess
from pathlib import Path
from uuid import UUID

import pytest

from client_sdk import InvalidInput, Replica, ReplicaWiped, SystemClock
from server.departure import orders, quarantine
from server.departure.cutoff import lose_device
from server.departure.means import Means
from server.departure.rotation import put_into_use, retire_opening, still_sealed
from server.identity import devices, terms
from server.identity.key_changes import Turn, prepare
from server.identity.keys import load_keys
from server.identity.terms import Special
from server.master.meta import read_identity
from server.master.verify import verify
from sync.machine import State
from sync.statements import KeyTurn
from tests.end_to_end.deployment import PROGRAM, Deployment
from tests.end_to_end.test_letters import offline

REP, PARTNER = "周海波", "曹文俊"
HOUR = 3_600_000
MONTH = 30 * 24 * HOUR
SIGNING, OPENING = KeyTurn.SIGNING, KeyTurn.OPENING


class Later(SystemClock):
    """A clock that can be moved on, as if the phone had lain in a drawer."""

    passed = 0

    def wall(self) -> int:
        """The date, later."""
        return super().wall() + self.passed

    def elapsed(self) -> int:
        """The monotonic clock, further on."""
        return super().elapsed() + self.passed


async def follow(means: Means) -> Means:
    """Means whose keys are those in use."""
    async with means.store.read() as tx:
        means.keys.follow((await read_identity(tx)).keys)
    return means


def rotated(deployment: Deployment, *turns: KeyTurn, stolen: bool = False) -> None:
    """Rotate keys and put them into use, as the command does."""

    async def work(means: Means) -> None:
        await follow(means)
        async with means.store.read() as tx:
            company = (await read_identity(tx)).company
        wanted = [Turn(one) for one in turns]
        if stolen:
            wanted.append(Turn(KeyTurn.RETIRED, means.keys.pins.signing))
        prepare(means.keys, company, wanted, means.sources)
        assert len(await put_into_use(means)) == len(wanted)

    deployment.act(work)


def followed(deployment: Deployment, phone: Replica) -> tuple[int | None, int | None]:
    """How far a phone says that it is, and to which opening key anything on it is sealed."""

    async def look(means: Means) -> tuple[int | None, int | None]:
        async with means.store.read() as tx:
            found = await devices.find(tx, phone.device)
        assert found is not None
        return found.keys_number, found.keys_sealed

    return deployment.act(look)


def sealed_to(deployment: Deployment, number: int, after: int) -> tuple[UUID, ...]:
    """The phones on which something may be sealed to an opening key."""

    async def look(means: Means) -> tuple[UUID, ...]:
        async with means.store.read() as tx:
            found = await still_sealed(tx, number, after)
        return (*found.phones, *found.ordered)

    return deployment.act(look)


def renewed(deployment: Deployment, phone: Replica, hours: int) -> bool:
    """Whether a lease that is given just now is taken: the phone gets other terms, so one is due."""

    async def other_terms(means: Means) -> None:
        async with means.store.write() as tx:
            await terms.change(tx, Special(None, phone.device, hours * HOUR), means.sources)

    deployment.act(other_terms)
    before = phone.status().lease_ends
    return phone.sync().verified and phone.status().lease_ends != before


def lost(deployment: Deployment, phone: Replica) -> UUID:
    """Order a phone to be wiped; the order's id."""

    async def order(means: Means) -> UUID:
        return (await lose_device(await follow(means), phone.device, "lost")).devices[0].order

    return deployment.act(order)


def wipe_letter(deployment: Deployment, order: UUID) -> bytes:
    """An order as it is carried."""

    async def write(means: Means) -> bytes:
        await follow(means)
        async with means.store.write() as tx:
            found = await orders.find(tx, order)
            assert found is not None
            return await orders.carried(tx, found, means.keys, means.sources)

    return deployment.act(write)


def visit(phone: Replica, notes: str) -> None:
    """Log a visit that is not sent."""
    phone.visits.log(phone.outlets.search("店")[0].id, notes=notes)


def test_a_phone_near_and_one_two_rotations_behind_follow_both_keys(deployment: Deployment, tmp_path: Path) -> None:
    """Both take leases that the newest key signed; nothing is sealed to an old key then, and no work is lost."""
    near, away = deployment.phone(REP, tmp_path / "near"), deployment.phone(PARTNER, tmp_path / "away")
    assert away.sync().verified
    visit(away, "在旧密钥下记的")
    for number in (2, 4):
        rotated(deployment, SIGNING, OPENING)
        visit(near, "换密钥之间")
        assert near.sync().verified
        assert near.sync().verified
        assert followed(deployment, near) == (number, number)
        assert renewed(deployment, near, 10 + number)
    assert followed(deployment, away) == (0, 0)
    assert sealed_to(deployment, 0, 2) == (away.device,)
    assert renewed(deployment, away, 9)
    assert away.sync().verified
    assert followed(deployment, away) == (4, 4)
    assert sealed_to(deployment, 0, 2) == sealed_to(deployment, 2, 4) == ()
    deployment.act(_sound)
    assert deployment.faults() == []


async def _sound(means: Means) -> None:
    """What old keys signed verifies: checkpoints, and the departures file."""
    await follow(means)
    async with means.store.read() as tx:
        found = await verify(tx, means.keys.signing_public)
    assert (found.is_sound, found.checkpoints > 0) == (True, True)
    means.file.read()


def test_a_phone_that_was_away_for_a_month_opens_again(deployment: Deployment, tmp_path: Path) -> None:
    """It hears of two new keys with the answer that brings its lease, though it opens nothing by then."""
    clock = Later()
    phone = deployment.phone(REP, tmp_path / "phone", clock=clock)
    visit(phone, "锁定之前记的")
    rotated(deployment, SIGNING)
    rotated(deployment, SIGNING)
    clock.passed = MONTH
    assert phone.status().state in {State.LOCKED, State.ERASED}
    phone.sync()
    assert phone.sync().verified
    assert phone.status().pending == 0


def test_an_order_by_a_new_key_wipes_a_phone_and_its_old_work_is_read(deployment: Deployment, tmp_path: Path) -> None:
    """The phone is two rotations behind when its order comes; what it hands in is sealed to the first opening key,
    which is needed until then.
    """
    phone = deployment.phone(REP, tmp_path / "phone")
    visit(phone, "封给最初的密钥")
    rotated(deployment, OPENING, SIGNING)
    rotated(deployment, OPENING, SIGNING)
    lost(deployment, phone)
    assert sealed_to(deployment, 0, 1) == (phone.device,)
    assert phone.sync().state is State.WIPED

    async def unreadable(means: Means) -> list[bool]:
        async with means.store.read() as tx:
            return [one.operation is None for one in await quarantine.listed(tx)]

    assert deployment.act(unreadable) == [False]
    assert sealed_to(deployment, 0, 1) == ()

    async def retire(means: Means) -> int:
        return await retire_opening(await follow(means), 0)

    assert deployment.act(retire) == 0
    assert not (deployment.home / "keys" / "opening.key").exists()
    deployment.stop()
    deployment.start()


def test_letters_bring_the_keys_along(deployment: Deployment, tmp_path: Path) -> None:
    """A phone without a network, two rotations behind, takes a lease by letter and then an order by letter."""
    phone = deployment.phone(REP, tmp_path / "phone")
    phone.sync()
    rotated(deployment, SIGNING)
    rotated(deployment, SIGNING, stolen=True)
    lease = deployment.command("devices", "letter", str(phone.device))
    letter = wipe_letter(deployment, lost(deployment, phone))
    phone = offline(deployment, phone, tmp_path / "phone")
    assert phone.accept(bytes.fromhex(lease["hex"])).lease_ends == lease["locks_at"]
    assert lease["bytes"] < 1500
    phone.accept(letter)
    with pytest.raises(ReplicaWiped):
        phone.outlets.list()


def test_what_a_stolen_key_signed_counts_no_more(deployment: Deployment, tmp_path: Path) -> None:
    """A phone that heard refuses it; an order from before the theft reaches its phone, because it is signed again."""
    phone = deployment.phone(REP, tmp_path / "phone")
    other = deployment.phone(PARTNER, tmp_path / "other")
    early = deployment.command("devices", "letter", str(other.device))
    order = lost(deployment, phone)
    before = wipe_letter(deployment, order)
    rotated(deployment, SIGNING, stolen=True)
    assert other.sync().verified
    with pytest.raises(InvalidInput):
        other.accept(bytes.fromhex(early["hex"]))
    assert wipe_letter(deployment, order) != before
    assert phone.sync().state is State.WIPED
    assert not (deployment.home / "keys" / "signing.key").exists()
    deployment.stop()
    deployment.start()
    assert other.sync().verified


def test_a_code_that_is_out_still_enrols(deployment: Deployment, tmp_path: Path) -> None:
    """Its fingerprints lead to the keys that hold by then."""
    shown = deployment.command("enrol", REP)["payload"]
    rotated(deployment, SIGNING, stolen=True)
    rotated(deployment, OPENING)
    with Replica.enrol(code=shown, directory=tmp_path / "phone") as phone:

        async def confirm(means: Means) -> None:
            async with means.store.write() as tx:
                await devices.confirm(tx, phone.device, phone.confirmation, means.sources)

        deployment.act(confirm)
        assert phone.sync().verified


def test_a_machine_without_the_new_keys_answers_nothing(deployment: Deployment, tmp_path: Path) -> None:
    """It says so, and goes on by itself once the files are there. What is only prepared changes nothing."""
    phone = deployment.phone(REP, tmp_path / "phone")
    folder = deployment.home / "keys"
    prepared = deployment.command("keys", "rotate", "signing")
    assert (len(prepared["prepared"]), prepared["used"], phone.sync().verified) == (1, [], True)
    assert load_keys(folder).number == 0
    kept = {path: path.read_bytes() for path in folder.iterdir() if path.name in {"changes", "signing-1.key"}}
    assert deployment.command("keys", "use")["in_use"] == 1
    for path in (*kept, folder / "in_use"):
        path.unlink()
    report = phone.sync()
    assert (report.verified, report.ended) == (False, "unavailable")
    refused = subprocess.run(
        [*PROGRAM, "keys", "list"], env=deployment.environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert (refused.returncode, "keys_behind" in refused.stderr + refused.stdout) == (1, True)
    for path, data in kept.items():
        path.touch(0o600)
        path.write_bytes(data)
    assert phone.sync().verified
    assert phone.sync().verified
    found = deployment.command("keys", "list")
    assert [one["state"] for one in found["keys"]] == ["believed", "in_use", "in_use"]
    assert found["phones"] == {"followed": 1, "behind": 0, "unaware": 0, "astray": 0}

"""Leases by letter: sealed to one device, committed before anybody sees them, never after a cut-off."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import update

from server.departure.cutoff import lose_device
from server.departure.departures_file import DeparturesFile
from server.departure.means import Means
from server.identity import devices, enrolment
from server.identity.devices import Device
from server.identity.keys import create_keys
from server.identity.letters import INFO, SUITE, Letter, Post, lease_letter
from server.identity.locks import FileLocks
from server.live.announce import Announcer
from server.master import people
from sync.codec import decode
from sync.enrolment import EnrolRequest
from sync.errors import Refusal
from sync.messages import Standing
from sync.signing import Kind, Signed, opened, verified_company
from sync.statements import LeaseLetter, LeaseTerms
from tests.server.identity.conftest import Office, PhoneKey
from tests.server.identity.test_terms import COMPANY, DAY, HOUR, noted


class Counter:
    """Where letters are given out, and a phone with a sealing key."""

    def __init__(self, office: Office, home: Path) -> None:
        self.office = office
        self.keys = create_keys(home / "keys", office.random.randbytes)
        self.locks = FileLocks(home / "locks")
        self.post = Post(office.store, self.locks, self.keys, COMPANY, office.sources)
        file = DeparturesFile(home / "departures.log", self.keys)
        self.means = Means(office.store, self.locks, self.keys, file, Announcer(), office.sources)
        self.secret = X25519PrivateKey.generate()

    async def device(self, sealing_key: str | None = None) -> Device:
        code = await self.office.code(await self.office.person(), confirm=False)
        plain = PhoneKey().request(code)
        named = self.secret.public_key().public_bytes_raw().hex() if sealing_key is None else sealing_key
        request = EnrolRequest(plain.code, plain.public_key, plain.signature, sealing_key=named)
        return await enrolment.redeem(self.office.store, request, self.office.sources)

    async def letter(self, device: Device) -> Letter:
        async with lease_letter(self.post, device.id) as written:
            return written

    def read(self, letter: Letter) -> tuple[LeaseLetter, LeaseTerms, bytes]:
        """The letter, its terms, and the share in it, as the phone reads them."""
        signed = decode(letter.signed, Signed)
        assert verified_company(signed, Kind.LEASE_LETTER, self.keys.signing_public)
        body = opened(signed, LeaseLetter)
        assert verified_company(body.terms, Kind.LEASE, self.keys.signing_public)
        return body, opened(body.terms, LeaseTerms), SUITE.decrypt(body.share, self.secret, info=INFO)


@pytest.fixture
async def counter(office: Office, tmp_path: Path) -> Counter:
    """Where letters are given out."""
    return Counter(office, tmp_path)


async def test_a_letter_holds_the_lease_and_the_share_for_this_device_alone(counter: Counter) -> None:
    """Signed by the company, sealed to the key of the enrolment; small enough for a code to scan."""
    device = await counter.device()
    letter = await counter.letter(device)
    body, terms, share = counter.read(letter)
    office = counter.office
    assert (body.company, body.device) == (office.company, device.id)
    assert terms == LeaseTerms(office.company, device.id, office.now, office.now + 24 * HOUR, 7 * DAY)
    assert share == device.lease_share
    assert device.lease_share is not None
    assert device.lease_share not in letter.signed
    assert len(letter.signed) < 700
    with pytest.raises(InvalidTag):
        SUITE.decrypt(body.share, X25519PrivateKey.generate(), info=INFO)


async def test_a_letter_brings_the_current_lease_and_renews_it_only_where_that_is_due(counter: Counter) -> None:
    """A second letter holds the same terms; after a quarter it holds new ones."""
    device = await counter.device()
    first = counter.read(await counter.letter(device))[1]
    counter.office.now += HOUR
    assert counter.read(await counter.letter(device))[1] == first
    counter.office.now += 5 * HOUR
    assert counter.read(await counter.letter(device))[1].issued_at == counter.office.now


async def test_what_a_letter_gives_is_committed_and_journalled_before_anybody_sees_it(counter: Counter) -> None:
    """The server knows how long the phone may open, whatever becomes of the letter."""
    device = await counter.device()
    async with lease_letter(counter.post, device.id) as written:
        kept = await counter.office.read(device)
        told = dict(await noted(counter.office))["lease_letter"]
    assert kept.lease_locks_at == written.locks_at == told["locks_at"]
    assert told["device"] == device.id.bytes


@pytest.mark.parametrize("standing", [Standing.AWAITING, Standing.SUSPENDED, Standing.DEPARTED])
async def test_only_an_active_device_gets_a_letter(counter: Counter, standing: Standing) -> None:
    """Even while the row still holds a share."""
    device = await counter.device()
    async with counter.office.store.write() as tx:
        await tx.execute(update(people.devices).values(standing=standing))
    with pytest.raises(Refusal, match=standing.value):
        await counter.letter(device)


@pytest.mark.parametrize("key", ["", "00" * 32])
async def test_a_phone_without_a_sealing_key_of_any_use_gets_none(counter: Counter, key: str) -> None:
    """It is told to enrol again; nothing is given in the clear."""
    with pytest.raises(Refusal, match="enrol it again"):
        await counter.letter(await counter.device(key))


@pytest.mark.parametrize("key", ["00", "zz" * 32, "00" * 33])
async def test_a_sealing_key_that_is_none_is_refused_at_enrolment(counter: Counter, key: str) -> None:
    """While the app can still be mended."""
    with pytest.raises(Refusal, match="bad_request"):
        await counter.device(key)


async def test_a_cut_off_waits_for_a_letter_that_is_being_shown_and_none_is_written_after_it(counter: Counter) -> None:
    """From the commit of the cut-off on no share leaves, on paper neither."""
    device = await counter.device()
    async with lease_letter(counter.post, device.id):
        cutting = asyncio.create_task(lose_device(counter.means, device.id))
        await asyncio.wait({cutting}, timeout=0.3)
        assert not cutting.done()
        assert (await counter.office.read(device)).standing is Standing.ACTIVE
    await cutting
    with pytest.raises(Refusal, match="departed"):
        await counter.letter(device)


async def test_a_letter_that_cannot_have_the_lock_is_not_written(counter: Counter, tmp_path: Path) -> None:
    """While a device is being cut off, whoever asks is told to come back, and nothing is renewed."""
    device = await counter.device()
    impatient = Post(
        counter.office.store, FileLocks(tmp_path / "locks", send_within_s=0.05), counter.keys, COMPANY,
        counter.office.sources,
    )  # fmt: skip
    async with counter.locks.exclusive([device.id], 1):
        with pytest.raises(Refusal, match="busy"):
            async with lease_letter(impatient, device.id):
                raise AssertionError
    assert (await counter.office.read(device)).lease_issued_at is None


async def test_a_letter_for_nobody_is_refused(counter: Counter) -> None:
    """There is no such device."""
    with pytest.raises(Refusal, match="unknown_device"):
        async with lease_letter(counter.post, counter.office.sources.new_id()):
            raise AssertionError


async def test_under_notice_a_letter_is_short(counter: Counter) -> None:
    """It runs no longer than an answer's lease would."""
    device = await counter.device()
    values: dict[str, Any] = {"status": "leaving"}
    async with counter.office.store.write() as tx:
        await tx.execute(update(people.staff).values(values))
        assert await devices.find(tx, device.id) is not None
    letter = await counter.letter(device)
    assert letter.locks_at == counter.office.now + 2 * HOUR

"""Admission: a token or a proof; a challenge for neither; standing read from the database each time."""

from __future__ import annotations

import hashlib
from uuid import UUID

import pytest
from sqlalchemy import update

from server.identity.admission import Desk, NotAdmitted
from server.identity.devices import Device
from server.identity.keys import create_keys
from server.identity.tokens import LIFETIME
from server.master import meta, people
from sync.codec import encode
from sync.messages import Standing
from sync.signing import Kind
from sync.statements import RequestProof
from tests.server.identity.conftest import EPOCH, Office, PhoneKey

DAY = 24 * 3_600_000


class Counter:
    """The admission desk, and phones that sign for it."""

    def __init__(self, office: Office, desk: Desk) -> None:
        self.office = office
        self.desk = desk

    async def phone(self) -> tuple[Device, PhoneKey]:
        """An active phone with its key."""
        key = PhoneKey()
        return await self.office.device(await self.office.person(), key=key), key

    def challenge(self, device: Device, epoch: bytes = EPOCH) -> bytes:
        """A challenge made now."""
        return self.desk.challenge(self.office.company, epoch, device.id, self.office.now)

    def proof(
        self, device: Device, key: PhoneKey, body: bytes = b"", challenge: bytes = b"", epoch: bytes = EPOCH
    ) -> dict[str, str]:
        """The headers of a request that is signed."""
        challenge = challenge or self.challenge(device)
        proof = RequestProof(self.office.company, epoch, device.id, challenge, hashlib.sha256(body).digest())
        return {
            "saojie-device": str(device.id),
            "saojie-challenge": challenge.hex(),
            "saojie-proof": key.sign(Kind.REQUEST, encode(proof)).hex(),
        }

    def bearer(self, device: Device) -> dict[str, str]:
        """The headers of a request with a token."""
        return {"authorization": f"Bearer {self.desk.token(self.office.company, device.id, self.office.now)}"}

    async def refused(self, headers: dict[str, str], body: bytes = b"") -> NotAdmitted:
        """The refusal of a request."""
        with pytest.raises(NotAdmitted) as caught:
            await self.desk.admit(headers, body, self.office.now)
        return caught.value


@pytest.fixture
def counter(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Counter:
    """The desk of the company."""
    keys = create_keys(tmp_path_factory.mktemp("home") / "keys", office.random.randbytes)
    return Counter(office, Desk(office.store, keys))


async def test_a_token_admits_its_device(counter: Counter) -> None:
    """And a fresh token needs no other."""
    device, _ = await counter.phone()
    admitted = await counter.desk.admit(counter.bearer(device), b"any body", counter.office.now)
    assert (admitted.device, admitted.needs_token) == (device, False)


async def test_a_proof_admits_its_device(counter: Counter) -> None:
    """The signature over challenge and body, and it asks for a token."""
    device, key = await counter.phone()
    admitted = await counter.desk.admit(counter.proof(device, key, b"body"), b"body", counter.office.now)
    assert (admitted.device, admitted.needs_token) == (device, True)


async def test_a_token_that_is_half_over_is_to_be_replaced(counter: Counter) -> None:
    """So that a phone that syncs often signs once a day."""
    device, _ = await counter.phone()
    headers = counter.bearer(device)
    counter.office.now += LIFETIME // 2 + 1000
    assert (await counter.desk.admit(headers, b"", counter.office.now)).needs_token


async def test_an_expired_token_brings_a_challenge_to_sign(counter: Counter) -> None:
    """401 with a challenge; signing it admits."""
    device, key = await counter.phone()
    headers = counter.bearer(device)
    counter.office.now += LIFETIME
    refusal = await counter.refused(headers)
    assert (refusal.code, refusal.epoch) == ("not_signed_in", EPOCH)
    signed = counter.proof(device, key, challenge=refusal.challenge)
    assert (await counter.desk.admit(signed, b"", counter.office.now)).device == device


async def test_a_request_without_anything_is_told_to_name_its_device(counter: Counter) -> None:
    """There is no challenge for nobody; with a name alone there is one."""
    device, _ = await counter.phone()
    assert (await counter.refused({})).challenge == b""
    assert len((await counter.refused({"saojie-device": str(device.id)})).challenge) == 24


async def test_a_device_that_nobody_enrolled_is_unknown(counter: Counter) -> None:
    """By name, and by a token of ours for a device that is not there."""
    stranger = {"saojie-device": str(UUID(int=77))}
    assert (await counter.refused(stranger)).code == "unknown_device"
    token = counter.desk.token(counter.office.company, UUID(int=77), counter.office.now)
    assert (await counter.refused({"authorization": f"Bearer {token}"})).code == "unknown_device"


async def test_a_signature_over_another_body_is_refused(counter: Counter) -> None:
    """One changed byte in the body, and the proof is of nothing."""
    device, key = await counter.phone()
    assert (await counter.refused(counter.proof(device, key, b"body"), b"bodY")).code == "bad_signature"


async def test_a_challenge_of_another_device_is_refused(counter: Counter) -> None:
    """A challenge that was made for one device, replayed by another that signs it with its own key."""
    (mine, _), (theirs, key) = await counter.phone(), await counter.phone()
    headers = counter.proof(theirs, key, challenge=counter.challenge(mine))
    refusal = await counter.refused(headers)
    assert refusal.code == "not_signed_in"
    assert refusal.challenge != counter.challenge(mine)


async def test_a_signature_of_another_device_is_refused(counter: Counter) -> None:
    """A key signs for its own device and for no other."""
    (mine, _), (_, their_key) = await counter.phone(), await counter.phone()
    assert (await counter.refused(counter.proof(mine, their_key))).code == "bad_signature"


@pytest.mark.parametrize(("later", "code"), [(DAY - 1, ""), (DAY, "not_signed_in"), (-1, "not_signed_in")])
async def test_a_challenge_is_good_for_a_day(counter: Counter, later: int, code: str) -> None:
    """To the last millisecond, by the server's clock; none is from the future."""
    device, key = await counter.phone()
    headers = counter.proof(device, key)
    counter.office.now += later
    if code:
        assert (await counter.refused(headers)).code == code
    else:
        await counter.desk.admit(headers, b"", counter.office.now)


async def test_a_challenge_that_we_did_not_make_is_refused(counter: Counter) -> None:
    """A phone cannot choose what it signs, nor sign before it was asked."""
    device, key = await counter.phone()
    made = counter.challenge(device)
    for challenge in (b"\x00" * 24, made[:-1] + bytes([made[-1] ^ 1]), made[:8], made + b"\x00"):
        assert (await counter.refused(counter.proof(device, key, challenge=challenge))).code == "not_signed_in"


async def test_a_challenge_of_an_older_epoch_is_refused(counter: Counter) -> None:
    """After a restore everything is signed anew, and the refusal names the new epoch."""
    device, key = await counter.phone()
    headers = counter.proof(device, key)
    async with counter.office.store.write() as tx:
        await meta.begin_epoch(tx, b"epoch-02")
    refusal = await counter.refused(headers)
    assert (refusal.code, refusal.epoch) == ("not_signed_in", b"epoch-02")
    signed = counter.proof(device, key, challenge=refusal.challenge, epoch=refusal.epoch)
    await counter.desk.admit(signed, b"", counter.office.now)


async def test_a_token_for_one_device_does_not_speak_for_another(counter: Counter) -> None:
    """Where a request names another device than its token, the token counts for nothing."""
    (mine, _), (theirs, _) = await counter.phone(), await counter.phone()
    headers = counter.bearer(mine) | {"saojie-device": str(theirs.id)}
    assert (await counter.refused(headers)).code == "not_signed_in"


@pytest.mark.parametrize("standing", list(Standing))
async def test_standing_is_read_in_the_same_request(counter: Counter, standing: Standing) -> None:
    """A token of an hour when all was well says nothing of now: the device comes with its standing of now."""
    device, key = await counter.phone()
    headers = counter.bearer(device)
    async with counter.office.store.write() as tx:
        await tx.execute(update(people.devices).values(standing=standing))
    assert (await counter.desk.admit(headers, b"", counter.office.now)).device.standing is standing
    assert (await counter.desk.admit(counter.proof(device, key), b"", counter.office.now)).device.standing is standing

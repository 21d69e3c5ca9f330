"""Enrolment: a code is good once, for fifteen minutes and five tries."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, update

from server.identity import devices, enrolment
from server.identity.codes import Code
from server.identity.devices import Device
from server.identity.enrolment import TRIES
from server.identity.staff import PersonStatus
from server.master import people
from sync.enrolment import EnrolRequest
from sync.errors import Refusal
from sync.messages import Standing
from tests.server.identity.conftest import MINUTE, Office, PhoneKey


async def refused(office: Office, request: EnrolRequest) -> str:
    """The code with which a request is refused."""
    with pytest.raises(Refusal) as caught:
        await enrolment.redeem(office.store, request, office.sources)
    return caught.value.code


def wrong(code: Code) -> Code:
    """Another secret under the same lookup."""
    return Code(code.lookup + ("0" if code.text[4] != "0" else "1") + code.text[5:])


async def all_devices(office: Office) -> list[Device]:
    """All devices in the store."""
    async with office.store.read() as tx:
        return await devices.listing(tx)


async def test_a_device_is_enrolled_and_waits_for_its_six_digits(office: Office) -> None:
    """The device has the key that signed, belongs to the person, and holds no share before it is confirmed."""
    person, key = await office.person(), PhoneKey()
    device = await enrolment.redeem(office.store, key.request(await office.code(person)), office.sources)
    assert (device.staff, device.public_key, device.standing) == (person.id, key.public, Standing.AWAITING)
    assert device.lease_share is None
    assert await office.read(device) == device


async def test_without_confirmation_a_device_is_active_at_once(office: Office) -> None:
    """Where the setting is off, the share is made at enrolment."""
    device = await office.device(await office.person(), confirm=False)
    assert device.standing is Standing.ACTIVE
    assert device.lease_share is not None
    assert len(device.lease_share) == 32


async def test_a_code_is_good_once(office: Office) -> None:
    """A second device with the same code is refused."""
    code = await office.code(await office.person())
    await enrolment.redeem(office.store, PhoneKey().request(code), office.sources)
    assert await refused(office, PhoneKey().request(code)) == "code_used"


async def test_the_same_device_may_repeat_itself(office: Office) -> None:
    """A device whose answer was lost hears the same again, and there is one device."""
    key, code = PhoneKey(), await office.code(await office.person())
    first = await enrolment.redeem(office.store, key.request(code), office.sources)
    assert await enrolment.redeem(office.store, key.request(code), office.sources) == first
    assert len(await all_devices(office)) == 1


@pytest.mark.parametrize(("after", "outcome"), [(15 * MINUTE - 1, "good"), (15 * MINUTE, "code_used")])
async def test_a_code_runs_out_after_fifteen_minutes(office: Office, after: int, outcome: str) -> None:
    """It is good to the last millisecond and not one longer, by the server's clock."""
    code = await office.code(await office.person())
    office.now += after
    if outcome == "good":
        await enrolment.redeem(office.store, PhoneKey().request(code), office.sources)
    else:
        assert await refused(office, PhoneKey().request(code)) == outcome


async def test_five_wrong_secrets_end_a_code(office: Office) -> None:
    """A wrong secret on a known lookup counts; after the fifth the right one is refused as well."""
    code = await office.code(await office.person())
    for _ in range(TRIES):
        assert await refused(office, PhoneKey().request(wrong(code))) == "code_wrong"
    assert await refused(office, PhoneKey().request(code)) == "code_used"
    assert await all_devices(office) == []


async def test_four_wrong_secrets_do_not_end_a_code(office: Office) -> None:
    """The fifth try may still be the right one."""
    code = await office.code(await office.person())
    for _ in range(TRIES - 1):
        await refused(office, PhoneKey().request(wrong(code)))
    await enrolment.redeem(office.store, PhoneKey().request(code), office.sources)


async def test_guesses_at_once_are_counted_one_by_one(office: Office) -> None:
    """Thirty guesses that arrive together get five tries between them."""
    code = await office.code(await office.person())
    guesses = [PhoneKey().request(wrong(code)) for _ in range(30)]
    codes = await asyncio.gather(*(refused(office, one) for one in guesses))
    assert codes.count("code_wrong") == TRIES
    async with office.store.read() as tx:
        assert (await tx.execute(select(people.enrolments.c.tries))).scalar_one() == TRIES


async def test_of_devices_that_race_one_is_enrolled(office: Office) -> None:
    """Ten devices with one code at the same moment: one is enrolled, nine are refused."""
    code = await office.code(await office.person())
    requests = [PhoneKey().request(code) for _ in range(10)]
    came = await asyncio.gather(
        *(enrolment.redeem(office.store, one, office.sources) for one in requests), return_exceptions=True
    )
    assert [type(one) for one in came].count(Device) == 1
    assert [one.code for one in came if isinstance(one, Refusal)] == ["code_used"] * 9
    assert len(await all_devices(office)) == 1


async def test_a_wrong_lookup_counts_on_no_code(office: Office) -> None:
    """A code that nobody issued is wrong, and spoils none that was."""
    code = await office.code(await office.person())
    other = Code(("0000" if code.lookup != "0000" else "1111") + code.text[4:])
    for _ in range(TRIES):
        assert await refused(office, PhoneKey().request(other)) == "code_wrong"
    await enrolment.redeem(office.store, PhoneKey().request(code), office.sources)


async def test_the_code_has_to_be_signed_by_the_new_key(office: Office) -> None:
    """A device shows that it has the key it brings; a failed proof costs the code nothing."""
    code = await office.code(await office.person())
    request = PhoneKey().request(code)
    for _ in range(TRIES):
        forged = msgspec.structs.replace(request, public_key=PhoneKey().public.hex())
        assert await refused(office, forged) == "bad_signature"
    await enrolment.redeem(office.store, request, office.sources)


async def test_other_keys_than_p_256_are_refused(office: Office) -> None:
    """Phones' hardware has P-256; a key of another curve or no key at all is a bad request."""
    request = PhoneKey(ec.SECP384R1()).request(await office.code(await office.person()))
    assert await refused(office, request) == "bad_request"
    for public in ("", "00", "zz", "ab" * 91):
        assert await refused(office, msgspec.structs.replace(request, public_key=public)) == "bad_request"


async def test_nobody_is_enrolled_for_a_person_who_left(office: Office) -> None:
    """A code that was issued before its person left is good for nothing, and none is issued after."""
    person = await office.person()
    code = await office.code(person)
    async with office.store.write() as tx:
        await tx.execute(update(people.staff).values(status=PersonStatus.DEPARTED))
    assert await refused(office, PhoneKey().request(code)) == "code_used"
    with pytest.raises(Refusal, match="departed"):
        await office.code(person)


async def test_a_departed_device_hears_nothing_from_its_code(office: Office) -> None:
    """A repeat of the enrolment does not bring a cut-off device back."""
    key, code = PhoneKey(), await office.code(await office.person())
    await enrolment.redeem(office.store, key.request(code), office.sources)
    async with office.store.write() as tx:
        await tx.execute(update(people.devices).values(standing=Standing.DEPARTED))
    assert await refused(office, key.request(code)) == "code_used"


async def test_no_secret_of_a_code_is_in_the_store(office: Office) -> None:
    """The database holds the lookup and a hash; the code cannot be read from it."""
    code = await office.code(await office.person())
    async with office.store.read() as tx:
        row = (await tx.execute(select(people.enrolments))).one()
    kept = b"|".join(bytes(one) if isinstance(one, bytes) else str(one).encode() for one in row)
    assert code.lookup.encode() in kept
    assert code.text[4:].encode() not in kept

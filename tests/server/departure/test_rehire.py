"""Somebody returns: a new person with a new enrolment. What was ended for the one who left stays ended."""

from __future__ import annotations

from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from server.departure.cutoff import offboard
from server.departure.recovery import reconcile
from server.identity import enrolment, staff, territories
from server.identity.grants import grants_of
from server.identity.staff import PersonStatus, Role
from sync import scopes
from sync.enrolment import EnrolRequest
from sync.errors import Refusal
from sync.messages import Standing
from sync.signing import Kind, message_of
from sync.statements import ReceiptStage
from tests.server.departure.backup import copied, put_back
from tests.server.departure.office import Office, Phone, public_der


async def returns(office: Office, old: UUID) -> UUID:
    """The person comes back."""
    async with office.store.write() as tx:
        return (await staff.add(tx, "王芳", Role.REP, office.sources, formerly=old)).id


async def code_for(office: Office, person: UUID) -> str:
    """An enrolment code."""
    async with office.store.write() as tx:
        return (await enrolment.issue(tx, person, office.sources, lifetime=900_000, confirm=False)).code.text


async def enrol_again(office: Office, phone: Phone, code: str) -> None:
    """Redeem a code with the key that a phone has already."""
    signed = phone.key.sign(message_of(Kind.ENROLMENT, code.encode()), ec.ECDSA(hashes.SHA256()))
    request = EnrolRequest(code, public_der(phone.key).hex(), signed.hex())
    await enrolment.redeem(office.store, request, office.sources)


async def test_who_returns_is_a_new_person_who_names_the_old_one(office: Office) -> None:
    """The old row keeps its departure, the journal says who they were, and nothing is granted that nobody gave."""
    await office.enrol(office.wang)
    await offboard(office.means, office.wang, "left")
    again = await returns(office, office.wang)
    async with office.store.read() as tx:
        old, new = await staff.find(tx, office.wang), await staff.find(tx, again)
        granted = await grants_of(tx, again, office.clock())
    assert old is not None
    assert new is not None
    assert (old.status, new.status, new.formerly) == (PersonStatus.DEPARTED, PersonStatus.ACTIVE, office.wang)
    assert granted.scopes == (scopes.COMPANY, scopes.staff(again))
    told = [body for kind, body in await office.journal() if kind == "staff_added"]
    assert str(office.wang) in [body.get("formerly") for body in told]


async def test_old_devices_stay_departed_and_go_on_hearing_their_orders(office: Office) -> None:
    """A re-hire un-wipes nothing."""
    phone = await office.enrol(office.wang)
    await offboard(office.means, office.wang, "left")
    await returns(office, office.wang)
    assert (await office.device(phone)).standing is Standing.DEPARTED
    assert len((await office.hear(phone)).orders) == 1


async def test_the_key_of_a_wiped_phone_is_never_a_devices_again(office: Office) -> None:
    """Neither for the same person nor for another; the code is not used up by it, and a new key is fine."""
    phone = await office.enrol(office.wang)
    departure = await offboard(office.means, office.wang, "left")
    await office.hear(phone, phone.request(receipts=(office.receipt(phone, departure, ReceiptStage.WIPED),)))
    code = await code_for(office, await returns(office, office.wang))
    with pytest.raises(Refusal, match="departed"):
        await enrol_again(office, phone, code)
    with pytest.raises(Refusal, match="departed"):
        await enrol_again(office, phone, await code_for(office, office.li))
    fresh = await office.redeem(code)
    assert (await office.device(fresh)).standing is Standing.ACTIVE


@pytest.mark.parametrize("has_left", [True, False])
async def test_only_somebody_who_left_and_has_not_returned_yet_returns(office: Office, has_left: bool) -> None:
    """Nobody is two people who work here at once."""
    if has_left:
        await offboard(office.means, office.wang, "left")
        await returns(office, office.wang)
    with pytest.raises(Refusal, match="record_exists"):
        await returns(office, office.wang)
    with pytest.raises(Refusal, match="not_found"):
        await returns(office, office.sources.new_id())


async def test_who_returned_and_left_again_may_return_again(office: Office) -> None:
    """Each time as a new person."""
    await offboard(office.means, office.wang, "left")
    second = await returns(office, office.wang)
    await offboard(office.means, second, "left")
    third = await returns(office, second)
    assert len({office.wang, second, third}) == 3


async def test_a_database_from_before_the_departure_is_held_against_the_file_and_leaves_the_new_person_alone(
    office: Office,
) -> None:
    """Copied after the return, with another departure since: that is applied again, and the re-hire works on."""
    phone = await office.enrol(office.wang)
    await offboard(office.means, office.wang, "left")
    again = await returns(office, office.wang)
    async with office.store.write() as tx:
        await territories.assign(tx, office.east, again, office.sources)
    new = await office.enrol(again)
    await copied(office.store)
    await offboard(office.means, office.li, "left")
    await put_back(office.store)
    found = await reconcile(office.store, office.file, office.keys, office.sources)
    assert found.applied_again == 1
    assert (await office.device(phone)).standing is Standing.DEPARTED
    assert (await office.device(new)).standing is Standing.ACTIVE


async def test_a_database_from_before_both_forgets_the_return_and_not_the_departure(office: Office) -> None:
    """The old devices depart again and their keys stay refused; the re-hire, whom it never knew, enrols again."""
    phone = await office.enrol(office.wang)
    await copied(office.store)
    await offboard(office.means, office.wang, "left")
    again = await returns(office, office.wang)
    await put_back(office.store)
    assert (await office.device(phone)).standing is Standing.ACTIVE
    await reconcile(office.store, office.file, office.keys, office.sources)
    assert (await office.device(phone)).standing is Standing.DEPARTED
    async with office.store.read() as tx:
        assert await staff.find(tx, again) is None
    code = await code_for(office, await returns(office, office.wang))
    with pytest.raises(Refusal, match="departed"):
        await enrol_again(office, phone, code)

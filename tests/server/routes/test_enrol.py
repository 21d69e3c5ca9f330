"""`POST /enrol` over HTTP."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from server.app import create_app
from server.identity import devices, territories
from server.identity.attestation import RootError
from server.master.typed import TYPED
from sync.messages import Standing
from sync.signing import Kind, six_digits
from tests.server.identity.authority import Authority, description
from tests.server.identity.conftest import PhoneKey
from tests.server.routes.house import MINUTE, House, Phone, found, opened


async def test_a_phone_enrols_and_waits_for_its_six_digits(house: House) -> None:
    """It hears who it is, which keys to pin and a challenge; its first sync says that it has to wait."""
    person = await house.person()
    phone = await house.phone(person, confirm=True)
    told = phone.told
    assert (told["company_name"], told["staff"], told["staff_name"]) == ("测试公司", str(person.id), "王伟")
    assert told["signing_keys"] == [one.hex() for one in house.context.keys.signing_public]
    assert (told["confirm"], told["server_time"]) == (True, house.desk.now)
    answer = await phone.sync()
    assert (answer.head.standing, answer.head.lease) == (Standing.AWAITING, None)


async def test_both_sides_show_the_same_six_digits(house: House) -> None:
    """The phone from what it was told, the maker of the code from the store."""
    phone = await house.phone(confirm=True)
    async with house.store.read() as tx:
        device = await devices.find(tx, phone.device)
    assert device is not None
    assert six_digits(UUID(phone.told["enrolment"]).bytes, phone.key.public) == device.six_digits


async def test_after_confirmation_the_phone_gets_lease_and_records(house: House) -> None:
    """The very next sync."""
    phone = await house.phone(confirm=True)
    async with house.store.write() as tx:
        device = await devices.find(tx, phone.device)
        assert device is not None
        await devices.confirm(tx, phone.device, device.six_digits, house.sources)
    answer = await phone.sync()
    assert answer.head.standing is Standing.ACTIVE
    assert answer.head.lease is not None
    assert answer.tail is not None
    assert answer.tail.checkpoint


async def test_a_code_that_ran_out_is_refused_over_http(house: House) -> None:
    """403 with a code, in both languages, and what to do."""
    code = await house.code(await house.person())
    house.desk.now += 15 * MINUTE
    answer = await Phone(house).enrol(code)
    assert answer.status_code == 403
    body = answer.json()
    assert (body["code"], body["repeats"]) == ("code_used", True)
    assert body["en"]
    assert body["zh"]
    assert body["todo"]


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"", "application/json", 400, "bad_request"),
        (b"{", "application/json", 400, "bad_request"),
        (b"[" * 5000, "application/json", 400, "bad_request"),
        (b'{"code": 5}', "application/json", 400, "bad_request"),
        (b'{"code":"a","public_key":"","signature":"","admin":true}', "application/json", 400, "bad_request"),
        (b'{"code":"","public_key":"","signature":""}', "application/json", 403, "code_wrong"),
        (b'{"code":"' + b"0" * 70_000 + b'"}', "application/json", 413, "too_large"),
        (b"{}", "text/plain", 415, "media_type"),
        (b"{}", "", 415, "media_type"),
    ],
)
async def test_what_cannot_be_an_enrolment_is_refused(
    house: House, body: bytes, media_type: str, status: int, code: str
) -> None:
    """Each with its code, and none as a fault of ours."""
    answer = await house.client.post("/enrol", content=body, headers={"Content-Type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_whoever_guesses_at_codes_is_slowed_down(house: House) -> None:
    """Sixty tries from one address, then 429 with a time to come back at; a minute later there are more."""
    body = json.dumps({"code": "0" * 24, "public_key": "", "signature": ""})
    headers = {"Content-Type": "application/json"}
    codes = [(await house.client.post("/enrol", content=body, headers=headers)).status_code for _ in range(61)]
    assert codes[:60] == [400] * 60
    answer = await house.client.post("/enrol", content=body, headers=headers)
    assert (codes[60], answer.json()["code"]) == (429, "busy")
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    house.desk.now += MINUTE
    assert (await house.client.post("/enrol", content=body, headers=headers)).status_code == 400


async def test_a_chain_under_a_configured_root_marks_the_device(tmp_path: Path) -> None:
    """Over HTTP, with the root in a file of the deployment: the challenge is the code's hash, and the key is marked."""
    key = PhoneKey()
    async with opened(tmp_path / "home") as first:
        authority = Authority(first.desk.now)
        first.settings.attestation.mkdir()
        (first.settings.attestation / "root.pem").write_bytes(authority.root.pem)
        restarted = create_app(first.settings, first.sources)
        code = (await first.code(await first.person(), confirm=False)).replace("-", "")
    challenge = hashlib.sha256(code.encode()).digest()
    chain = authority.chain(key.key.public_key(), description(challenge))
    body = {
        "code": code,
        "public_key": key.public.hex(),
        "signature": key.sign(Kind.ENROLMENT, code.encode()).hex(),
        "attestation": [one.hex() for one in chain],
    }
    transport = httpx.ASGITransport(restarted)  # type: ignore[arg-type]
    async with restarted.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post("/enrol", json=body)
        assert answer.status_code == 200, answer.text
        async with restarted.state.context.store.read() as tx:
            device = await devices.find(tx, UUID(answer.json()["device"]))
    assert device is not None
    assert device.attestation == "tee"


async def test_a_root_that_is_no_certificate_stops_the_start(tmp_path: Path) -> None:
    """Whom to believe is known before anybody is believed."""
    settings = found(tmp_path / "home")
    settings.attestation.mkdir()
    (settings.attestation / "root.pem").write_text("-----BEGIN NOTHING-----", "utf-8")
    with pytest.raises(RootError, match=r"root\.pem"):
        create_app(settings)


async def test_who_registers_outlets_has_codes_with_the_first_sync(house: House) -> None:
    """A block is kept for a rep with a place on a roster as soon as the phone is enrolled; a second phone adds none."""
    person = await house.person()
    async with house.store.write() as tx:
        east = await territories.add_territory(tx, "城东", None, house.sources)
        await territories.assign(tx, east.id, person.id, house.sources)
    for _ in range(2):
        await house.phone(person)
    async with house.store.read() as tx:
        rows = (await tx.execute(select(TYPED["code_block"]))).all()
    assert [(row.prefix, row.first, row.last) for row in rows] == [("K", 1, 50)]

"""`POST /sync` over HTTP: both forms, every standing, and what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from server.identity.tokens import LIFETIME
from sync import frames, scopes
from sync.clock import Moment
from sync.codec import decode
from sync.messages import Standing
from sync.operations import Act
from sync.signing import Kind, Signed, verified_company
from sync.versions import CURRENT
from tests.server.routes.house import EPOCH, House, Phone, zstd
from tests.server.routes.wire import Wire

DAY = 24 * 3_600_000
PRESS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zstd": zstd.compress}
OPEN: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "zstd": zstd.decompress}


def named(phone: Phone) -> dict[str, object]:
    """A request in plain JSON."""
    moment = {"boot": "b", "elapsed": 1, "claimed": phone.house.desk.now}
    return {"protocol": 1, "schema": 1, "epoch": phone.told["epoch"], "moment": moment}


async def registered(house: House) -> tuple[Phone, str]:
    """A phone in a territory with one outlet, and the territory's scope."""
    person = await house.person()
    territory = await house.territory("东", person)
    await house.desk.register(house.desk.manager(), territory.id, "老张烟酒")
    return await house.phone(person), scopes.territory(territory.id)


async def test_an_outlet_goes_up_from_one_phone_and_down_to_another(house: House) -> None:
    """The whole way: operation, outcome, page, checkpoint."""
    person, colleague = await house.person(), await house.person("李娜")
    territory = await house.territory("东", person, colleague)
    mine, theirs = await house.phone(person), await house.phone(colleague)
    made = house.desk.operation(
        Act.CREATE, "outlet", house.desk.id(), scope=scopes.territory(territory.id), name="老张烟酒"
    )
    answer = await mine.sync(made)
    assert [one.code for one in answer.head.outcomes] == ["applied"]
    assert answer.head.acknowledged == 1
    got = await theirs.sync()
    assert got.page is not None
    assert "老张烟酒".encode() in b"".join(row.packed for page in got.page.scopes for row in page.rows)


async def test_plain_json_gets_a_plain_answer(house: House) -> None:
    """The form that was asked, with names, for people and curl."""
    phone, scope = await registered(house)
    answer = await phone.post(json.dumps(named(phone)).encode(), "application/json; charset=utf-8")
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["head"]["standing"] == "active"
    page = next(one for one in body["page"]["scopes"] if one["scope"] == scope)
    assert [row["record"]["name"] for row in page["rows"]] == ["老张烟酒"]


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_json_may_come_and_go_compressed(house: House, encoding: str) -> None:
    """Both ways, by the usual headers."""
    phone, _ = await registered(house)
    body = PRESS[encoding](json.dumps(named(phone)).encode())
    headers = {"Content-Encoding": encoding, "Accept-Encoding": encoding}
    async with phone.house.client.stream(
        "POST", "/sync", content=body, headers=phone.bearer() | {"Content-Type": "application/json"} | headers
    ) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == encoding
    assert json.loads(OPEN[encoding](raw))["head"]["standing"] == "active"


async def test_a_signed_request_needs_no_token_and_gets_one(house: House) -> None:
    """The answer brings a token for the next ten minutes, and the next answer no other."""
    phone = await house.phone()
    body = frames.write_request(phone.request())
    headers = phone.proof(body) | {"Content-Type": frames.MEDIA_TYPE}
    head = frames.read_answer((await house.client.post("/sync", content=body, headers=headers)).content).head
    assert head.token is not None
    again = {"Authorization": f"Bearer {head.token}", "Content-Type": frames.MEDIA_TYPE}
    answer = await house.client.post("/sync", content=frames.write_request(phone.request()), headers=again)
    assert frames.read_answer(answer.content).head.token is None


async def test_the_challenge_of_an_answer_signs_the_next_request(house: House) -> None:
    """So a phone that syncs once a day never needs a second round trip."""
    phone = await house.phone()
    challenge = (await phone.sync()).head.challenge
    house.desk.now += DAY - 1
    body = frames.write_request(phone.request())
    headers = phone.proof(body, challenge.hex()) | {"Content-Type": frames.MEDIA_TYPE}
    assert (await house.client.post("/sync", content=body, headers=headers)).status_code == 200


async def test_without_a_proof_a_401_brings_a_challenge(house: House) -> None:
    """The refusal has all that the next try needs: challenge and epoch."""
    phone = await house.phone()
    stale = phone.bearer()
    house.desk.now += LIFETIME
    body = frames.write_request(phone.request())
    answer = await house.client.post("/sync", content=body, headers=stale | {"Content-Type": frames.MEDIA_TYPE})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.json()["epoch"] == EPOCH.hex()
    assert "Bearer" in answer.headers["WWW-Authenticate"]
    headers = phone.proof(body, answer.json()["challenge"]) | {"Content-Type": frames.MEDIA_TYPE}
    assert (await house.client.post("/sync", content=body, headers=headers)).status_code == 200


async def lost(house: House, phone: Phone) -> None:
    """The phone is lost."""
    await house.lose(phone)


async def suspended(house: House, phone: Phone) -> None:
    """The phone is suspended."""
    await house.suspend(phone)


@pytest.mark.parametrize(("do", "standing"), [(lost, Standing.DEPARTED), (suspended, Standing.SUSPENDED)])
async def test_a_device_that_is_not_active_gets_the_head_alone(
    house: House, do: Callable[[House, Phone], Awaitable[None]], standing: Standing
) -> None:
    """No record, no share, no token: its standing, and its orders where it has departed."""
    phone, _ = await registered(house)
    await do(house, phone)
    answer = await phone.sync()
    assert (answer.head.standing, answer.head.lease, answer.head.token) == (standing, None, None)
    assert answer.page is not None
    assert not answer.page.scopes
    assert answer.tail is not None
    assert answer.tail.sums == {}
    assert len(answer.head.orders) == (1 if standing is Standing.DEPARTED else 0)
    assert answer.head.challenge


async def refusals(phone: Phone) -> list[httpx.Response]:
    """Every kind of refusal that an authenticated device can bring about."""
    too_old, too_new = (frames.write_request(phone.request(protocol=number)) for number in (0, CURRENT + 1))
    return [
        await phone.post(b"no frame"),
        await phone.post(b"{}", "application/json"),
        await phone.post(b"[", "application/json"),
        await phone.post(b"", "text/plain"),
        await phone.post(too_old),
        await phone.post(too_new),
        await phone.post(b"", "application/json", **{"Content-Encoding": "br"}),
        await phone.house.client.get(f"/photos/{phone.device}", headers=phone.bearer()),
        await phone.house.client.patch(f"/photos/{phone.device}", headers=phone.bearer()),
        await phone.house.client.post("/photos", headers=phone.bearer()),
    ]


async def test_each_refusal_has_its_code(house: House) -> None:
    """Stable codes, the right statuses, problem details throughout."""
    answers = await refusals(await house.phone())
    assert [one.json()["code"] for one in answers] == [
        "bad_frame",
        "bad_request",
        "bad_request",
        "media_type",
        "protocol_too_old",
        "protocol_too_new",
        "media_type",
        "not_found",
        "upload_version",
        "upload_version",
    ]
    assert {one.headers["content-type"] for one in answers} == {"application/problem+json"}
    assert all(one.status_code == one.json()["status"] for one in answers)


async def test_every_refusal_of_a_departed_device_carries_its_order(house: House) -> None:
    """Signed by the company, for this device, in whatever way the request fails; 429 included."""
    phone = await house.phone()
    await house.lose(phone)
    answers = await refusals(phone)
    for _ in range(house.settings.budget_burst):
        answers.append(await phone.post(b"no frame"))
    assert answers[-1].status_code == 429
    for one in answers:
        (order,) = one.json()["orders"]
        signed = decode(bytes.fromhex(order), Signed)
        assert verified_company(signed, Kind.WIPE_ORDER, house.context.keys.signing_public)


async def test_refusals_of_others_carry_no_order(house: House) -> None:
    """An active device, and whoever is not authenticated, hears of nobody's order."""
    phone, other = await house.phone(), await house.phone()
    await house.lose(other)
    named_only = await house.client.post("/sync", headers={"Saojie-Device": str(other.device)})
    for one in [*await refusals(phone), named_only]:
        assert "orders" not in one.json()


async def test_a_device_has_a_budget(house: House) -> None:
    """Beyond it: 429 with Retry-After and jitter; others are not held up; time fills it again."""
    phone, other = await house.phone(), await house.phone()
    for _ in range(house.settings.budget_burst):
        await phone.post(b"no frame")
    waits = {int((await phone.post(b"no frame")).headers["Retry-After"]) for _ in range(40)}
    assert waits <= set(range(1, 10))
    assert len(waits) > 1
    assert (await other.sync()).head.standing is Standing.ACTIVE
    house.desk.now += 60_000
    assert (await phone.sync()).head.standing is Standing.ACTIVE


async def test_too_many_at_once_are_sent_away(house: House) -> None:
    """Whoever stood in line for too long gets 429 with jitter; with it who has departed hears the order."""
    person = await house.person()
    phone, gone = await house.phone(), await house.phone(person)
    await house.offboard(person.id)
    syncs = house.context.syncs
    async with AsyncExitStack() as inside:
        for _ in range(house.settings.syncs_at_once):
            await inside.enter_async_context(syncs.passed())
        syncs.wait_s = 0.01
        answer = await phone.post(frames.write_request(phone.request()))
        assert (answer.status_code, answer.json()["code"]) == (429, "busy")
        assert int(answer.headers["Retry-After"]) >= 1
        told = await gone.post(frames.write_request(gone.request()))
        assert (told.status_code, len(told.json()["orders"])) == (429, 1)
    assert (await phone.sync()).head.standing is Standing.ACTIVE


@pytest.mark.parametrize("media_type", [frames.MEDIA_TYPE, "application/json"])
async def test_a_body_that_is_too_large_is_not_read(house: House, media_type: str) -> None:
    """413, whether its length was announced or not."""
    phone = await house.phone()
    body = b"x" * (house.settings.body_limit + 1)
    assert (await phone.post(body, media_type)).json()["code"] == "too_large"

    async def unannounced() -> object:
        for _ in range(house.settings.body_limit // 65_536 + 1):
            yield b"x" * 65_536

    sent = phone.bearer() | {"Content-Type": media_type}
    answer = await house.client.post("/sync", content=unannounced(), headers=sent)  # type: ignore[arg-type]
    assert answer.status_code == 413


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "frame"])
async def test_a_small_body_cannot_become_a_huge_one(house: House, encoding: str) -> None:
    """100 MB of zeros in a few kilobytes are refused without being held in memory."""
    phone = await house.phone()
    zeros = bytes(100_000_000)
    if encoding == "frame":
        body = zstd.compress(zeros)
        answer = await phone.post(b"R" + len(body).to_bytes(4, "big") + body)
        assert answer.json()["code"] == "bad_frame"
        return
    answer = await phone.post(PRESS[encoding](zeros), "application/json", **{"Content-Encoding": encoding})
    assert answer.json()["code"] == "too_large"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize("spoil", [lambda body: body[:-4], lambda body: b"not " + body, lambda _: b""])
async def test_a_compressed_body_that_is_spoilt_is_refused(
    house: House, encoding: str, spoil: Callable[[bytes], bytes]
) -> None:
    """Cut off, or not compressed at all: a bad request."""
    phone = await house.phone()
    body = spoil(PRESS[encoding](json.dumps(named(phone)).encode()))
    answer = await phone.post(body, "application/json", **{"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_a_body_that_breaks_off_is_no_fault_of_ours(house: House) -> None:
    """A phone that loses its connection in the middle of a request is not an error in the log."""
    phone = await house.phone()
    wire = Wire(house.app, "POST", "/sync", phone.bearer() | {"Content-Type": frames.MEDIA_TYPE}, None)
    wire.hang_up()
    await wire.ended()
    assert wire.status == 400
    assert [one for one in house.lines() if one["event"].startswith("failed")] == []


async def test_a_phone_with_an_absurd_clock_is_served(house: House) -> None:
    """No check uses the phone's clock: a year off, and everything goes on."""
    phone = await house.phone()
    for off in (-365 * DAY, 365 * DAY):
        answer = await phone.sync(moment=Moment("boot", 1, house.desk.now + off))
        assert answer.head.server_time == house.desk.now

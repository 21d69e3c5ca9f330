"""`/healthz`, `/metrics` and the OpenAPI."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, text

from server.master.tables import dead_letters
from sync.messages import Condition
from tests.server.routes.house import House
from tests.server.routes.wire import Wire


def bearer(token: str) -> dict[str, bytes]:
    """The header of a token, whatever is in it."""
    return {"Authorization": f"Bearer {token}".encode()}


async def meters(house: House) -> dict[tuple[str, tuple[str, ...]], float]:
    """All meters by name and labels."""
    answer = await house.client.get("/metrics", headers=house.operator())
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_a_sound_server_is_healthy(house: House) -> None:
    """The store answers and its schema is that of this version."""
    answer = await house.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "store": True, "schema_current": True})


async def test_a_store_of_another_version_is_not_healthy(house: House) -> None:
    """503 where the schema is not this version's."""
    async with house.store.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = await house.client.get("/healthz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_a_store_that_is_not_there_is_not_healthy(house: House) -> None:
    """503 where the store does not answer as it should."""
    async with house.store.write() as tx:
        await tx.execute(text("DROP TABLE meta"))
    answer = await house.client.get("/healthz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_the_meters_count_what_happened(house: House) -> None:
    """Requests, refusals and outcomes as they come; devices, orders, dead letters as the store has them."""
    phone, lost = await house.phone(), await house.phone()
    await phone.post(b"no frame")
    await phone.sync()
    wire = Wire(house.app, "GET", "/live", phone.bearer())
    await wire.until(b":\n\n")
    await house.lose(lost)
    async with house.store.write() as tx:
        row = {"id": b"1" * 16, "origin": b"2" * 16, "number": 1, "received_at": 1, "reason": "bad_value"}
        await tx.execute(insert(dead_letters).values(row | {"detail": "", "body": b"", "bounds": b""}))
    found = await meters(house)
    assert found["saojie_requests_total", ("POST", "/sync", "200")] == 1
    assert found["saojie_requests_total", ("POST", "/sync", "400")] == 1
    assert found["saojie_refusals_total", ("bad_frame",)] == 1
    assert found["saojie_live_streams", ()] == 1
    assert found["saojie_devices", ("active",)] == found["saojie_devices", ("departed",)] == 1
    assert found["saojie_wipe_orders_open", ("ordered",)] == 1
    assert found["saojie_dead_letters", ("bad_value",)] == 1
    wire.hang_up()
    await wire.ended()


@pytest.mark.parametrize("path", ["/metrics", "/sync-health"])
async def test_who_does_not_watch_the_server_learns_nothing_of_it(house: House, path: str) -> None:
    """Neither without a token, nor with a device's, nor with one that is nearly right; and never by its address."""
    phone, token = await house.phone(), house.context.operations
    nearly = (token[:-1], token + "0", "", "\u00e9", token[1:])
    basic = {"Authorization": f"Basic {token}"}
    for headers in (None, phone.bearer(), basic, *map(bearer, nearly)):
        answer = await house.client.get(path, headers=httpx.Headers(headers))  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
        assert "saojie_" not in answer.text
    assert (await house.client.get(path, headers=house.operator())).status_code == 200


async def test_the_token_of_operations_is_a_file_of_the_owners_alone(house: House) -> None:
    """Made by the first start, another in each deployment, and of no use as a device's token."""
    path = house.settings.keys / "operations.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().strip() == house.context.operations
    assert len(house.context.operations) == 64
    phone = await house.phone()
    answer = await house.client.post("/sync", headers=house.operator() | {"Saojie-Device": str(phone.device)})
    assert answer.status_code == 401


async def test_how_the_devices_are_is_told_without_a_name(house: House) -> None:
    """Ids, times and counts; what a rep called a shop or a person is nowhere in it."""
    person = await house.person("周海波")
    territory = await house.territory("城东片区", person)
    await house.desk.register(house.desk.manager(), territory.id, "老张烟酒")
    phone = await house.phone(person)
    await phone.sync(condition=Condition("9.9", 1, 2, (), ("outbox.db",), 1))
    answer = await house.client.get("/sync-health", headers=house.operator())
    told = answer.json()
    (one,) = told["devices"]
    assert (told["at"], told["troubled"], one["device"]) == (house.desk.now, 1, str(phone.device))
    assert (one["troubles"], one["damaged"], one["sdk"]) == (["damaged", "rebuilt", "schema_old"], ["outbox.db"], "9.9")
    assert (one["last_contact"], one["pending"], one["refused"]) == (house.desk.now, 0, 0)
    assert all(name not in answer.text for name in ("周海波", "城东", "老张", "Pixel"))


async def test_no_path_makes_a_meter_of_its_own(house: House) -> None:
    """Whatever is asked for, the labels stay few."""
    for number in range(50):
        await house.client.request("GET" if number % 2 else f"VERB{number}", f"/nothing/{number}")
    found = await meters(house)
    labels = {labels for name, labels in found if name == "saojie_requests_total"}
    assert labels == {("GET", "unrouted", "404"), ("other", "unrouted", "404")}


async def test_the_openapi_tells_all_routes_without_the_network(house: House) -> None:
    """As JSON, with bodies and ways to sign; nothing in it is fetched from elsewhere."""
    answer = await house.client.get("/schema/openapi.json")
    told = answer.json()
    assert told["openapi"].startswith("3.1")
    photos = {"/photos", "/photos/{photo}", "/photos/sealed", "/photos/sealed/{photo}"}
    phones = {"/enrol", "/sync", "/live", "/wake", "/diagnostics"}
    assert set(told["paths"]) == {"/healthz", "/metrics", "/sync-health"} | phones | photos
    assert "application/vnd.saojie.sync" in told["paths"]["/sync"]["post"]["requestBody"]["content"]
    assert "application/json" in told["paths"]["/enrol"]["post"]["requestBody"]["content"]
    assert set(told["components"]["securitySchemes"]) == {"token", "operations", "device", "challenge", "proof"}
    assert "http" not in answer.text.replace("httpbearer", "").replace('"http"', "")

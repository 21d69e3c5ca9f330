"""`/wake`: a phone says where it can be woken; a push service wakes it for an order."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from server.departure.waking import wake_ordered
from server.live.wake import NoWaker
from tests.server.live.push_service import pushing
from tests.server.routes.house import House, opened


async def test_a_departed_phone_is_woken_where_it_said(tmp_path: Path) -> None:
    """From the subscription to the order, through the real push client."""
    async with pushing() as service, opened(tmp_path / "home", push_services=(service.origin,)) as house:
        phone = await house.phone()
        key = (await house.client.get("/wake", headers=phone.bearer())).json()["key"]
        told = await house.client.put("/wake", json={"address": f"{service.origin}/p"}, headers=phone.bearer())
        assert told.status_code == 204
        await house.offboard(UUID(phone.told["staff"]))
        assert await wake_ordered(house.context.exchange.departure, house.context.waker) == 1
        ((line, headers),) = service.heard
        assert line == "POST /p HTTP/1.1"
        assert headers["authorization"].endswith(f"k={key}")


async def test_without_a_push_service_there_is_no_key_and_no_address(house: House) -> None:
    """The phone is told, and works as well."""
    phone = await house.phone()
    assert isinstance(house.context.waker, NoWaker)
    assert (await house.client.get("/wake", headers=phone.bearer())).json() == {"key": ""}
    refused = await house.client.put("/wake", json={"address": "https://push.example/p"}, headers=phone.bearer())
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_value")
    assert (await house.client.delete("/wake", headers=phone.bearer())).status_code == 204


async def test_bad_bodies_and_strangers_are_refused(house: House) -> None:
    """By the codes of the table."""
    phone = await house.phone()
    for body, code in ((b"{", "bad_request"), (b'{"address": 1}', "bad_request"), (b"[" * 3000, "too_large")):
        refused = await house.client.put("/wake", content=body, headers=phone.bearer())
        assert refused.json()["code"] == code
    assert (await house.client.get("/wake")).status_code == 401
    await house.suspend(phone)
    assert (await house.client.get("/wake", headers=phone.bearer())).json()["code"] == "device_suspended"

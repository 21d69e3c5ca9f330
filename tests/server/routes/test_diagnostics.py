"""`/diagnostics`: what phones hand in is kept for support, shown at the desk, and no device tells of another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest

from server.identity.diagnostics import KEPT, diagnostics_of
from sync.diagnostics import MOST_BYTES, SyncNote
from tests.server.routes.house import House


def a_pack(device: UUID, **more: Any) -> dict[str, Any]:
    """The least that a pack says, and more."""
    return {"device": str(device), "at": 1_700_000_000_000, "sdk": "0.1.0", "protocol": 1, "schema": 4} | more


async def test_it_is_kept_as_it_came_and_the_newest_five(house: House) -> None:
    """The newest first; what has no field is let go."""
    phone = await house.phone()
    for number in range(KEPT + 2):
        house.desk.now += 1000
        body = a_pack(phone.device, pending=number, syncs=[[1, "done", 20, 30, 40, 1]], smell="rose")
        kept = await house.client.post("/diagnostics", json=body, headers=phone.bearer())
        assert kept.status_code == 204
    async with house.store.read() as tx:
        found = await diagnostics_of(tx, phone.device)
    assert [one.told.pending for one in found] == [6, 5, 4, 3, 2]
    assert found[0].at == house.desk.now
    assert found[0].told.syncs == (SyncNote(1, "done", 20, 30, 40, 1),)
    assert "smell" not in msgspec.json.encode(found[0].told).decode()


async def test_a_phone_tells_of_itself_alone(house: House) -> None:
    """Whatever device it names, it is kept under its own."""
    phone, other = await house.phone(), await house.phone()
    body = a_pack(other.device)
    assert (await house.client.post("/diagnostics", json=body, headers=phone.bearer())).status_code == 204
    async with house.store.read() as tx:
        assert await diagnostics_of(tx, other.device) == []
        assert [one.told.device for one in await diagnostics_of(tx, phone.device)] == [phone.device]


async def test_a_suspended_phone_may_one_that_was_cut_off_may_not(house: House) -> None:
    """Who is cut off hears its orders with the refusal; a stranger is refused."""
    phone = await house.phone()
    await house.suspend(phone)
    body = a_pack(phone.device)
    assert (await house.client.post("/diagnostics", json=body, headers=phone.bearer())).status_code == 204
    gone = await house.phone()
    await house.offboard(UUID(gone.told["staff"]))
    refused = await house.client.post("/diagnostics", json=body, headers=gone.bearer())
    assert (refused.json()["code"], len(refused.json()["orders"])) == ("departed", 1)
    assert (await house.client.post("/diagnostics", json=body)).status_code == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "bad_request"),
        (b"{}", "bad_request"),
        (b"[" * (MOST_BYTES + 1), "too_large"),
        (msgspec.json.encode(a_pack(UUID(int=1), why="x" * 101)), "bad_request"),
        (msgspec.json.encode(a_pack(UUID(int=1), met={str(one): 1 for one in range(201)})), "bad_request"),
        (msgspec.json.encode(a_pack(UUID(int=1), pending=-1)), "bad_request"),
    ],
    ids=["cut", "empty", "large", "long text", "many names", "negative"],
)
async def test_what_is_no_pack_is_refused(house: House, body: bytes, code: str) -> None:
    """By the codes of the table, with nothing kept."""
    phone = await house.phone()
    refused = await house.client.post("/diagnostics", content=body, headers=phone.bearer())
    assert refused.json()["code"] == code
    async with house.store.read() as tx:
        assert await diagnostics_of(tx, phone.device) == []

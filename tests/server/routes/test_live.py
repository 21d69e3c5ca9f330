"""`GET /live`: the stream that says that something is there."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from server.identity import territories
from server.master.departures import wipe_orders
from sync import scopes
from sync.operations import Act
from tests.server.routes.house import House, Phone
from tests.server.routes.wire import Wire


async def listening(house: House, phone: Phone) -> Wire:
    """A stream of the phone, from its first comment on."""
    wire = Wire(house.app, "GET", "/live", phone.bearer())
    await wire.until(b":\n\n")
    return wire


async def test_the_first_comment_comes_at_once(house: House) -> None:
    """Headers and a comment before anything has happened, and nothing else."""
    phone = await house.phone()
    wire = await listening(house, phone)
    headers = dict(wire.sent[0]["headers"])
    assert headers[b"content-type"].startswith(b"text/event-stream")
    assert headers[b"cache-control"] == b"no-store"
    assert wire.body == b":\n\n"
    wire.hang_up()
    await wire.ended()


async def test_a_change_is_told_to_whoever_may_see_it(house: House) -> None:
    """By the scope's name, with no data; another territory's phone hears nothing."""
    mine, theirs = await house.person(), await house.person("李娜")
    east = await house.territory("东", mine)
    await house.territory("西", theirs)
    writing, phone, other = await house.phone(mine), await house.phone(mine), await house.phone(theirs)
    wire, other_wire = await listening(house, phone), await listening(house, other)
    made = house.desk.operation(Act.CREATE, "outlet", house.desk.id(), scope=scopes.territory(east.id), name="老张")
    await writing.sync(made)
    told = await wire.until(b"event: changed\n")
    assert f"data: {scopes.territory(east.id)}\n\n".encode() in told
    assert "老张".encode() not in told
    await asyncio.sleep(0.4)
    assert other_wire.body == b":\n\n"
    for each in (wire, other_wire):
        each.hang_up()
        await each.ended()


async def test_a_phone_is_not_told_what_its_own_answer_held(house: House) -> None:
    """Its work comes back with the answer; another change, and its own through another phone, is told as ever."""
    person = await house.person()
    east = await house.territory("东", person)
    phone, second = await house.phone(person), await house.phone(person)
    wire, second_wire = await listening(house, phone), await listening(house, second)
    scope = scopes.territory(east.id)
    made = house.desk.operation(Act.CREATE, "outlet", house.desk.id(), scope=scope, name="老张")
    answer = await phone.sync(made)
    assert answer.tail is not None
    assert answer.tail.checkpoint
    await second_wire.until(f"data: {scope}\n".encode())
    await asyncio.sleep(0.4)
    assert wire.body == b":\n\n"
    await second.sync(house.desk.operation(Act.CREATE, "outlet", house.desk.id(), scope=scope, name="老李"))
    await wire.until(f"data: {scope}\n".encode())
    for each in (wire, second_wire):
        each.hang_up()
        await each.ended()


def _raise_head(file: Path, scope: str) -> None:
    """Commit as another process does: beside the server, waiting for its write if there is one."""
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("UPDATE scopes SET head = head + 1 WHERE name = ?", (scope,))


async def test_a_commit_of_another_process_is_told(house: House) -> None:
    """Whoever else writes to the store, such as an import, is noticed."""
    person = await house.person()
    east = await house.territory("东", person)
    wire = await listening(house, await house.phone(person))
    await asyncio.to_thread(_raise_head, house.settings.home / "saojie.db", scopes.territory(east.id))
    await wire.until(f"data: {scopes.territory(east.id)}\n".encode())
    wire.hang_up()
    await wire.ended()


async def test_a_new_territory_is_told(house: House) -> None:
    """Being put on a roster or taken off it is a reason to sync."""
    person = await house.person()
    east = await house.territory("东")
    wire = await listening(house, await house.phone(person))
    async with house.store.write() as tx:
        await territories.assign(tx, east.id, person.id, house.sources)
    await wire.until(f"data: {scopes.territory(east.id)}\n".encode())
    wire.hang_up()
    await wire.ended()


async def signed_order(house: House) -> str:
    """The one order of the house, as the stream brings it."""
    async with house.store.read() as tx:
        return bytes((await tx.execute(select(wipe_orders.c.signed))).scalar_one()).hex()


async def test_an_order_is_told_and_ends_the_stream(house: House) -> None:
    """From the cut-off's commit to the word it takes a moment; the order itself follows, and the stream is over."""
    phone = await house.phone()
    wire = await listening(house, phone)
    await house.lose(phone)
    await wire.until(b"event: order\ndata: ", 1)
    await wire.ended()
    assert f"event: order\ndata: {await signed_order(house)}\n\n".encode() in wire.body
    assert wire.body.endswith(b"event: bye\ndata: \n\n")
    assert len(house.context.announcer) == 0


async def test_a_departed_device_hears_that_an_order_waits(house: House) -> None:
    """Its stream brings the order and ends; it holds no slot."""
    phone = await house.phone()
    await house.lose(phone)
    wire = Wire(house.app, "GET", "/live", phone.bearer())
    await wire.ended()
    assert wire.body.decode() == f":\n\nevent: order\ndata: {await signed_order(house)}\n\nevent: bye\ndata: \n\n"
    assert len(house.context.announcer) == 0


@pytest.mark.parametrize(("is_suspended", "code"), [(True, "device_suspended"), (False, "awaiting_confirmation")])
async def test_a_device_that_may_hold_nothing_has_no_stream(house: House, is_suspended: bool, code: str) -> None:
    """403 with the reason."""
    phone = await house.phone(confirm=not is_suspended)
    if is_suspended:
        await house.suspend(phone)
    answer = await house.client.get("/live", headers=phone.bearer())
    assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_a_stream_has_to_be_signed_like_any_request(house: House) -> None:
    """401 without, and a proof over an empty body is enough."""
    phone = await house.phone()
    assert (await house.client.get("/live")).json()["code"] == "not_signed_in"
    wire = Wire(house.app, "GET", "/live", phone.proof())
    await wire.until(b":\n\n")
    wire.hang_up()
    await wire.ended()


async def test_a_stream_ends_when_its_time_is_over(house: House) -> None:
    """And asks again, so that whoever lost the right to it loses the stream."""
    settings = replace(house.settings, stream_length=200)
    house.app.state.context = replace(house.context, settings=settings)
    wire = await listening(house, await house.phone())
    await wire.ended(2)
    assert wire.body == b":\n\nevent: bye\ndata: \n\n"
    assert wire.is_whole


async def test_a_phone_that_goes_leaves_nothing_behind(house: House) -> None:
    """Streams are counted, and forgotten when the connection is gone."""
    phone = await house.phone()
    wires = [await listening(house, phone) for _ in range(2)]
    assert len(house.context.announcer) == 2
    for wire in wires:
        wire.hang_up()
        await wire.ended()
    assert len(house.context.announcer) == 0


async def test_a_phone_that_takes_nothing_holds_up_nobody(house: House) -> None:
    """While one network is stuck, another phone hears its word at once."""
    person = await house.person()
    east = await house.territory("东", person)
    stuck, other = await house.phone(person), await house.phone(person)
    stuck_wire, wire = await listening(house, stuck), await listening(house, other)
    stuck_wire.takes.clear()
    made = house.desk.operation(Act.CREATE, "outlet", house.desk.id(), scope=scopes.territory(east.id), name="老张")
    await (await house.phone(person)).sync(made)
    await wire.until(b"event: changed\n")
    for each in (stuck_wire, wire):
        each.hang_up()
        await each.ended()


async def test_streams_are_bounded(house: House) -> None:
    """Beyond what the server holds open: 429, and the phone goes on without."""
    settings = replace(house.settings, streams_at_once=1)
    house.app.state.context = replace(house.context, settings=settings)
    wire = await listening(house, await house.phone())
    answer = await house.client.get("/live", headers=(await house.phone()).bearer())
    assert (answer.status_code, answer.json()["code"]) == (429, "busy")
    wire.hang_up()
    await wire.ended()

"""Handing over, on both stores: from the commit of a cut-off on, no record and no share leaves to the device."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from server.departure.cutoff import offboard
from server.identity.locks import FileLocks
from server.identity.session_locks import SessionLocks
from server.master import people
from server.master.store import Store
from server.routes.handing import AT_ONCE
from sync import frames
from sync.messages import Answer, Standing
from tests.server.routes.conftest import housed
from tests.server.routes.house import House, Phone
from tests.server.routes.wire import Wire


@pytest.fixture
async def house(store: Store, tmp_path: Path) -> AsyncIterator[House]:
    """A deployment on each of the two databases."""
    async with housed(tmp_path / "home", database_url=store.url) as house:
        yield house


async def filled(house: House) -> Phone:
    """A phone whose next answer holds a record and a lease."""
    person = await house.person()
    territory = await house.territory("东", person)
    await house.desk.register(house.desk.manager(), territory.id, "老张烟酒")
    return await house.phone(person)


def asking(house: House, phone: Phone) -> Wire:
    """A sync of the phone, under way."""
    headers = phone.bearer() | {"Content-Type": frames.MEDIA_TYPE}
    return Wire(house.app, "POST", "/sync", headers, frames.write_request(phone.request()))


async def answer_of(wire: Wire) -> Answer:
    """The answer when it is there."""
    await wire.ended()
    assert wire.status == 200
    return frames.read_answer(wire.body)


def impatient(house: House, send_within_s: float) -> None:
    """Let senders give up sooner than in five seconds."""
    locks = FileLocks(house.settings.locks, send_within_s)
    house.app.state.context = replace(house.context, locks=locks)


async def test_an_answer_with_records_leaves_while_nobody_cuts_off(house: House) -> None:
    """The case that the others are held against: record and lease are in it."""
    answer = await answer_of(asking(house, await filled(house)))
    assert answer.head.lease is not None
    assert answer.page is not None
    assert "老张烟酒".encode() in b"".join(row.packed for page in answer.page.scopes for row in page.rows)


async def test_an_answer_that_a_cut_off_overtakes_holds_nothing(house: House, tmp_path: Path) -> None:
    """The answer is made, the cut-off commits, then the answer is handed over: standing and order, nothing else."""
    phone = await filled(house)
    cutting = replace(house.context.exchange.departure, locks=FileLocks(tmp_path / "held already"))
    async with house.context.locks.exclusive([phone.device], 1) as is_alone:
        assert is_alone
        wire = asking(house, phone)
        await given(house)
        await offboard(cutting, UUID(phone.told["staff"]), "resigned")
        assert wire.sent == []
    answer = await answer_of(wire)
    assert (answer.head.standing, answer.head.lease, answer.head.token) == (Standing.DEPARTED, None, None)
    assert len(answer.head.orders) == 1
    assert answer.page is not None
    assert answer.page.scopes == ()
    assert "老张烟酒".encode() not in wire.body


async def given(house: House) -> None:
    """Wait until the server has committed what its answer gives, and is about to hand it over."""
    for _ in range(500):
        async with house.store.read() as tx:
            if (await tx.execute(people.holdings.select())).first() is not None:
                return
        await asyncio.sleep(0.01)
    raise AssertionError("the answer gave nothing")


async def test_a_cut_off_waits_for_an_answer_on_its_way(house: House) -> None:
    """An answer that is being handed over when the cut-off begins arrives whole, and only then the cut-off commits."""
    phone = await filled(house)
    wire = asking(house, phone)
    wire.takes.clear()
    await wire.is_offered.wait()
    losing = asyncio.create_task(house.lose(phone))
    await asyncio.sleep(0.2)
    assert not losing.done()
    wire.takes.set()
    answer = await answer_of(wire)
    assert answer.head.standing is Standing.ACTIVE
    await losing
    assert (await phone.sync()).head.standing is Standing.DEPARTED


async def test_a_network_that_takes_nothing_cannot_hold_up_a_cut_off(house: House) -> None:
    """The sender gives up with the answer and with the lock; the connection is left in the middle."""
    impatient(house, 0.2)
    phone = await filled(house)
    wire = asking(house, phone)
    wire.takes.clear()
    await wire.ended()
    assert not wire.is_whole
    async with house.context.locks.exclusive([phone.device], 0) as is_alone:
        assert is_alone
    assert {"event", "is_begun"} <= house.lines()[-2].keys()


async def test_an_answer_that_gets_no_lock_is_refused_as_passing(house: House) -> None:
    """503 with a time to come back at, where a cut-off takes long."""
    impatient(house, 0.2)
    phone = await filled(house)
    async with house.context.locks.exclusive([phone.device], 1):
        wire = asking(house, phone)
        await wire.ended(8)
    assert wire.status == 503
    assert b'"code":"unavailable"' in wire.body
    assert any(name == b"retry-after" for name, _ in wire.sent[0]["headers"])


async def rich(house: House) -> Phone:
    """A phone whose next answer is as long as answers are, for one that takes much."""
    person = await house.person()
    territory = await house.territory("东", person)
    random = Random(11)
    for at in range(110):
        notes = "".join(chr(random.randrange(0x4E00, 0x9FA5)) for _ in range(4000))
        await house.desk.register(house.desk.manager(), territory.id, f"店{at}", notes=notes)
    return await house.phone(person)


class Narrow(Wire):
    """A network that takes the beginning of an answer and a first piece, and then nothing until it is told to."""

    def __init__(self, house: House, phone: Phone) -> None:
        self.offered = 0
        headers = phone.bearer() | {"Content-Type": frames.MEDIA_TYPE}
        body = frames.write_request(phone.request(limit=1 << 30))
        super().__init__(house.app, "POST", "/sync", headers, body)

    async def _send(self, message: Any) -> None:
        self.offered += 1
        await super()._send(message)
        if len(self.sent) == 2:
            self.takes.clear()

    async def second(self) -> None:
        """Wait until a second piece is being handed over."""
        for _ in range(1000):
            if self.offered == 3:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("there is no second piece")


async def test_a_long_answer_leaves_in_pieces(house: House) -> None:
    """Each as long as one look is good for; together they are the answer."""
    wire = Narrow(house, await rich(house))
    await wire.second()
    wire.takes.set()
    answer = await answer_of(wire)
    pieces = [len(one["body"]) for one in wire.sent[1:]]
    assert len(pieces) > 3
    assert set(pieces[:-1]) == {AT_ONCE}
    assert (wire.is_whole, answer.tail is not None) == (True, True)


async def test_a_cut_off_ends_a_long_answer_at_the_next_piece(house: House, tmp_path: Path) -> None:
    """It commits while a piece is on its way: that one had its look, and no other leaves."""
    phone = await rich(house)
    cutting = replace(house.context.exchange.departure, locks=FileLocks(tmp_path / "held already"))
    wire = Narrow(house, phone)
    await wire.second()
    await offboard(cutting, UUID(phone.told["staff"]), "resigned")
    wire.takes.set()
    await wire.ended()
    assert not wire.is_whole
    assert [len(one["body"]) for one in wire.sent[1:]] == [AT_ONCE, AT_ONCE]
    answer = frames.read_answer(wire.body)
    assert (answer.head.standing, answer.page) == (Standing.ACTIVE, None)


async def handing_over(locks: SessionLocks, phone: Phone) -> None:
    """Wait until an answer to the phone is being handed over: until its lock is not to be had alone."""
    for _ in range(1000):
        async with locks.exclusive([phone.device], 0) as is_alone:
            if not is_alone:
                return
        await asyncio.sleep(0.01)
    raise AssertionError("nothing is handed over")


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
async def test_a_cut_off_on_another_node_waits_for_an_answer_on_its_way(house: House) -> None:
    """It has locks of its own over the same database: the answer here arrives whole, and then the cut-off commits."""
    elsewhere = SessionLocks(house.store.url)
    cutting = replace(house.context.exchange.departure, locks=elsewhere)
    phone = await filled(house)
    wire = asking(house, phone)
    wire.takes.clear()
    await handing_over(elsewhere, phone)
    leaving = asyncio.create_task(offboard(cutting, UUID(phone.told["staff"]), "resigned"))
    await asyncio.sleep(0.2)
    assert not leaving.done()
    wire.takes.set()
    assert (await answer_of(wire)).head.standing is Standing.ACTIVE
    await leaving
    assert (await phone.sync()).head.standing is Standing.DEPARTED
    await elsewhere.close()


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
async def test_an_answer_whose_lock_is_lost_is_given_up_in_the_middle(house: House) -> None:
    """The database ended the session that had it: nothing more is given to the network; the next answer is whole."""
    phone = await filled(house)
    wire = asking(house, phone)
    wire.takes.clear()
    await wire.is_offered.wait()
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'saojie hand-over' AND datname = current_database()"
    )
    async with house.store.write() as tx:
        await tx.execute(ended)
    await wire.ended()
    assert not wire.is_whole
    assert (await phone.sync()).head.standing is Standing.ACTIVE

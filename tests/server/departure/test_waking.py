"""Waking: a departed phone is woken for its order until it carried it out, and never for anything else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from server.departure import waking
from server.departure.cutoff import offboard
from server.live.wake import Woken
from server.master.people import wakes
from sync.errors import Refusal
from sync.statements import ReceiptStage
from tests.server.departure.office import Office, Phone

SERVICE = "https://push.example"


@dataclass
class Recorded:
    """A push service that keeps whom it woke."""

    answer: Woken = Woken.SENT
    woken: list[str] = field(default_factory=list)
    key: str = "key"

    def serves(self, address: str) -> bool:
        """Addresses of one service."""
        return address.startswith(f"{SERVICE}/")

    async def wake(self, address: str, now: int) -> Woken:
        """Keep it."""
        del now
        self.woken.append(address)
        return self.answer


async def _registered(office: Office, phone: Phone, waker: Recorded, address: str = f"{SERVICE}/1") -> None:
    async with office.store.write() as tx:
        await waking.register(tx, phone.id, address, waker, office.clock())


async def test_a_phone_is_woken_for_its_order_until_it_locked(office: Office) -> None:
    """Not before the order, at once after it, then every hour, and no more once the lock receipt is there."""
    waker, phone = Recorded(), await office.enrol(office.wang)
    await _registered(office, phone, waker)
    assert await waking.wake_ordered(office.means, waker) == 0
    departure = await offboard(office.means, office.wang, "left")
    assert await waking.wake_ordered(office.means, waker) == 1
    assert await waking.wake_ordered(office.means, waker) == 0
    office.clock.tick(waking.EVERY_MS)
    assert await waking.wake_ordered(office.means, waker) == 1
    await office.hear(phone, phone.request(receipts=(office.receipt(phone, departure, ReceiptStage.LOCKED),)))
    office.clock.tick(waking.EVERY_MS)
    assert await waking.wake_ordered(office.means, waker) == 0
    assert waker.woken == [f"{SERVICE}/1"] * 2


@dataclass
class Slow(Recorded):
    """A push service that answers nobody before it was asked for so many."""

    wanted: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def wake(self, address: str, now: int) -> Woken:
        """Wait for the others."""
        came = await super().wake(address, now)
        if len(self.woken) == self.wanted:
            self.asked.set()
        await asyncio.wait_for(self.asked.wait(), 10)
        return came


async def test_a_push_service_that_is_slow_holds_up_no_other_phone(office: Office) -> None:
    """All that are due are asked for at the same time."""
    waker = Slow(wanted=3)
    for number in range(3):
        await _registered(office, await office.enrol(office.wang), waker, f"{SERVICE}/{number}")
    await offboard(office.means, office.wang, "left")
    assert await waking.wake_ordered(office.means, waker) == 3


async def test_an_address_that_is_gone_is_asked_once(office: Office) -> None:
    """One that failed is asked again, one that is gone is not; it stays on record."""
    waker, phone = Recorded(Woken.FAILED), await office.enrol(office.wang)
    await _registered(office, phone, waker)
    await offboard(office.means, office.wang, "left")
    assert await waking.wake_ordered(office.means, waker) == 0
    office.clock.tick(waking.EVERY_MS)
    waker.answer = Woken.GONE
    await waking.wake_ordered(office.means, waker)
    office.clock.tick(waking.EVERY_MS)
    await waking.wake_ordered(office.means, waker)
    assert len(waker.woken) == 2
    assert [row["is_gone"] for row in await office.rows(wakes)] == [True]


async def test_several_nodes_wake_a_phone_once(office: Office) -> None:
    """Whoever is first has it, for as long as a phone is not woken again; the others pass it over."""
    waker = Recorded()
    for number in range(5):
        await _registered(office, await office.enrol(office.wang), waker, f"{SERVICE}/{number}")
    await offboard(office.means, office.wang, "left")
    came = await asyncio.gather(*(waking.wake_ordered(office.means, waker) for _ in range(4)))
    assert sum(came) == 5
    assert sorted(waker.woken) == [f"{SERVICE}/{number}" for number in range(5)]


async def test_a_new_address_takes_the_place_of_the_old(office: Office) -> None:
    """And forgetting ends it."""
    waker, phone = Recorded(), await office.enrol(office.wang)
    await _registered(office, phone, waker)
    await _registered(office, phone, waker, f"{SERVICE}/2")
    assert [row["address"] for row in await office.rows(wakes)] == [f"{SERVICE}/2"]
    async with office.store.write() as tx:
        await waking.forget(tx, phone.id)
    assert await office.rows(wakes) == []


@pytest.mark.parametrize("address", ["https://elsewhere.example/1", f"{SERVICE}/" + "1" * 1000, f"{SERVICE}/店"])
async def test_another_services_address_is_refused(office: Office, address: str) -> None:
    """With the reason, and nothing is kept."""
    phone = await office.enrol(office.wang)
    with pytest.raises(Refusal, match="bad_value"):
        await _registered(office, phone, Recorded(), address)
    assert await office.rows(wakes) == []

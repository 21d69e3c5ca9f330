"""Replacing a phone: the old one works until the new one is confirmed, is cut off, and its work goes in by itself."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

import pytest

from server.departure import orders, replace
from server.departure.cutoff import lose_device, offboard
from server.departure.quarantine import REPLACED, accept_own, listed
from server.exchange.means import Means
from server.exchange.replaced import take_in_replaced
from server.identity import devices, territories
from server.identity.enrolment import Issued
from server.identity.terms import LeaseSetting
from server.master.audit import audit
from server.master.departures import wipe_orders
from server.master.store import Store, Tx
from server.master.tables import dead_letters
from server.master.typed import TYPED
from sync.errors import Refusal
from sync.messages import Standing
from sync.statements import ReceiptStage
from tests.server.departure.office import Office, Phone

OUTLETS = TYPED["outlet"]
T = TypeVar("T")


async def begun(office: Office, old: Phone) -> Issued:
    """A code for the phone that replaces `old`."""
    async with office.store.write() as tx:
        return await replace.begin(tx, old.id, office.sources, lifetime=900_000, by=office.li)


async def confirmed(office: Office, issued: Issued) -> Phone:
    """The new phone, enrolled with the code and confirmed by its digits."""
    new = await office.redeem(issued.code.text)
    async with office.store.write() as tx:
        device = await devices.find(tx, new.id)
        assert device is not None
        await devices.confirm(tx, new.id, device.six_digits, office.sources)
    return new


async def replaced(office: Office, *names: str) -> tuple[Phone, Phone]:
    """Wang's old phone with outlets pending, cut off, and the new one."""
    old = await office.enrol(office.wang)
    for name in names:
        old.register(office.east, name)
    new = await confirmed(office, await begun(office, old))
    office.clock.tick()
    await replace.finish(office.means)
    return old, new


async def take_in(office: Office) -> int:
    """What a job of the server does."""

    async def recover() -> None:
        raise AssertionError

    return await take_in_replaced(Means(office.means, recover, LeaseSetting(1000, 1000)))


async def states(office: Office) -> list[str]:
    """What has become of everything that was handed in."""
    async with office.store.read() as tx:
        return [one.state for one in await listed(tx)]


async def test_the_old_phone_works_until_the_new_one_is_confirmed(office: Office) -> None:
    """Neither the code nor an enrolment that nobody has confirmed takes anything away."""
    old = await office.enrol(office.wang)
    issued = await begun(office, old)
    assert await replace.finish(office.means) == []
    await office.redeem(issued.code.text)
    assert await replace.finish(office.means) == []
    assert (await office.device(old)).standing is Standing.ACTIVE
    assert await office.orders(old) == ()


async def test_once_the_new_one_is_confirmed_the_old_one_is_cut_off_once(office: Office) -> None:
    """With an order of its own, in the departures file as well; the person stays, the new phone too."""
    old, new = await replaced(office)
    assert (await office.device(old)).standing is Standing.DEPARTED
    assert (await office.device(new)).standing is Standing.ACTIVE
    assert await replace.finish(office.means) == []
    assert [row["reason"] for row in await office.rows(wipe_orders)] == [REPLACED]
    assert len(office.file.read()) == 1
    kinds = [kind for kind, _ in await office.journal()]
    assert (kinds.count("replacement_begun"), kinds.count("device_replaced")) == (1, 1)


async def test_a_stop_between_confirmation_and_cut_off_is_made_good_by_whoever_looks_next(office: Office) -> None:
    """Whether the machine stopped before the cut-off or right after it."""
    old = await office.enrol(office.wang)
    await confirmed(office, await begun(office, old))
    await lose_device(office.means, old.id, REPLACED)
    (finished,) = await replace.finish(office.means)
    assert finished.devices[0].device == old.id
    assert await replace.finish(office.means) == []
    assert len(await office.rows(wipe_orders)) == 1


class NoPlans(Store):
    """A store in which no row of any plan can be done."""

    async def transact(self, work: Callable[[Tx], Awaitable[T]], *, is_repeatable: bool = False) -> T:
        """Fail for a row of a plan."""
        if isinstance(work, partial) and "handover" in work.keywords:
            raise RuntimeError
        return await super().transact(work, is_repeatable=is_repeatable)


async def test_a_plan_of_somebody_else_that_is_stuck_keeps_no_old_phone_in_use(office: Office) -> None:
    """Two phones are replaced while the plan of a departure cannot go on: both are cut off, and done with."""
    stuck = dataclasses.replace(office.means, store=NoPlans(office.store.url))
    with pytest.raises(RuntimeError):
        await offboard(stuck, office.li, "left")
    olds = [await office.enrol(office.wang) for _ in range(2)]
    for old in olds:
        async with office.store.write() as tx:
            issued = await replace.begin(tx, old.id, office.sources, lifetime=900_000)
        await confirmed(office, issued)
    assert len(await replace.finish(stuck)) == 2
    assert {(await office.device(old)).standing for old in olds} == {Standing.DEPARTED}
    assert await replace.finish(stuck) == []
    await stuck.store.close()


async def test_an_order_that_a_person_closed_lets_nothing_in_unseen(office: Office) -> None:
    """Somebody gave the old phone up, as where it was stolen on the way: what still comes from it is looked at."""
    old, _ = await replaced(office, "老张烟酒")
    async with office.store.write() as tx:
        (order,) = await orders.listed(tx)
        await orders.close(tx, order, "stolen", office.sources)
    await office.hear(old, old.request(sealed=old.sealed()))
    assert await take_in(office) == 0
    assert await states(office) == ["waiting"]


async def test_a_second_code_may_be_made_where_the_first_ran_out(office: Office) -> None:
    """Whichever phone is confirmed first closes the old one; the other code closes nothing more."""
    old = await office.enrol(office.wang)
    await begun(office, old)
    office.clock.tick(900_001)
    await confirmed(office, await begun(office, old))
    assert len(await replace.finish(office.means)) == 1
    assert await replace.finish(office.means) == []


async def test_a_phone_that_is_cut_off_already_is_not_replaced(office: Office) -> None:
    """There is nothing to wait for: the new phone is simply enrolled."""
    old = await office.enrol(office.wang)
    await lose_device(office.means, old.id)
    with pytest.raises(Refusal, match="departed"):
        await begun(office, old)


async def test_what_the_old_phone_hands_in_goes_in_as_its_persons_without_a_manager(office: Office) -> None:
    """Committed and unproved alike, once, under the person's own name."""
    old = await office.enrol(office.wang)
    for name in ("老张烟酒", "福顺超市", "无名店"):
        old.register(office.east, name)
    await office.tell(old, 1)
    office.clock.tick()
    await confirmed(office, await begun(office, old))
    await replace.finish(office.means)
    await office.hear(old, old.request(sealed=old.sealed()))
    async with office.store.read() as tx:
        assert [one.committed for one in await listed(tx)] == [True, False, False]
    assert await take_in(office) == 3
    assert await take_in(office) == 0
    rows = await office.rows(OUTLETS)
    assert {(row["name"], row["registered_by"]) for row in rows} == {
        ("老张烟酒", office.wang), ("福顺超市", office.wang), ("无名店", office.wang),
    }  # fmt: skip
    (told,) = [body for kind, body in await office.journal() if kind == "quarantine_accepted"]
    assert (told["by"], told["because"]) == (None, REPLACED)
    async with office.store.read() as tx:
        assert await audit(tx) == []


async def test_rows_that_come_one_by_one_go_in_in_order(office: Office) -> None:
    """A job may look after each; nothing is applied twice or left."""
    old, _ = await replaced(office, "一", "二", "三")
    for number in (1, 2, 3):
        await office.hear(old, old.request(sealed=old.sealed(number, number)))
        assert await take_in(office) == 1
    assert {row["name"] for row in await office.rows(OUTLETS)} == {"一", "二", "三"}


async def test_when_the_person_has_left_meanwhile_a_manager_decides_as_usual(office: Office) -> None:
    """Replaced yesterday, gone today: what the old phone still hands in is a departed rep's."""
    old, _ = await replaced(office, "老张烟酒")
    await offboard(office.means, office.wang, "left")
    await office.hear(old, old.request(sealed=old.sealed()))
    assert await take_in(office) == 0
    assert await states(office) == ["waiting"]


async def test_a_lost_phone_is_no_replaced_one(office: Office) -> None:
    """Its work waits for a manager, though its person still works here."""
    old = await office.enrol(office.wang)
    old.register(office.east, "老张烟酒")
    await lose_device(office.means, old.id, "lost")
    await office.hear(old, old.request(sealed=old.sealed()))
    assert await take_in(office) == 0
    assert await states(office) == ["waiting"]


async def test_what_cannot_be_opened_waits(office: Office) -> None:
    """A manager sees it as it came."""
    old, _ = await replaced(office, "老张烟酒")
    old.opening_key = office.other_opening_key()
    await office.hear(old, old.request(sealed=old.sealed()))
    assert await take_in(office) == 0
    assert await states(office) == ["unreadable"]


async def test_what_comes_after_the_final_receipt_waits(office: Office) -> None:
    """A phone that said it was wiped and hands something in contradicts itself: that is looked at by a person."""
    old, _ = await replaced(office, "老张烟酒")
    (order,) = (UUID(bytes=bytes(row["id"])) for row in await office.rows(wipe_orders))
    await office.hear(old, old.request(receipts=(old.receipt(order, ReceiptStage.WIPED),)))
    office.clock.tick()
    await office.hear(old, old.request(sealed=old.sealed()))
    assert await take_in(office) == 0
    assert await states(office) == ["waiting"]


async def test_what_the_person_may_no_longer_do_is_a_dead_letter(office: Office) -> None:
    """The rights are those of now, as for a phone in use."""
    old, _ = await replaced(office, "老张烟酒")
    async with office.store.write() as tx:
        await territories.unassign(tx, office.east, office.wang, office.sources)
    await office.hear(old, old.request(sealed=old.sealed()))
    assert await take_in(office) == 1
    assert await office.rows(OUTLETS) == []
    assert len(await office.rows(dead_letters)) == 1


async def test_two_processes_that_look_at_once_cut_off_and_take_in_once(office: Office) -> None:
    """The person's row is the meeting point: one order, and each row applied once."""
    old = await office.enrol(office.wang)
    for name in ("一", "二", "三"):
        old.register(office.east, name)
    await confirmed(office, await begun(office, old))
    await asyncio.gather(replace.finish(office.means), replace.finish(office.means))
    assert len(await office.rows(wipe_orders)) == 1
    await office.hear(old, old.request(sealed=old.sealed()))
    assert sum(await asyncio.gather(take_in(office), take_in(office))) == 3
    assert len(await office.rows(OUTLETS)) == 3
    kinds = [kind for kind, _ in await office.journal()]
    assert (kinds.count("device_replaced"), kinds.count("quarantine_accepted")) == (1, 1)


async def test_who_leaves_between_the_look_and_the_taking_in_is_seen(office: Office) -> None:
    """Whether the person still works here is read again under the lock that a departure takes."""
    old, _ = await replaced(office, "老张烟酒")
    await office.hear(old, old.request(sealed=old.sealed()))
    await offboard(office.means, office.wang, "left")
    async with office.store.write() as tx:
        assert (await accept_own(tx, office.wang, office.means)).items == ()
    assert await states(office) == ["waiting"]

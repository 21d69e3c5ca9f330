"""A departed phone speaks: its own receipts move its order forward, and what comes after the last contradicts it."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import update

from server.departure import orders
from server.departure.cutoff import lose_device, offboard
from server.departure.departures_file import Departure
from server.departure.orders import Order, OrderState
from server.master.audit import audit
from server.master.departures import receipts, wipe_orders
from server.master.people import devices
from sync.cursors import Cursor
from sync.errors import Refusal
from sync.signing import Kind, verified_company
from sync.statements import ReceiptStage
from tests.server.departure.office import Office, Phone

TOLD, LOCKED, DRAINED, WIPED = ReceiptStage


async def gone(office: Office) -> tuple[Phone, Departure]:
    """Wang's phone after Wang has left."""
    phone = await office.enrol(office.wang)
    departure = await offboard(office.means, office.wang, "left")
    office.clock.tick()
    return phone, departure


async def order_of(office: Office, departure: Departure) -> Order:
    """The order of a departure's one device."""
    async with office.store.read() as tx:
        found = await orders.find(tx, departure.devices[0].order)
    assert found is not None
    return found


async def say(office: Office, phone: Phone, departure: Departure, *stages: ReceiptStage) -> tuple[bytes, ...]:
    """Send receipts of these stages in one request, and say which the server has."""
    signed = tuple(office.receipt(phone, departure, stage) for stage in stages)
    return (await office.hear(phone, phone.request(receipts=signed))).receipts


async def test_every_contact_brings_the_order_until_the_last_receipt_and_after(office: Office) -> None:
    """An order stands in front of every answer, however often the phone asks."""
    phone, departure = await gone(office)
    for _ in range(3):
        (signed,) = (await office.hear(phone)).orders
        assert verified_company(signed, Kind.WIPE_ORDER, office.keys.signing_public)
    await say(office, phone, departure, WIPED)
    assert len((await office.hear(phone)).orders) == 1


async def test_a_phone_in_use_has_no_order_and_nothing_of_it_is_kept(office: Office) -> None:
    """Receipts and sealed rows of a phone that has not departed are not heard."""
    phone = await office.enrol(office.wang)
    phone.register(office.east, "老张烟酒")
    heard = await office.hear(phone, phone.request(receipts=(phone.receipt(phone.id, WIPED),), sealed=phone.sealed()))
    assert (heard.orders, heard.receipts, heard.acknowledged) == ((), (), 0)
    assert await office.rows(receipts) == []


@pytest.mark.parametrize("stage", [TOLD, LOCKED, DRAINED, WIPED])
async def test_a_receipt_moves_the_order_and_is_acknowledged(office: Office, stage: ReceiptStage) -> None:
    """Each stage is kept with its time and named back: the order's id and the stage."""
    phone, departure = await gone(office)
    order_id = departure.devices[0].order
    assert await say(office, phone, departure, stage) == (order_id.bytes + stage.encode(),)
    order = await order_of(office, departure)
    assert order.state.value == stage.value
    assert getattr(order, f"{stage}_at") == office.clock()
    assert order.grade(office.clock()) == (1 if stage is TOLD else 2)


@pytest.mark.parametrize("stage", [TOLD, LOCKED, DRAINED, WIPED])
async def test_a_receipt_by_a_key_that_is_kept_in_hardware_is_better_evidence(
    office: Office, stage: ReceiptStage
) -> None:
    """Grade 3 takes both: the attestation of the key, and a receipt of more than being told."""
    phone = await office.enrol(office.wang)
    async with office.store.write() as tx:
        await tx.execute(update(devices).values(attestation="tee"))
    departure = await offboard(office.means, office.wang, "left")
    await say(office, phone, departure, stage)
    assert (await order_of(office, departure)).grade(office.clock()) == (1 if stage is TOLD else 3)


async def test_a_device_in_hand_is_grade_four_with_who_and_how(office: Office) -> None:
    """Whatever the phone said or did not say; the first statement stands, and is in the journal."""
    _, departure = await gone(office)
    order = await order_of(office, departure)
    async with office.store.write() as tx:
        assert await orders.in_hand(tx, order, office.li, "收回", office.sources)
        assert not await orders.in_hand(tx, order, office.li, "又一次", office.sources)
    found = await order_of(office, departure)
    assert (found.grade(office.clock()), found.in_hand_by, found.in_hand_how) == (4, office.li, "收回")
    (told,) = [body for kind, body in await office.journal() if kind == "wipe_in_hand"]
    assert (told["by"], told["how"]) == (office.li.bytes, "收回")


async def test_nobody_who_has_left_has_a_device_in_hand(office: Office) -> None:
    """The leaver's own word is none."""
    _, departure = await gone(office)
    async with office.store.write() as tx:
        with pytest.raises(Refusal, match="departed"):
            await orders.in_hand(tx, await order_of(office, departure), office.wang, "在我这里", office.sources)


async def test_a_late_receipt_never_moves_an_order_back(office: Office) -> None:
    """Receipts arrive in any order; each is kept, and the state is the furthest."""
    phone, departure = await gone(office)
    await say(office, phone, departure, DRAINED)
    at = office.clock()
    office.clock.tick()
    await say(office, phone, departure, TOLD, LOCKED)
    order = await order_of(office, departure)
    assert (order.state, order.drained_at, order.told_at) == (OrderState.DRAINED, at, office.clock())
    assert len(await office.rows(receipts)) == 3


async def test_a_repeated_receipt_is_acknowledged_again_and_kept_once(office: Office) -> None:
    """A phone that missed the acknowledgement sends the same again: nothing changes but the answer."""
    phone, departure = await gone(office)
    first = await say(office, phone, departure, LOCKED)
    before, events = await office.rows(wipe_orders), await office.journal()
    office.clock.tick()
    assert await say(office, phone, departure, LOCKED) == first
    assert await office.rows(wipe_orders) == before
    assert await office.journal() == events


@pytest.mark.parametrize(
    "kind", ["other_key", "other_device", "other_order", "no_order", "altered", "wrong_kind", "junk"]
)
async def test_a_receipt_that_is_not_this_devices_leaves_no_trace(office: Office, kind: str) -> None:
    """Another device's signature, another's order, an altered body: not stored, not acknowledged, nothing moved."""
    phone, departure = await gone(office)
    other = await office.enrol(office.li)
    theirs = await lose_device(office.means, other.id)
    mine, yours = departure.devices[0].order, theirs.devices[0].order
    good = phone.receipt(mine, WIPED)
    forged = {
        "other_key": other.receipt(mine, WIPED, device=phone.id),
        "other_device": other.receipt(mine, WIPED),
        "other_order": phone.receipt(yours, WIPED),
        "no_order": phone.receipt(phone.id, WIPED),
        "altered": msgspec.structs.replace(good, body=good.body.replace(b"wiped", b"WIPED")),
        "wrong_kind": msgspec.structs.replace(good, kind=Kind.LEASE),
        "junk": phone.sign(b"\xc1junk"),
    }[kind]
    heard = await office.hear(phone, phone.request(receipts=(forged,)))
    assert heard.receipts == ()
    assert await office.rows(receipts) == []
    assert {row["state"] for row in await office.rows(wipe_orders)} == {"ordered"}


async def test_one_forged_receipt_does_not_keep_a_good_one_out(office: Office) -> None:
    """Receipts of one request are judged one by one."""
    phone, departure = await gone(office)
    other = await office.enrol(office.li)
    order = departure.devices[0].order
    both = (other.receipt(order, WIPED, device=phone.id), phone.receipt(order, LOCKED))
    heard = await office.hear(phone, phone.request(receipts=both))
    assert heard.receipts == (order.bytes + b"locked",)
    assert (await order_of(office, departure)).state is OrderState.LOCKED


@pytest.mark.parametrize("kind", ["asks", "operations", "sealed", "silence", "reboot"])
async def test_anything_that_is_heard_after_the_last_receipt_contradicts_it(office: Office, kind: str) -> None:
    """A phone that said it was wiped and then asks, hands in or just calls again was not, or has a copy."""
    phone, departure = await gone(office)
    phone.register(office.east, "老张烟酒")
    await say(office, phone, departure, WIPED)
    office.clock.tick()
    if kind == "reboot":
        phone.boot = "boot-2"
    final = office.receipt(phone, departure, WIPED)
    request = {
        "asks": phone.request(receipts=(final,), cursors={"company": Cursor(3, b"12345678")}),
        "operations": phone.request(outbox=phone.told(), operations=tuple(phone.bodies)),
        "sealed": phone.request(receipts=(final,), sealed=phone.sealed()),
        "silence": phone.request(),
        "reboot": phone.request(),
    }[kind]
    await office.hear(phone, request)
    order = await order_of(office, departure)
    assert (order.contradicted_at, order.state) == (office.clock(), OrderState.WIPED)
    at = office.clock()
    office.clock.tick()
    await office.hear(phone)
    assert (await order_of(office, departure)).contradicted_at == at
    assert [kind for kind, _ in await office.journal()].count("wipe_contradicted") == 1


async def test_saying_the_same_again_is_no_contradiction(office: Office) -> None:
    """The last receipt is sent until it is acknowledged; an answer that was lost accuses nobody."""
    phone, departure = await gone(office)
    await say(office, phone, departure, WIPED)
    office.clock.tick()
    phone.boot = "boot-2"
    await say(office, phone, departure, LOCKED, WIPED)
    assert (await order_of(office, departure)).contradicted_at is None


async def test_a_message_that_is_older_than_the_last_receipt_is_no_contradiction(office: Office) -> None:
    """What the network held up proves nothing: the phone's own clock shows that it was sent before."""
    phone, departure = await gone(office)
    early = phone.request(cursors={"company": Cursor(3, b"12345678")})
    office.clock.tick()
    await say(office, phone, departure, WIPED)
    await office.hear(phone, early)
    assert (await order_of(office, departure)).contradicted_at is None


async def test_an_order_is_open_until_the_last_receipt_or_a_reason(office: Office) -> None:
    """Nothing goes from the list: it is open, done, closed with a reason, or open again when it is contradicted."""
    phone, departure = await gone(office)
    order_id = departure.devices[0].order
    async with office.store.write() as tx:
        assert [one.id for one in await orders.listed(tx, open_only=True)] == [order_id]
    await say(office, phone, departure, WIPED)
    async with office.store.write() as tx:
        assert await orders.listed(tx, open_only=True) == []
        assert [one.id for one in await orders.listed(tx)] == [order_id]
    office.clock.tick()
    await office.hear(phone)
    order = await order_of(office, departure)
    async with office.store.write() as tx:
        assert [one.id for one in await orders.listed(tx, open_only=True)] == [order_id]
        assert await orders.close(tx, order, "phone in the safe", office.sources)
        assert await orders.listed(tx, open_only=True) == []
        assert not await orders.close(tx, order, "again", office.sources)


async def test_a_closed_order_still_goes_out(office: Office) -> None:
    """Closing ends the chase, not the order: a phone that turns up a year later is told."""
    phone, departure = await gone(office)
    async with office.store.write() as tx:
        await orders.close(tx, await order_of(office, departure), "phone was burnt", office.sources)
    office.clock.tick(365 * 24 * 3_600_000)
    assert len((await office.hear(phone)).orders) == 1
    await say(office, phone, departure, LOCKED)
    order = await order_of(office, departure)
    assert (order.state, order.closed_reason) == (OrderState.LOCKED, "phone was burnt")


async def test_the_list_says_when_a_departed_phone_was_heard_last(office: Office) -> None:
    """Whoever chases a phone sees whether it has been there since."""
    phone, departure = await gone(office)
    assert (await order_of(office, departure)).last_contact is None
    await office.hear(phone)
    assert (await order_of(office, departure)).last_contact == office.clock()


async def test_closing_takes_a_reason(office: Office) -> None:
    """Nobody closes an order without saying why."""
    _, departure = await gone(office)
    order = await order_of(office, departure)
    async with office.store.write() as tx:
        with pytest.raises(Refusal):
            await orders.close(tx, order, "  ", office.sources)


async def test_a_lease_that_ran_out_is_evidence_by_the_servers_clock(office: Office) -> None:
    """Before the lease ends an order alone proves nothing; after it the phone has locked itself."""
    _, departure = await gone(office)
    order = msgspec.structs.replace(await order_of(office, departure), locks_at=office.clock() + 1000)
    assert [order.grade(office.clock() + ms) for ms in (0, 999, 1000)] == [0, 0, 1]


async def test_what_a_departed_phone_says_is_in_the_journal(office: Office) -> None:
    """Each new receipt stands in its person's chain, and the chain holds."""
    phone, departure = await gone(office)
    await say(office, phone, departure, TOLD, LOCKED)
    stages = [body["stage"] for kind, body in await office.journal() if kind == "wipe_receipt"]
    assert stages == ["told", "locked"]
    async with office.store.read() as tx:
        assert await audit(tx) == []

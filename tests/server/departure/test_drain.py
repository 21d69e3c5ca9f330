"""The drain: everything that was pending arrives, once, whole, and marked by what had been told before the order."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import insert

from server.departure.cutoff import lose_device, offboard
from server.departure.quarantine import listed
from server.master.departures import quarantine
from server.master.people import outboxes
from server.master.tables import operations
from sync.codec import decode
from sync.messages import Sealed, SealedRow
from sync.operations import Operation
from tests.server.departure.office import Office, Phone


async def pending(office: Office, count: int, told: int = 0) -> Phone:
    """Wang's phone with operations pending, of which the server was told up to `told`; then Wang leaves."""
    phone = await office.enrol(office.wang)
    for number in range(1, count + 1):
        phone.register(office.east, f"店 {number}")
    if told:
        await office.tell(phone, told)
    office.clock.tick()
    await offboard(office.means, office.wang, "left")
    office.clock.tick()
    return phone


async def held(office: Office) -> list[dict[str, Any]]:
    """What is in quarantine, by number."""
    return sorted(await office.rows(quarantine), key=lambda row: (row["outbox"], row["number"]))


async def test_what_was_pending_arrives_readable_and_the_number_moves(office: Office) -> None:
    """Sealed rows are opened with the company's key and kept in the same transaction as the number."""
    phone = await pending(office, 30)
    heard = await office.hear(phone, phone.request(sealed=phone.sealed()))
    assert (heard.acknowledged, heard.hash) == (30, phone.hashes()[30])
    rows = await held(office)
    assert [row["body"] for row in rows] == phone.bodies
    assert {row["state"] for row in rows} == {"waiting"}
    assert {(UUID(bytes=row["staff"]), UUID(bytes=row["device"])) for row in rows} == {(office.wang, phone.id)}
    (box,) = await office.rows(outboxes)
    assert (box["acknowledged"], box["hash"]) == (30, phone.hashes()[30])


async def test_a_phone_that_has_not_heard_yet_loses_nothing_of_its_first_request(office: Office) -> None:
    """Operations of an ordinary request from a departed phone are kept at once: it may never come back."""
    phone = await pending(office, 5)
    heard = await office.hear(phone, phone.request(outbox=phone.told(), operations=tuple(phone.bodies)))
    assert heard.acknowledged == 5
    assert [row["body"] for row in await held(office)] == phone.bodies


async def test_rows_come_in_parts_and_again_and_are_kept_once(office: Office) -> None:
    """Any cut of the outbox into requests, with repeats, gives the same quarantine."""
    phone = await pending(office, 12)
    parts = [(1, 4), (1, 4), (3, 7), (8, 12), (12, 12), (1, 12)]
    heard = [await office.hear(phone, phone.request(sealed=phone.sealed(*part))) for part in parts]
    assert heard[-1].acknowledged == 12
    assert [row["body"] for row in await held(office)] == phone.bodies
    assert [kind for kind, _ in await office.journal()].count("handed_in") == 3


async def test_an_empty_hand_in_says_how_far_it_got(office: Office) -> None:
    """A phone that lost the answer asks again and hears the number."""
    phone = await pending(office, 3)
    await office.hear(phone, phone.request(sealed=phone.sealed(1, 2)))
    heard = await office.hear(phone, phone.request(sealed=msgspec.structs.replace(phone.sealed(), rows=())))
    assert (heard.acknowledged, heard.hash) == (2, phone.hashes()[2])


async def test_what_took_effect_before_is_not_kept_again(office: Office) -> None:
    """Operations that the store knows are passed over, and the number moves past them."""
    phone = await pending(office, 4)
    done = decode(phone.bodies[1], Operation)
    row = {"operation": done.id.bytes, "origin": phone.outbox, "number": 2, "at": 1, "outcome": b""}
    async with office.store.write() as tx:
        await tx.execute(insert(operations).values(row))
    heard = await office.hear(phone, phone.request(sealed=phone.sealed()))
    assert heard.acknowledged == 4
    assert [row["number"] for row in await held(office)] == [1, 3, 4]


async def test_what_had_been_told_before_the_order_is_committed(office: Office) -> None:
    """The running hash that was told vouches for everything up to it; what came later is the phone's word."""
    phone = await pending(office, 10, told=6)
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    assert [row["committed"] for row in await held(office)] == [True] * 6 + [False] * 4


async def test_parts_are_committed_once_the_telling_can_be_checked(office: Office) -> None:
    """The proof runs backwards from the row that was told; until that row has come nothing is claimed."""
    phone = await pending(office, 10, told=6)
    await office.hear(phone, phone.request(sealed=phone.sealed(1, 4)))
    assert [row["committed"] for row in await held(office)] == [False] * 4
    await office.hear(phone, phone.request(sealed=phone.sealed(5, 10)))
    assert [row["committed"] for row in await held(office)] == [True] * 6 + [False] * 4


async def test_the_proof_reaches_back_to_what_was_acknowledged(office: Office) -> None:
    """The first pending row follows from the hash at the acknowledged number."""
    phone = await office.enrol(office.wang)
    for number in range(8):
        phone.register(office.east, f"店 {number}")
    await office.tell(phone, 6, acknowledged=3)
    office.clock.tick()
    await offboard(office.means, office.wang, "left")
    await office.hear(phone, phone.request(sealed=phone.sealed(4)))
    assert [(row["number"], row["committed"]) for row in await held(office)] == [
        (4, True),
        (5, True),
        (6, True),
        (7, False),
        (8, False),
    ]


async def test_what_was_told_after_the_order_proves_nothing(office: Office) -> None:
    """A telling counts only if it came before the order."""
    phone = await office.enrol(office.wang)
    phone.register(office.east, "老张烟酒")
    await offboard(office.means, office.wang, "left")
    office.clock.tick()
    await office.tell(phone, 1)
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    assert [row["committed"] for row in await held(office)] == [False]


async def test_work_that_was_changed_after_it_was_told_is_unproved(office: Office) -> None:
    """Somebody who rewrites an operation that had been told cannot keep its hash: it is kept, and not vouched for."""
    phone = await pending(office, 6, told=6)
    honest = phone.sealed()
    phone.bodies[2] = phone.bodies[2].replace("店 3".encode(), "假 3".encode())
    rewritten = phone.sealed()
    mixed = list(honest.rows)
    mixed[2] = SealedRow(3, honest.rows[2].hash, rewritten.rows[2].body)
    await office.hear(phone, phone.request(sealed=msgspec.structs.replace(honest, rows=tuple(mixed))))
    rows = await held(office)
    assert [row["committed"] for row in rows] == [False, False, False, True, True, True]
    assert "假 3".encode() in rows[2]["body"]


@pytest.mark.parametrize("kind", ["key", "key_for_others", "body", "number", "short", "empty"])
async def test_a_row_that_cannot_be_opened_is_kept_whole(office: Office, kind: str) -> None:
    """What cannot be read today is kept as it came, with its key, and does not stand in the way of the rest."""
    phone = await pending(office, 3)
    sealed = phone.sealed()
    if kind == "key":
        damaged = msgspec.structs.replace(sealed, key=sealed.key[:-1] + bytes([sealed.key[-1] ^ 1]))
    elif kind == "key_for_others":
        phone.opening_key = office.other_opening_key()
        damaged = phone.sealed()
    else:
        second = sealed.rows[1]
        bodies = {"body": second.body[:-1] + b"\x00", "number": sealed.rows[0].body, "short": b"abc", "empty": b""}
        rows = (sealed.rows[0], msgspec.structs.replace(second, body=bodies[kind]), sealed.rows[2])
        damaged = msgspec.structs.replace(sealed, rows=rows)
    heard = await office.hear(phone, phone.request(sealed=damaged))
    assert heard.acknowledged == 3
    bad = {1, 2, 3} if kind.startswith("key") else {2}
    for item in await held(office):
        number = item["number"]
        assert item["state"] == ("unreadable" if number in bad else "waiting")
        if number in bad:
            assert decode(item["body"], Sealed) == msgspec.structs.replace(damaged, rows=(damaged.rows[number - 1],))
        else:
            assert item["body"] == phone.bodies[number - 1]


async def test_an_operation_that_cannot_be_decoded_is_kept_as_it_came(office: Office) -> None:
    """Bytes that open but are no operation wait in quarantine like any other."""
    phone = await pending(office, 2)
    phone.bodies[0] = b"\xc1 not an operation"
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    rows = await held(office)
    assert (rows[0]["body"], rows[0]["state"]) == (b"\xc1 not an operation", "waiting")


async def test_a_copy_of_the_phone_loses_nothing_either(office: Office) -> None:
    """A phone that was restored from a backup and worked on has other rows under the same numbers: all are kept."""
    phone = await pending(office, 6)
    copy = Phone(phone.id, phone.staff, phone.key, phone.opening_key, phone.clock, random.Random(7), phone.outbox)
    copy.bodies = phone.bodies[:3]
    for number in range(3):
        copy.register(office.east, f"副本 {number}")
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    for _ in range(2):
        heard = await office.hear(copy, copy.request(sealed=copy.sealed()))
        assert heard.acknowledged == 6
    rows = await held(office)
    assert sorted(row["body"] for row in rows) == sorted({*phone.bodies, *copy.bodies})
    assert {row["outbox"] for row in rows if row["body"] in phone.bodies} == {phone.outbox}


async def test_another_devices_outbox_is_not_touched(office: Office) -> None:
    """A phone that names a colleague's outbox moves nothing there; what it hands in is kept as its own."""
    phone = await pending(office, 2)
    colleague = await office.enrol(office.li)
    colleague.register(office.west, "别人的店")
    await office.tell(colleague, 1)
    phone.outbox = colleague.outbox
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    boxes = {row["id"]: row for row in await office.rows(outboxes)}
    assert boxes[colleague.outbox]["acknowledged"] == 0
    assert {row["outbox"] for row in await held(office)}.isdisjoint({colleague.outbox})
    assert len(await held(office)) == 2


@pytest.mark.parametrize("number", [0, -1, 1 << 60])
async def test_a_number_that_cannot_be_is_passed_over(office: Office, number: int) -> None:
    """Nonsense in a header is no error of the server's and moves nothing."""
    phone = await pending(office, 1)
    sealed = phone.sealed()
    odd = msgspec.structs.replace(sealed, rows=(msgspec.structs.replace(sealed.rows[0], number=number),))
    assert (await office.hear(phone, phone.request(sealed=odd))).acknowledged == 0
    assert await held(office) == []


@pytest.mark.parametrize("outbox", [b"", b"short", bytes(17)])
async def test_an_outbox_without_a_proper_id_is_not_heard(office: Office, outbox: bytes) -> None:
    """An id has 16 bytes."""
    phone = await pending(office, 1)
    phone.outbox = outbox or b"\x00"
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    assert await held(office) == []


async def test_times_are_bounds_that_the_contacts_prove(office: Office) -> None:
    """After a reboot an operation lies between the last contact before it and now."""
    phone = await office.enrol(office.wang)
    phone.register(office.east, "甲")
    await office.tell(phone, 1)
    told_at = office.clock()
    office.clock.tick(60_000)
    phone.register(office.east, "乙")
    phone.boot = "boot-2"
    office.clock.tick(60_000)
    await lose_device(office.means, phone.id)
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    async with office.store.read() as tx:
        items = await listed(tx)
    enrolled_at = (await office.device(phone)).enrolled_at
    assert [(one.bounds.earliest, one.bounds.latest) for one in items] == [
        (enrolled_at, office.clock()),
        (told_at, office.clock()),
    ]

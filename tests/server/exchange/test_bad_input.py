"""Whatever an enrolled device sends is refused with a code or kept as a dead letter, and reaches nobody but itself.

Every choice comes from a seed, so a failing case is repeated by its name.
"""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest
from sqlalchemy import Table, func, select

from server.exchange.serve import Reply, serve
from server.identity import devices as device_rows
from server.master import people
from server.master.arrangements import helps, lease_terms, replacements, trips
from server.master.audit import audit
from server.master.departures import handovers, quarantine, receipts, wipe_orders
from server.master.tables import (
    dead_letters,
    feed,
    journal,
    journal_bodies,
    listed,
    meta,
    operations,
    records,
    scopes,
)
from server.master.typed import TYPED
from sync import frames
from sync.errors import Refusal
from sync.jsonform import answer_to_json, request_from_json
from sync.messages import Standing
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.scopes import COMPANY, staff, teasers
from tests.server.exchange.conftest import HOUR, Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.vandal import MOST, Vandal
from tests.server.exchange.ways import boss, contact, outlets, sealed_of

SEEDS = pytest.mark.parametrize("seed", range(4))
FIXED = (
    people.staff, people.territories, people.pools, people.rosters, people.enrolments, wipe_orders, receipts,
    quarantine, handovers, listed, meta, lease_terms, trips, helps, replacements,
)  # fmt: skip
GROWING = (journal, journal_bodies, operations)
DEVICE = ("id", "staff", "enrolment", "public_key", "model", "standing", "enrolled_at", "confirmed_at", "lease_share")

Picture = dict[str, set[tuple[Any, ...]]]


async def picture(company: Company, mine: set[str]) -> Picture:
    """All that a device must not change: what only rooms above write, and every scope but `mine`."""
    async with company.desk.store.read() as tx:
        numbers = {row.no for row in await tx.execute(select(scopes.c.no, scopes.c.name)) if row.name not in mine}

        async def rows(table: Table, *names: str) -> set[tuple[Any, ...]]:
            columns = [table.c[name] for name in names] or list(table.c)
            wanted = select(*columns)
            if "scope" in table.c and table not in GROWING:
                wanted = wanted.where(table.c.scope.in_(numbers))
            return {tuple(repr(value) for value in row) for row in await tx.execute(wanted)}

        found = {table.name: await rows(table) for table in (*FIXED, *GROWING, feed, records, *TYPED.values())}
        found["scopes"] = {one for one in await rows(scopes) if int(one[0]) in numbers}
        found["devices"] = await rows(people.devices, *DEVICE)
        return found


def untouched(before: Picture, after: Picture) -> bool:
    """Whether nothing of it changed but that the journal and the outcomes grew."""
    growing = {table.name for table in GROWING}
    return all(after[name] >= rows if name in growing else after[name] == rows for name, rows in before.items())


async def sound(company: Company) -> None:
    """The store agrees with itself."""
    async with company.desk.store.read() as tx:
        assert await audit(tx) == []


async def letters(company: Company) -> list[bytes]:
    """The bodies of all dead letters, in the order in which they came."""
    async with company.desk.store.read() as tx:
        rows = await tx.execute(select(dead_letters.c.body).order_by(dead_letters.c.number))
        return [bytes(one) for one in rows.scalars()]


def can_be_written(reply: Reply) -> bool:
    """Whether an answer goes through both forms."""
    compact = frames.read_answer(frames.write_answer(reply.head, reply.page, reply.tail))
    return compact.tail is not None and bool(answer_to_json(reply.head, reply.page, reply.tail))


async def scene(company: Company, seed: int) -> tuple[Phone, Vandal, Picture]:
    """A rep's phone in the east, a world that is mostly not his, and what must stay as it is."""
    (shop,), (hidden,) = await outlets(company, company.east, 1), await outlets(company, company.west, 1)
    known = [*await contact(company, shop), *await contact(company, hidden), shop, shop, hidden]
    phone = await company.phone(company.wang)
    await phone.sync()
    people_ = [company.wang, company.li, company.boss, phone.device, company.east, company.west, company.pool]
    places = [
        company.east_scope, company.east_scope, company.east_private, company.west_scope, company.pool_scope, COMPANY,
        staff(company.wang), staff(company.li), teasers(company.pool), "territory/\x00", "nowhere",
    ]  # fmt: skip
    before = await picture(company, {company.east_scope, company.east_private, staff(company.wang)})
    return phone, Vandal(Random(seed), phone, [*known, *people_], places), before


async def check(company: Company, phone: Phone, before: Picture) -> None:
    """Nothing beyond the phone's own part has changed, the store is sound, and the phone has all of it."""
    assert untouched(before, await picture(company, {company.east_scope, company.east_private, staff(company.wang)}))
    await sound(company)
    assert phone.agrees(await phone.sync())
    for scope in phone.rows:
        assert phone.records(scope) is not None


@SEEDS
async def test_any_operation_has_an_outcome_and_a_refused_one_is_kept_whole(company: Company, seed: int) -> None:
    """Truncated, of wrong types, with unknown fields and collections, on others' records, from clocks years off."""
    phone, vandal, before = await scene(company, seed)
    refused: list[bytes] = []
    for _ in range(6):
        phone.bodies += [vandal.body() for _ in range(50)]
        sent = phone.bodies[phone.acknowledged :]
        first = phone.acknowledged
        reply = await phone.ask()
        assert can_be_written(reply)
        assert [one.number for one in reply.head.outcomes] == list(range(first + 1, first + 51))
        refused += [
            body
            for body, one in zip(sent, reply.head.outcomes, strict=True)
            if one.code is OutcomeCode.REFUSED and one.reason
        ]
        assert reply.head.acknowledged == first + 50
        phone.take(reply)
        company.desk.now += HOUR
    assert await letters(company) == refused
    assert len(refused) > 150
    await check(company, phone, before)


@SEEDS
async def test_a_replay_changes_nothing(company: Company, seed: int) -> None:
    """The same request again, or an old one after new ones: no row is written that was not there."""
    phone, vandal, first = await scene(company, seed)
    requests = []
    for _ in range(3):
        phone.bodies += [vandal.body() for _ in range(20)]
        requests.append(phone.request())
        phone.take(await serve(company.means, phone.device, requests[-1]))
    before = await picture(company, set())
    for request in (requests[2], requests[1], requests[2], requests[0]):
        reply = await serve(company.means, phone.device, request)
        assert reply.head.standing is Standing.ACTIVE
    assert await picture(company, set()) == before
    await check(company, phone, first)


@SEEDS
async def test_any_request_that_can_be_read_is_answered(company: Company, seed: int) -> None:
    """Cursors, sums, wants, receipts and sealed rows of any kind: an answer, and nothing of others in it."""
    phone, vandal, before = await scene(company, seed)
    mine = {COMPANY, company.east_scope, company.east_private, staff(company.wang), teasers(company.pool)}
    for _ in range(25):
        phone.bodies += [vandal.body() for _ in range(2)]
        reply = await serve(company.means, phone.device, vandal.request())
        assert can_be_written(reply)
        page = reply.page
        given = [one.scope for part in (page.scopes, page.indexes, page.mended) for one in part]
        assert set(given) <= mine
        assert reply.head.epoch == phone.epoch
        company.desk.now += HOUR
        if reply.head.standing is Standing.SUSPENDED:
            async with company.desk.store.write() as tx:
                await device_rows.resume(tx, phone.device, company.means.departure.sources)
    phone.outbox, phone.bodies, phone.acknowledged = phone.random.randbytes(16), [], 0
    await check(company, phone, before)


@SEEDS
async def test_any_body_is_a_request_or_is_refused_with_a_code(company: Company, seed: int) -> None:
    """Cut off, spoilt, swollen or of another kind, compact or JSON: read, or refused before any store is asked."""
    phone, vandal, before = await scene(company, seed)
    phone.bodies += [vandal.body() for _ in range(3)]
    compact = frames.write_request(phone.request())
    named = (
        b'{"protocol":1,"schema":1,"epoch":"","moment":{"boot":"","elapsed":0,"claimed":0},'
        b'"operations":[{"id":1},[],"x",null,{"act":"create"}],"cursors":{"company":{"version":1}}}'
    )
    read = 0
    for _ in range(150):
        for body, is_compact in ((compact, True), (named, False)):
            at = vandal.random.randrange(len(body))
            spoilt = vandal.random.choice(
                [body[:at], body[:at] + vandal.random.randbytes(2) + body[at + 2 :], body + body, body[at:], body]
            )
            try:
                request = frames.read_request(spoilt) if is_compact else request_from_json(spoilt)
            except (frames.FrameError, Refusal):
                continue
            read += 1
            if read % 10 == 0:
                assert can_be_written(await serve(company.means, phone.device, request))
    assert read > 20
    phone.outbox, phone.bodies, phone.acknowledged = phone.random.randbytes(16), [], 0
    await check(company, phone, before)


async def test_a_managers_device_changes_nobody_and_no_other_territory_either(company: Company) -> None:
    """Its word is final in its own places, and reaches no further."""
    _, vandal, _ = await scene(company, 9)
    mine = {company.east_scope, company.east_private, staff(company.boss), COMPANY, company.pool_scope}
    chief = await company.phone(company.boss)
    await chief.sync()
    vandal.phone = chief
    before = await picture(company, mine)
    for _ in range(4):
        chief.bodies += [vandal.body() for _ in range(50)]
        chief.take(await chief.ask())
    assert untouched(before, await picture(company, mine))
    await sound(company)
    assert chief.agrees(await chief.sync())


async def test_work_of_an_hour_of_madness_costs_one_transaction_each(company: Company) -> None:
    """Five hundred operations that are all refused go through at once; none is halved out one by one."""
    phone, vandal, before = await scene(company, 5)
    (shop,) = [
        one for one in phone.records(company.east_scope).values() if one.id in vandal.ids and hasattr(one, "grade")
    ]
    for _ in range(500):
        phone.log(Act.EDIT, "outlet", shop.id, base=1, notes="\x00")
    reply = await phone.ask()
    assert {one.reason for one in reply.head.outcomes} == {"bad_value"}
    async with company.desk.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(dead_letters))).scalar_one() == 500
    phone.take(reply)
    await check(company, phone, before)


async def test_rows_that_are_sealed_wrongly_are_kept_or_ignored(company: Company) -> None:
    """Numbers from nowhere, keys that open nothing, an outbox that is somebody else's."""
    phone, vandal, before = await scene(company, 6)
    phone.bodies = [vandal.body() for _ in range(30)]
    company_key = company.means.departure.keys.opening_public
    whole = sealed_of(phone, company_key)
    chief = await company.phone(company.boss)
    chief.log(Act.CREATE, "visit", chief.id(), outlet=vandal.ids[0])
    await chief.sync()
    before = await picture(company, {company.east_scope, company.east_private, staff(company.wang)})
    foreign = msgspec.structs.replace(whole, outbox=chief.outbox)
    keyless = msgspec.structs.replace(whole, outbox=b"one more outbox!", key=b"\x00" * 80)
    mixed = tuple(msgspec.structs.replace(one, number=MOST - one.number) for one in whole.rows)
    for sealed in (whole, foreign, keyless, msgspec.structs.replace(whole, outbox=b"a third outbox!!", rows=mixed)):
        reply = await phone.ask(outbox=None, operations=(), sealed=sealed)
        assert can_be_written(reply)
        assert reply.head.standing is Standing.ACTIVE
    phone.outbox, phone.bodies, phone.acknowledged = phone.random.randbytes(16), [], 0
    await check(company, phone, before)


async def test_nobody_learns_by_asking_whether_something_is_there(company: Company) -> None:
    """What is elsewhere and what is nowhere are refused in the same words, by edits and by references."""
    (hidden,) = await outlets(company, company.west, 1)
    person, private = await contact(company, hidden)
    (shop,) = await outlets(company, company.east, 1)
    phone = await company.phone(company.wang)
    await phone.sync()
    told = []
    for nowhere in (False, True):
        one, other, part = [phone.id() for _ in range(3)] if nowhere else [hidden, person, private]
        first = len(phone.bodies)
        phone.log(Act.EDIT, "outlet", one, base=1, notes="x")
        phone.log(Act.EDIT, "contact", other, base=1, notes="x")
        phone.log(Act.EDIT, "contact_private", part, base=1, notes="x")
        phone.log(Act.CREATE, "visit", phone.id(), outlet=one)
        phone.log(Act.CREATE, "visit", phone.id(), outlet=shop, amends=one)
        phone.log(Act.CREATE, "contact_private", phone.id(), outlet=shop, contact=other)
        phone.log(Act.CREATE, "photo", phone.id(), outlet=shop, of=one, digest="0" * 64, size=1)
        phone.log(Act.MOVE, "outlet", one, base=1, scope=company.east_scope)
        phone.log(Act.REMOVE, "outlet", one, base=1)
        reply = await phone.ask()
        named = {str(one): "1", str(other): "2", str(part): "3"}
        for outcome in reply.head.outcomes[first - phone.acknowledged :]:
            detail = outcome.detail
            for id_, letter in named.items():
                detail = detail.replace(id_, letter)
            told.append((outcome.code, outcome.reason, detail, outcome.revision, outcome.lost))
        phone.take(reply)
    assert told[:9] == told[9:]
    await company.desk.submit(boss(company), company.desk.operation(Act.REMOVE, "outlet", hidden))
    phone.log(Act.EDIT, "outlet", hidden, base=1, notes="x")
    assert (await phone.ask()).head.outcomes[0].reason == "record_unknown"

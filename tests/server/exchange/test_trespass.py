"""Nothing that a device can send changes staff, devices, rosters, leases, orders, the journal or another territory.

Every collection, act, scope and field, with right values, so that what stops an operation is its sender's rights and
nothing else; and the whole store, every table row by row, before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server.departure.cutoff import lose_device
from server.field.arrivals import look
from sync.codec import encode
from sync.cursors import Cursor
from sync.operations import Act, Operation
from sync.outbox import Told
from sync.outcomes import Outcome, OutcomeCode
from sync.records import COLLECTIONS, Collection, Home
from sync.rules import Merge, Writer
from sync.scopes import COMPANY, staff, teasers
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import sealed_of
from tests.server.exchange.world import World, change_of, populated, required
from tests.server.trespass import ACTIVE, AFTER_AN_ORDER, reach_of, trespasses
from tests.server.whole import Picture, whole

PROTECTED = (
    "staff", "devices", "territories", "pools", "rosters", "enrolments", "wipe_orders", "receipts", "quarantine",
    "handovers", "journal", "journal_bodies", "scopes", "meta", "outboxes", "holdings", "tellings", "operations",
    "inbox", "lease", "leases", "checkpoints", "agreements", "sqlite_master", "pg_catalog.pg_authid", "",
)  # fmt: skip
"""Names of what no operation can name: tables, and what might be taken for one."""
NAMES_OF_SERVER = (
    "id",
    "scope",
    "revision",
    "version",
    "standing",
    "role",
    "private",
    "status",
    "lease_share",
    "staff",
)
Fields = Mapping[str, Any]
NONE: Fields = {}


async def seen(company: Company) -> Picture:
    """The whole store."""
    return await whole(company.desk.store)


def writable(company: Company, person: UUID) -> set[str]:
    """The scopes that the rep in the east may write in."""
    return {company.east_scope, company.east_private, staff(person)}


async def untouched(company: Company, phone: Phone, before: Picture, person: UUID, *also: str) -> None:
    """Nothing is as it was not, but what the server itself notes about this device and its own work, once its rules
    have looked at it.
    """
    await look(company.desk.store, phone.means.rules)
    after = await seen(company)
    reach = reach_of(after, phone.device, writable(company, person) | set(also))
    assert trespasses(before, after, reach, ACTIVE) == []


async def answers(phone: Phone, operations: list[Operation]) -> list[Outcome]:
    """Hand operations in, as many as a request carries at a time, and what came of each."""
    found: list[Outcome] = []
    for at in range(0, len(operations), 400):
        phone.bodies += map(encode, operations[at : at + 400])
        reply = await phone.ask()
        found += reply.head.outcomes
        phone.take(reply)
    return found


async def scene(company: Company) -> tuple[World, Phone, Picture]:
    """A populated world, a rep's phone that has synced, and how the store is then."""
    world = await populated(company)
    other = await company.phone(company.li)
    await other.sync()
    other.log(Act.CREATE, "visit", other.id(), outlet=world.foreign["outlet"])
    await other.sync()
    phone = await company.phone(company.wang)
    await phone.sync()
    return world, phone, await seen(company)


class Maker:
    """Operations of one phone."""

    def __init__(self, world: World, phone: Phone) -> None:
        self.world, self.phone, self.random = world, phone, Random(20261125)

    def act(self, act: Act, name: str, record: UUID, scope: str | None = None, fields: Fields = NONE) -> Operation:
        """One operation of now, against the newest revision."""
        base = 0 if act is Act.CREATE else 1
        changes = msgspec.Raw(encode(dict(fields)))
        return Operation(self.phone.id(), act, name, record, base, self.phone.moment, scope, changes)

    def create(self, one: Collection, ids: dict[str, UUID], scope: str | None, fields: Fields = NONE) -> Operation:
        """A new record with all that it needs, and more."""
        given = required(one, ids, self.random) | dict(fields)
        return self.act(Act.CREATE, one.name, self.phone.id(), scope, given)

    def place(self, one: Collection, *, mine: bool) -> str | None:
        """The scope that a new record of a collection names: the rep's own, or the other's."""
        company = self.world.company
        if one.home is Home.NAMED:
            return company.east_scope if mine else company.west_scope
        if one.home is Home.STAFF:
            return staff(company.wang if mine else company.li)
        return COMPANY if one.home is Home.COMPANY else None


def may_name(one: Collection, field: str) -> bool:
    """Whether the declaration lets a rep write a field."""
    rule = one.rule(field)
    return rule.write in {Writer.REP, Writer.PROPOSE} and rule.merge is not Merge.DERIVED


def every_field(make: Maker) -> Iterator[tuple[Operation, bool]]:
    """Each field of each collection, given to a record of one's own, to another's, and to a new one in each place;
    with each, whether a rep may do that.
    """
    for one in COLLECTIONS.values():
        mine, foreign = make.world.mine[one.name], make.world.foreign[one.name]
        for field in one.rules:
            value = {field: change_of(one, field, make.random)}
            may = may_name(one, field)
            yield make.act(Act.EDIT, one.name, foreign, None, value), False
            yield make.create(one, make.world.foreign, make.place(one, mine=False), value), False
            if not may:
                yield make.act(Act.EDIT, one.name, mine, None, value), False
                if one.rule(field).write is not Writer.REGISTRAR:
                    yield make.create(one, make.world.mine, make.place(one, mine=True), value), False
            elif one.name == "refused":
                continue  # what its person may make of it has values of its own: test_dead_letters
            elif one.rep_edits and one.rule(field).merge is not Merge.FIXED and field not in {"outlet", "contact"}:
                yield make.act(Act.EDIT, one.name, mine, None, value), True
        for field in NAMES_OF_SERVER:
            if field not in one.rules:
                yield make.act(Act.EDIT, one.name, mine, None, {field: "x"}), False


def every_place(make: Maker) -> Iterator[tuple[Operation, bool]]:
    """Each act on each collection, with each scope named: what is another's stays another's, and nobody moves or
    removes.
    """
    for one in COLLECTIONS.values():
        mine, foreign = make.world.mine[one.name], make.world.foreign[one.name]
        for scope in make.world.places:
            for act in (Act.MOVE, Act.REMOVE):
                yield make.act(act, one.name, mine, scope), False
                yield make.act(act, one.name, foreign, scope), False
            yield make.act(Act.EDIT, one.name, foreign, scope), False
            yield make.act(Act.CREATE, one.name, foreign, scope, required(one, make.world.mine, make.random)), False
            is_mine = scope in make.world.places[:3]
            if one.home is not Home.OUTLET and one.home is not Home.PRIVATE and not is_mine and scope:
                yield make.create(one, make.world.mine, scope), False


def every_protected_name(make: Maker) -> Iterator[tuple[Operation, bool]]:
    """Tables and ids of what is not an archive at all."""
    company = make.world.company
    targets = (company.wang, company.li, company.boss, company.east, company.west, company.pool, make.phone.device)
    for name in PROTECTED:
        for target in targets:
            for act in Act:
                yield make.act(act, name, target, make.random.choice(make.world.places), {"standing": "active"}), False
    for one in COLLECTIONS.values():
        for target in targets:
            yield make.act(Act.EDIT, one.name, target, None, {"name": "x"}), False
            yield make.act(Act.REMOVE, one.name, target), False


GROUPS: dict[str, tuple[Callable[[Maker], Iterator[tuple[Operation, bool]]], int]] = {
    "every field": (every_field, 500),
    "every place": (every_place, 1_500),
    "every protected name": (every_protected_name, 900),
}


@pytest.mark.parametrize("name", GROUPS)
async def test_no_operation_reaches_beyond_what_a_rep_may_write(company: Company, name: str) -> None:
    """Each is refused that its declaration does not allow, and the store holds what it held."""
    world, phone, before = await scene(company)
    making, least = GROUPS[name]
    made = list(making(Maker(world, phone)))
    assert len(made) >= least
    found = await answers(phone, [operation for operation, _ in made])
    wrong = [
        (operation.act, operation.collection, operation.scope, msgspec.msgpack.decode(operation.changes), outcome.code)
        for (operation, may), outcome in zip(made, found, strict=True)
        if (outcome.code is not OutcomeCode.REFUSED) is not may
    ]
    assert wrong == []
    await untouched(company, phone, before, company.wang)


async def test_a_managers_phone_reaches_no_further_than_its_own_scopes(company: Company) -> None:
    """Its word is final there; whom the company employs and who holds what is not said by any device."""
    world, _, _ = await scene(company)
    phone = await company.phone(company.boss)
    await phone.sync()
    before = await seen(company)
    make = Maker(world, phone)
    for making, _ in GROUPS.values():
        await answers(phone, [operation for operation, _ in making(make)])
    await untouched(company, phone, before, company.boss, COMPANY, company.pool_scope, teasers(company.pool))


async def test_what_a_request_says_besides_operations_changes_nothing_of_others(company: Company) -> None:
    """Cursors, digests, sums, wants, witness and lease numbers of any kind, outboxes and operations of others."""
    world, phone, _ = await scene(company)
    other = await company.phone(company.li)
    await other.sync()
    other.log(Act.CREATE, "visit", other.id(), outlet=world.foreign["outlet"], notes="西")
    await other.sync()
    known = other.bodies[-1]
    before = await seen(company)
    random, places = Random(7), world.places
    theirs = Told(other.outbox, 0, bytes(16), len(other.bodies), other.hash_at(len(other.bodies)))
    lies: list[dict[str, Any]] = [
        {"cursors": {one: Cursor(random.choice([0, 1, 99]), random.randbytes(8)) for one in places[:9]}},
        {"cursors": dict(other.cursors)},
        {"digests": {one: random.randbytes(16) for one in places[:9]}},
        {"sums": dict.fromkeys(places[:9], b""), "after": dict.fromkeys(places[:9], 3)},
        {"wants": {one: tuple(each.bytes for each in world.foreign.values()) for one in places[:9]}},
        {"witness": random.randbytes(200)},
        {"lease": 1},
        {"lease": (1 << 53) - 1},
        {"outbox": theirs, "operations": (known,)},
        {"outbox": theirs, "operations": ()},
        {"outbox": msgspec.structs.replace(theirs, acknowledged=1, hash=random.randbytes(16))},
        {"outbox": None, "operations": (known,)},
        {"outbox": None, "operations": (), "sealed": sealed_of(other, company.means.departure.keys.opening_public)},
        {"epoch": random.randbytes(8)},
        {"limit": 0},
    ]
    mine = writable(company, company.wang) | {COMPANY, teasers(company.pool)}
    for lie in lies * 2:
        reply = await phone.ask(**lie)
        page = reply.page
        assert {one.scope for part in (page.scopes, page.indexes, page.mended) for one in part} <= mine, lie
        assert reply.head.orders == ()
        company.desk.now += 60_000
    phone.bodies.append(known)
    reply = await phone.ask()
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.DUPLICATE]
    await untouched(company, phone, before, company.wang)


async def test_a_device_that_was_cut_off_moves_its_own_order_and_nothing_else(company: Company) -> None:
    """Work goes into quarantine, whatever it says; the archive, the others and every other order stay as they are."""
    world, phone, _ = await scene(company)
    lost = await company.phone(company.li)
    await lost.sync()
    for one in (phone, lost):
        await lose_device(company.means.departure, one.device)
    before = await seen(company)
    make = Maker(world, phone)
    for making, _ in GROUPS.values():
        phone.bodies += [encode(operation) for operation, _ in list(making(make))[:60]]
    for changes in (
        {}, {"operations": (), "outbox": None}, {"wants": {company.east_scope: (world.mine["outlet"].bytes,)}},
        {"sealed": sealed_of(phone, company.means.departure.keys.opening_public), "outbox": None, "operations": ()},
        {"sealed": sealed_of(lost, company.means.departure.keys.opening_public), "outbox": None, "operations": ()},
        {"cursors": {}, "sums": {company.east_scope: b""}},
    ):  # fmt: skip
        reply = await phone.ask(**changes)
        assert (reply.gives, len(reply.head.orders)) == (False, 1)
    after = await seen(company)
    reach = reach_of(after, phone.device, {staff(company.wang)})
    assert trespasses(before, after, reach, AFTER_AN_ORDER) == []
    assert len(after["quarantine"]) > 100


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("staff", "role", "manager"),
        ("devices", "standing", "active"),
        ("devices", "lease_share", b"x" * 32),
        ("rosters", "private", True),
        ("scopes", "ended", True),
        ("journal", "link", b"x" * 32),
        ("outboxes", "acknowledged", 99),
        ("meta", "value", b"x"),
    ],
)
async def test_the_picture_sees_a_single_value_that_is_not_as_it_was(
    company: Company, table: str, column: str, value: Any
) -> None:
    """A trespass in one column of one row is found: of another device where devices have rows of their own."""
    _, phone, before = await scene(company)
    after = {name: dict(rows) for name, rows in before.items()}
    key, row = next((key, row) for key, row in after[table].items() if row.get("device", b"") != phone.device.bytes)
    after[table][key] = row | {column: value if row[column] != value else not value}
    assert len(trespasses(before, after, reach_of(after, phone.device, writable(company, company.wang)), ACTIVE)) == 1

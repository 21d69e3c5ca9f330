"""Decoys: each replica has its own, nothing that people see has any, and a number that turns up names the replica."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from server.departure.evidence.periods import periods_of
from server.departure.recovery import reconcile
from server.field.canaries import add_numbers, counted, digits_of, make_due, sighting
from server.field.export import export_outlets
from server.field.imports import _known
from server.master.decoys import decoys, no_decoys, scopes_of
from server.master.journal import commit_to
from server.master.scoping import numbers
from server.master.tables import journal_bodies, scopes
from server.master.typed import TYPED
from server.master.verify import verify
from server.ports import Sources
from sync.codec import decode
from sync.errors import Refusal
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records import Contact, Outlet, OutletStatus
from sync.scopes import COMPANY, ScopeKind, parse_scope
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone

NUMBERS = ("138 0000 1001", "138-0000-1002", "+8613800001003", "13800001004")
NAMES = ("老张烟酒", "福满楼大排档", "建设路超市", "小李食杂店")


def sources_of(company: Company) -> Sources:
    """The company's clock and randomness."""
    return company.means.departure.sources


async def furnished(company: Company, *given: str) -> None:
    """Outlets in both territories to take after, and numbers."""
    manager = company.desk.manager()
    for territory in (company.east, company.west):
        for name in NAMES:
            place = {"address": "建设路12号", "position": [31.2, 121.4, 5.0], "outlet_class": "other"}
            shop = await company.desk.register(manager, territory, name=name, **place)
            made = company.desk.operation(Act.CREATE, "contact", company.desk.id(), outlet=shop, name="张三")
            await company.desk.submit(manager, made)
    async with company.desk.store.write() as tx:
        await add_numbers(tx, given, company.boss, sources_of(company))


async def made(company: Company, each: int = 1) -> int:
    """Let the job have its turn."""
    return await make_due(company.desk.store, sources_of(company), each)


async def decoys_in(company: Company, phone: Phone) -> list[Any]:
    """The outlets that this phone holds in scopes of its own."""
    async with company.desk.store.read() as tx:
        own = await scopes_of(tx, phone.device)
    return [one for name in own for one in phone.records(name).values() if isinstance(one, Outlet)]


async def test_without_numbers_none_is_made(company: Company) -> None:
    """Off by default: no decoy, no scope, nothing in the journal."""
    await furnished(company)
    wang = await company.phone(company.wang)
    async with company.desk.store.read() as tx:
        before = (await tx.execute(select(func.count()).select_from(scopes))).scalar_one()
    assert await made(company) == 0
    await wang.sync()
    async with company.desk.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(scopes))).scalar_one() == before
        assert await scopes_of(tx, wang.device) == ()


async def test_each_replica_has_a_decoy_that_no_other_has(company: Company) -> None:
    """Two phones of one person and one of another: three numbers, and each phone agrees with the server."""
    await furnished(company, *NUMBERS)
    phones = [await company.phone(one) for one in (company.wang, company.wang, company.li)]
    assert await made(company) == 3
    assert await made(company) == 0
    held = []
    for phone in phones:
        assert phone.agrees(await phone.sync())
        (decoy,) = await decoys_in(company, phone)
        held.append(decoy)
    assert len({one.phone for one in held} & {digits_of(one) for one in NUMBERS}) == 3
    everything = [{record for scope in phone.rows.values() for record in scope} for phone in phones]
    for at, decoy in enumerate(held):
        assert [decoy.id.bytes in rows for rows in everything] == [at == number for number in range(3)]


async def test_two_processes_that_look_at_once_make_no_more_than_were_wanted(company: Company) -> None:
    """The numbers are the company's own, and few."""
    await furnished(company, *NUMBERS)
    for one in (company.wang, company.li):
        await company.phone(one)
    assert sum(await asyncio.gather(made(company), made(company))) == 2
    async with company.desk.store.read() as tx:
        assert (await counted(tx)).used == 2


async def test_a_decoy_looks_like_its_neighbours_and_is_never_due(company: Company) -> None:
    """Class, street and place are of the territory, the name is new, a contact bears the number; nothing plans a visit
    to a closed outlet, and nothing that a phone registers goes to its scope.
    """
    await furnished(company, *NUMBERS)
    wang = await company.phone(company.wang)
    await made(company)
    await wang.sync()
    (decoy,) = await decoys_in(company, wang)
    assert decoy.status is OutletStatus.CLOSED
    assert decoy.name not in NAMES
    assert decoy.address.startswith("建设路")
    assert abs(decoy.position.lat - 31.2) < 0.01
    (name,) = [one for one, rows in wang.rows.items() if decoy.id.bytes in rows]
    (contact,) = [one for one in wang.records(name).values() if isinstance(one, Contact)]
    assert (contact.outlet, contact.id, contact.phone) == (decoy.id, decoy.main_contact, decoy.phone)
    scope = parse_scope(name)
    assert scope is not None
    assert scope.kind is ScopeKind.PRIVATE


async def test_the_commitment_is_in_the_journal_before_the_replica_has_it(company: Company) -> None:
    """Salt and body come to the hash that stands there, and the journal verifies."""
    await furnished(company, *NUMBERS)
    wang = await company.phone(company.wang)
    await made(company)
    async with company.desk.store.read() as tx:
        row = (await tx.execute(select(decoys))).one()
        no = (await numbers(tx, [COMPANY]))[COMPANY]
        entry = select(journal_bodies.c.body).where(
            journal_bodies.c.scope == no, journal_bodies.c.position == row.position
        )
        body = decode(bytes((await tx.execute(entry)).scalar_one()), list)
        assert (await verify(tx, company.means.departure.keys.signing_public)).is_sound
    assert body == ["decoy_committed", {"commitment": bytes(row.commitment)}]
    assert commit_to(bytes(row.salt), bytes(row.body)) == bytes(row.commitment)
    assert decode(bytes(row.body), list)[0] == wang.device.bytes
    assert not wang.rows


async def test_nothing_that_people_see_has_a_decoy(company: Company) -> None:
    """Exports, what imports compare with, what a device was given; and one predicate leaves them out of any count."""
    await furnished(company, *NUMBERS)
    wang = await company.phone(company.wang)
    await made(company)
    await wang.sync()
    (decoy,) = await decoys_in(company, wang)
    table = TYPED["outlet"]
    async with company.desk.store.write() as tx:
        assert decoy.id not in await _known(tx)
        own = await scopes_of(tx, wang.device)
        assert own[0] not in [one.scope for one in await periods_of(tx, wang.device)]
        counts = [
            (await tx.execute(select(func.count()).select_from(table).where(condition))).scalar_one()
            for condition in (no_decoys(table.c.scope), table.c.id.is_not(None))
        ]
    assert counts == [len(NAMES) * 2, len(NAMES) * 2 + 1]
    lines = await export_outlets(company.desk.store, sources_of(company))
    assert not any(decoy.phone in line for line in lines)


async def test_work_on_a_decoy_is_kept_like_any(company: Company) -> None:
    """An edit, a visit and an opening are taken in; a refusal would tell the decoy."""
    await furnished(company, *NUMBERS)
    wang = await company.phone(company.wang)
    await made(company)
    await wang.sync()
    (decoy,) = await decoys_in(company, wang)
    visit = wang.id()
    wang.log(Act.EDIT, "outlet", decoy.id, base=1, notes="looked")
    wang.log(Act.CREATE, "visit", visit, outlet=decoy.id, notes="nobody there")
    opened = {"contact": decoy.main_contact, "outlet": decoy.id, "day": "2027-01-15", "times": 1}
    wang.log(Act.CREATE, "opening", wang.id(), **opened)
    reply = await wang.ask()
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.APPLIED] * 3
    wang.take(reply)
    assert wang.agrees(await wang.sync())


async def test_a_sighting_names_the_replica(company: Company) -> None:
    """Person, device, since when, and the commitment; it is journalled. A number of nobody is refused."""
    await furnished(company, *NUMBERS)
    wang, li = await company.phone(company.wang), await company.phone(company.li)
    await made(company)
    await wang.sync()
    company.desk.now += 1000
    await li.sync()
    for phone, person in ((wang, company.wang), (li, company.li)):
        (decoy,) = await decoys_in(company, phone)
        async with company.desk.store.write() as tx:
            found = await sighting(tx, f" {decoy.phone} ", "a competitor called", company.boss, sources_of(company))
        assert (found.device, found.staff, found.outlet) == (phone.device, person, decoy.id)
        assert found.since == company.desk.now - (1000 if phone is wang else 0)
        assert commit_to(found.salt, found.body) == found.commitment
    async with company.desk.store.write() as tx:
        with pytest.raises(Refusal, match="not_found"):
            await sighting(tx, "13999999999", "", company.boss, sources_of(company))
        with pytest.raises(Refusal, match="bad_value"):
            await sighting(tx, "12", "", company.boss, sources_of(company))
        bodies = [decode(bytes(row.body), list) for row in await tx.execute(journal_bodies.select())]
    assert [body[0] for body in bodies].count("decoy_sighted") == 2


async def test_a_new_epoch_brings_a_new_decoy_as_far_as_there_are_numbers(company: Company) -> None:
    """The old one stays on record and in the replica; a number is used once."""
    await furnished(company, *NUMBERS[:2])
    wang = await company.phone(company.wang)
    assert await made(company) == 1
    departure = company.means.departure
    await reconcile(departure.store, departure.file, departure.keys, departure.sources, is_lost=True)
    assert await made(company) == 1
    await wang.sync()
    held = await decoys_in(company, wang)
    assert {one.phone for one in held} == {digits_of(one) for one in NUMBERS[:2]}
    assert await made(company, 3) == 0
    async with company.desk.store.write() as tx:
        found = await counted(tx)
        assert await add_numbers(tx, NUMBERS[:2], company.boss, sources_of(company)) == 0
    assert (found.known, found.used) == (2, 2)


async def test_where_nothing_is_around_none_is_made(company: Company) -> None:
    """A decoy without neighbours would look like none of them."""
    async with company.desk.store.write() as tx:
        await add_numbers(tx, NUMBERS, company.boss, sources_of(company))
    await company.phone(company.wang)
    assert await made(company) == 0


def test_numbers_are_kept_in_one_form() -> None:
    """However they are typed."""
    assert digits_of("138 0000-1001") == "13800001001"
    assert digits_of(" +86 138 0000 1001") == "+8613800001001"

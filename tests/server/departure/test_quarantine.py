"""The quarantine: what a manager accepts goes through the one write path as the departed rep's; nothing is deleted."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select, update

from server.departure.cutoff import offboard
from server.departure.quarantine import accept, listed, refuse
from server.exchange.quarantined import take_in
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.field.policies import policies_of, set_policy
from server.field.pool.late import KIND, accept_late
from server.field.pool.returning import return_due
from server.identity import staff, territories
from server.master.audit import audit
from server.master.departures import quarantine
from server.master.inbox import listed as matters
from server.master.people import holdings
from server.master.people import territories as places
from server.master.scoping import names, numbers
from server.master.tables import dead_letters
from server.master.typed import TYPED
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from sync.outcomes import OutcomeCode
from tests.server.departure.office import Office, Phone

OUTLETS = TYPED["outlet"]


async def drained(office: Office, *names: str) -> tuple[Phone, list[UUID]]:
    """Wang's phone after the drain, with an outlet of each name in quarantine; the items in order."""
    phone = await office.enrol(office.wang)
    for name in names:
        phone.register(office.east, name)
    return phone, await leave(office, phone)


async def leave(office: Office, phone: Phone) -> list[UUID]:
    """Wang leaves and the phone hands in what is pending."""
    office.clock.tick()
    await offboard(office.means, office.wang, "left")
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    async with office.store.read() as tx:
        return [one.id for one in await listed(tx)]


async def test_what_is_accepted_is_in_the_master_store_under_the_reps_name(office: Office) -> None:
    """Accepted work is the departed rep's: registered by them, in the territory that the phone held."""
    phone, items = await drained(office, "老张烟酒", "福顺超市")
    decided = await accept(office.means, items, office.li)
    assert [one.code for one in decided.outcomes] == [OutcomeCode.APPLIED] * 2
    assert len(decided.registered) == 2
    assert scopes.territory(office.east) in decided.changed
    rows = await office.rows(OUTLETS)
    assert {(row["name"], row["registered_by"]) for row in rows} == {
        ("老张烟酒", office.wang),
        ("福顺超市", office.wang),
    }
    async with office.store.read() as tx:
        assert {one.state for one in await listed(tx, staff=phone.staff)} == {"accepted"}
        assert await audit(tx) == []


async def test_nothing_is_in_the_master_store_before_somebody_decides(office: Office) -> None:
    """Quarantine is apart: no outlet, no operation."""
    await drained(office, "老张烟酒")
    assert await office.rows(OUTLETS) == []


async def test_a_part_can_be_accepted_and_a_part_refused(office: Office) -> None:
    """Each item is decided by itself, and who decided is kept and journalled."""
    _, (first, second, third) = await drained(office, "甲", "乙", "丙")
    await accept(office.means, [second], office.li)
    await refuse(office.means, [first], "invented", office.li)
    rows = {UUID(bytes=row["id"]): row for row in await office.rows(quarantine)}
    assert [rows[one]["state"] for one in (first, second, third)] == ["refused", "accepted", "waiting"]
    assert rows[first]["decided_by"] == office.li.bytes
    assert {row["name"] for row in await office.rows(OUTLETS)} == {"乙"}
    kinds = {kind: body for kind, body in await office.journal() if kind.startswith("quarantine")}
    assert kinds["quarantine_accepted"]["by"] == office.li.bytes
    assert kinds["quarantine_refused"]["reason"] == "invented"


async def test_deciding_again_changes_nothing(office: Office) -> None:
    """An item is decided once."""
    _, items = await drained(office, "甲")
    await accept(office.means, items)
    before = await office.rows(quarantine)
    assert (await accept(office.means, items)).items == ()
    assert (await refuse(office.means, items, "late")).items == ()
    assert await office.rows(quarantine) == before
    assert len(await office.rows(OUTLETS)) == 1


async def test_operations_of_one_outbox_see_each_other(office: Office) -> None:
    """A new outlet and its later edit are applied in order, and are no conflict with each other."""
    phone = await office.enrol(office.wang)
    outlet = phone.register(office.east, "老张烟酒")
    phone.write(Act.EDIT, "outlet", outlet, phone="13800000000")
    phone.write(Act.EDIT, "outlet", outlet, phone="13900000000")
    decided = await accept(office.means, await leave(office, phone))
    assert [one.code for one in decided.outcomes] == [OutcomeCode.APPLIED] * 3
    (row,) = await office.rows(OUTLETS)
    assert row["phone"] == "13900000000"


async def test_a_rep_gets_no_right_by_leaving(office: Office) -> None:
    """Work outside the scopes that the phone held becomes a dead letter with its reason, as it would have before."""
    phone = await office.enrol(office.wang)
    phone.register(office.west, "越界")
    async with office.store.write() as tx:
        west = (await numbers(tx, [scopes.territory(office.west)]))[scopes.territory(office.west)]
        await tx.execute(update(holdings).where(holdings.c.scope == west).values(evicted_at=office.clock()))
    decided = await accept(office.means, await leave(office, phone))
    assert [one.code for one in decided.outcomes] == [OutcomeCode.REFUSED]
    (letter,) = await office.rows(dead_letters)
    assert (letter["staff"], letter["body"]) == (office.wang.bytes, phone.bodies[0])
    assert await office.rows(OUTLETS) == []


async def test_what_cannot_be_decoded_becomes_a_dead_letter_when_it_is_accepted(office: Office) -> None:
    """Accepting never loses a body, even one that nobody can read."""
    phone = await office.enrol(office.wang)
    phone.bodies.append(b"\xc1 junk")
    items = await leave(office, phone)
    decided = await accept(office.means, items)
    assert [one.reason for one in decided.outcomes] == ["undecodable"]
    assert [row["body"] for row in await office.rows(dead_letters)] == [b"\xc1 junk"]


async def test_a_row_that_could_not_be_opened_can_only_be_refused(office: Office) -> None:
    """There is nothing to accept in a sealed row; refusing keeps it."""
    phone = await office.enrol(office.wang)
    phone.register(office.east, "甲")
    phone.opening_key = office.other_opening_key()
    items = await leave(office, phone)
    assert (await accept(office.means, items)).items == ()
    assert (await refuse(office.means, items, "cannot be opened")).items == tuple(items)
    assert len(await office.rows(quarantine)) == 1


async def test_refusing_takes_a_reason(office: Office) -> None:
    """Nobody refuses a departed colleague's work without saying why."""
    _, items = await drained(office, "甲")
    with pytest.raises(Refusal):
        await refuse(office.means, items, " ")


async def test_accepted_work_is_announced_to_those_who_hold_the_territory(office: Office) -> None:
    """A colleague's open stream hears that something changed."""
    colleague = await office.enrol(office.li)
    _, items = await drained(office, "甲")
    office.announcer.open(colleague.id, {})
    office.announcer.looked_for.clear()
    await accept(office.means, items)
    assert office.announcer.looked_for.is_set()


DAY = 86_400_000


async def pooled(office: Office) -> tuple[Phone, UUID]:
    """Wang's phone, which visited an outlet and took an order there a day before the rule returned it to the pool."""
    async with office.store.write() as tx:
        sea = await territories.add_pool(tx, "公海", office.sources)
        await tx.execute(update(places).where(places.c.id == office.east.bytes).values(pool=sea.id.bytes))
        await set_policy(tx, "pool_return", "on", office.sources)
        made = Asked(
            "outlet", {"name": "老张烟酒"}, shop := office.sources.new_id(), scope=scopes.territory(office.east)
        )
        await carry_out(tx, office.sources, [made])
    phone = await office.enrol(office.wang)
    office.clock.tick(29 * DAY)
    phone.write(Act.CREATE, "visit", office.sources.new_id(), outlet=shop.bytes)
    phone.write(Act.CREATE, "order", office.sources.new_id(), outlet=shop.bytes, lines=[["SKU-1", 2, 100]])
    office.clock.tick(DAY)
    async with office.store.write() as tx:
        await return_due(tx, Ground(office.sources, policies=await policies_of(tx)))
    office.clock.tick(DAY)
    return phone, shop


async def where(office: Office, shop: UUID) -> str:
    """The scope of an outlet."""
    async with office.store.read() as tx:
        (row,) = (await tx.execute(select(OUTLETS.c.scope).where(OUTLETS.c.id == shop))).all()
        return (await names(tx, [row.scope]))[row.scope]


async def test_a_leavers_visit_from_before_the_pool_took_the_outlet_undoes_the_return(office: Office) -> None:
    """As a phone's in use does, once a manager has accepted it; the order came with it."""
    phone, shop = await pooled(office)
    items = await leave(office, phone)
    assert (await where(office, shop)).startswith("pool/")
    decided = await take_in(office.means, items, office.li)
    assert [one.code for one in decided.outcomes] == [OutcomeCode.APPLIED] * 2
    assert scopes.territory(office.east) in decided.changed
    assert await where(office, shop) == scopes.territory(office.east)


async def test_where_a_leavers_visit_may_lie_on_either_side_a_manager_decides_and_all_goes_in(office: Office) -> None:
    """The leaver has no right any more; the manager's word is enough for what was asked about."""
    phone, shop = await pooled(office)
    phone.boot = "boot-2"
    items = await leave(office, phone)
    decided = await take_in(office.means, items, office.li)
    assert [one.reason for one in decided.outcomes] == ["record_unknown"] * 2
    async with office.store.read() as tx:
        assert [one.matter.staff for one in await matters(tx, kind=KIND)] == [office.wang]
    async with office.store.write() as tx:
        boss = await staff.add(tx, "刘经理", staff.Role.MANAGER, office.sources)
    came = await accept_late(office.store, office.sources, shop, boss.id)
    assert (came.taken, came.refused) == ({"visit": 1, "order": 1}, {})
    assert await where(office, shop) == scopes.territory(office.east)

"""Incidents: reported once with their evidence, put before the dealer, decided once with a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.field import incidents as desk
from server.field.arrivals import look
from server.field.incidents import Decision, Incident
from server.field.private_channels import Unknown, unknown_channels
from server.master.inbox import listed as matters
from server.master.scoping import names
from server.master.store import Store
from server.master.tables import journal_bodies
from sync.errors import Refusal
from sync.operations import Act
from tests.server.firm import Firm, founded


@pytest.fixture
async def firm(store: Store) -> Firm:
    """The company."""
    return await founded(store)


async def found(firm: Firm, *, open_only: bool = True) -> list[Incident]:
    """The incidents after the rules have looked."""
    await look(firm.store, await firm.ground())
    async with firm.store.read() as tx:
        return await desk.listed(tx, open_only=open_only)


async def test_whoever_deals_by_a_private_channel_is_an_incident_with_its_evidence(firm: Firm) -> None:
    """A contact, a visit and a report, each one incident however often it is edited; company channels are none."""
    shop = await firm.shop()
    contact = await firm.does(firm.wang, "contact", outlet=shop, name="张三", channel="private")
    visit = await firm.does(firm.wang, "visit", outlet=shop, channel="private")
    report = await firm.does(firm.wang, "contact_report", outlet=shop, channel="private")
    await firm.does(firm.wang, "contact", outlet=shop, name="李四", channel="company_phone")
    await firm.does(firm.wang, "visit", outlet=shop)
    first = await found(firm)
    assert {one.what.about for one in first} == {contact, visit, report}
    assert {(one.what.staff, one.what.outlet) for one in first} == {(firm.wang, shop)}
    await firm.desk.edit(firm.desk.rep(firm.wang, firm.east), "contact", contact, 1, role="老板")
    assert await found(firm) == first
    async with firm.store.read() as tx:
        rows = (await tx.execute(select(journal_bodies).where(journal_bodies.c.record == visit.bytes))).all()
        named = await names(tx, {row.scope for row in rows})
        assert len([one for one in await matters(tx) if one.matter.kind == desk.KIND]) == 3
    (about_visit,) = [one for one in first if one.what.about == visit]
    assert {(one.scope, one.position) for one in about_visit.evidence} <= {(named[r.scope], r.position) for r in rows}
    assert about_visit.evidence


async def test_an_incident_is_decided_once_with_a_reason_and_leaves_the_inbox(firm: Firm) -> None:
    """The decision stands in the journal beside the record."""
    shop = await firm.shop()
    visit = await firm.does(firm.wang, "visit", outlet=shop, channel="private")
    (one,) = await found(firm)
    async with firm.store.write() as tx:
        with pytest.raises(Refusal, match="reason"):
            await desk.decide(tx, one.id, Decision.BREACH, " ", firm.sources, firm.dealer)
        assert await desk.decide(tx, one.id, Decision.BREACH, "已谈话", firm.sources, firm.dealer)
        assert not await desk.decide(tx, one.id, Decision.CLEARED, "误会", firm.sources, firm.dealer)
    assert await found(firm) == []
    (decided,) = await found(firm, open_only=False)
    assert (decided.decision, decided.reason, decided.decided_by) == (Decision.BREACH, "已谈话", firm.dealer)
    async with firm.store.read() as tx:
        assert [item for item in await matters(tx) if item.matter.kind == desk.KIND] == []
        bodies = select(journal_bodies.c.body).where(journal_bodies.c.record == visit.bytes)
        assert any(b"incident_decided" in bytes(body) for body in (await tx.execute(bodies)).scalars())


async def test_what_stood_there_before_is_found_again_by_no_edit_of_somebody_at_a_desk(firm: Firm) -> None:
    """A manager's own entry is no rep's incident; what nobody knows of channels is counted."""
    shop = await firm.shop()
    await firm.does(None, "contact", outlet=shop, name="张三", channel="private")
    gone = await firm.does(firm.wang, "contact", outlet=shop, name="李四")
    await firm.does(firm.wang, "contact", outlet=shop, name="王五")
    edit = firm.desk.operation(Act.EDIT, "contact", gone, base=1, active=False)
    await firm.desk.submit(firm.desk.manager(), edit)
    assert await found(firm) == []
    async with firm.store.read() as tx:
        assert await unknown_channels(tx) == [Unknown(firm.east, 2, 1, 1)]

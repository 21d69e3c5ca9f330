"""Decoys that a rep writes to: in no proposal that a manager sees, and in nothing that is taken back."""

from __future__ import annotations

from sqlalchemy import select

from server.field import proposals
from server.field.arrivals import look
from server.field.daily_reports import reported
from server.field.ground import Ground
from server.field.undo.acting import show
from server.field.undo.history import Meant
from server.master.decoys import scopes_of
from server.master.typed import TYPED
from sync.operations import Act
from sync.records import Contact, Outlet
from tests.server.exchange.conftest import Company
from tests.server.exchange.test_decoys import furnished, made


async def test_what_a_rep_does_to_a_decoy_is_shown_to_nobody(company: Company) -> None:
    """The phone may change it and propose as with any outlet; lists for people leave it out."""
    await furnished(company, "13800001001")
    wang = await company.phone(company.wang)
    assert await made(company) == 1
    await wang.sync()
    async with company.desk.store.read() as tx:
        (own,) = [one for one in await scopes_of(tx, wang.device) if wang.records(one)]
    held = wang.records(own).values()
    (decoy,) = [one for one in held if isinstance(one, Outlet)]
    (person,) = [one for one in held if isinstance(one, Contact)]
    wang.log(Act.EDIT, "outlet", decoy.id, base=1, grade="A", notes="去过")
    wang.log(Act.EDIT, "contact", person.id, base=1, notes="去过")
    await wang.sync()
    async with company.desk.store.read() as tx:
        assert await proposals.listed(tx, state=None) == []
    assert (await show(company.desk.store, Meant(staff=company.wang))).findings == ()


async def test_a_visit_to_a_decoy_is_judged_like_any_other_and_counts_nowhere(company: Company) -> None:
    """Silence about it would tell the rep which outlet is none; the manager's figures know nothing of it."""
    await furnished(company, "13800001001")
    wang = await company.phone(company.wang)
    assert await made(company) == 1
    await wang.sync()
    async with company.desk.store.read() as tx:
        (own,) = [one for one in await scopes_of(tx, wang.device) if wang.records(one)]
    (decoy,) = [one for one in wang.records(own).values() if isinstance(one, Outlet)]
    visit = company.desk.id()
    wang.log(Act.CREATE, "visit", visit, outlet=decoy.id, position=[31.2, 121.4, 5.0], duration_s=600)
    await wang.sync()
    ground = Ground(company.means.departure.sources)
    await look(company.desk.store, ground)
    async with company.desk.store.read() as tx:
        found = TYPED["finding"]
        states = (await tx.execute(select(found.c.state).where(found.c.about == visit))).scalars().all()
        reports = {one.staff: one.ours for one in await reported(tx, ground.today, ground)}
    assert len(states) == 1
    assert reports[company.wang].extra == reports[company.wang].done == 0

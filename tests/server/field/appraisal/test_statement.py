"""A month's statement in a real store: it grows on the phone, is closed once, and is reproduced from the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from server.field.appraisal.facts import Phase
from server.field.appraisal.months import days_of
from server.field.appraisal.phases import set_phase
from server.field.appraisal.scores import grow, show_scores
from server.field.appraisal.statement import close, reproduce, statement_of
from server.field.appraisal.targets import set_target, targets
from server.field.findings import Found, tell
from server.field.ground import Ground
from server.field.merging import merge
from server.field.policies import set_policy
from server.field.questions import SAME_OUTLET, ask
from server.identity import staff, territories
from server.identity.staff import Role
from server.master import meta
from server.master.scoping import open_scope
from server.master.store import Store
from server.ports import Sources
from server.times import read_local
from sync import scopes
from sync.codec import plain
from sync.errors import Refusal
from sync.operations import Act
from sync.positions import Position
from sync.records import Score
from tests.server.desk import Desk

DAY = 86_400_000
OCTOBER = read_local("2026-10-01 09:00", "Asia/Shanghai")


@dataclass
class Firm:
    """A dealer, a rep who owns the east, and what they do in October."""

    desk: Desk
    dealer: UUID
    wang: UUID
    east: UUID

    @property
    def ground(self) -> Ground:
        """The desk's clock and randomness, in Shanghai."""
        return Ground(Sources(lambda: self.desk.now, self.desk.random.randbytes))

    async def registered(self, name: str = "老张烟酒") -> UUID:
        """Wang registers an outlet with all that it needs, and the manager approves it."""
        desk, phone = self.desk, self.desk.rep(self.wang, self.east)
        outlet, position = desk.id(), plain(Position(28.69, 115.86))
        made = desk.operation(
            Act.CREATE, "outlet", outlet, scope=scopes.territory(self.east), name=name, phone="13800000000",
            outlet_class="hotel_a", position=list(position.values()),
        )  # fmt: skip
        front = desk.operation(
            Act.CREATE, "photo", desk.id(), of=outlet.bytes, outlet=outlet.bytes, digest="ab" * 32, size=9, kind="front"
        )
        outcomes = await desk.submit(phone, made, front)
        assert [one.code for one in outcomes] == ["applied", "applied"], outcomes
        return outlet

    async def approve(self, outlet: UUID) -> None:
        """The manager's word."""
        await self.desk.edit(self.desk.manager(), "outlet", outlet, 1, review="approved")

    async def statement(self, month: str = "2026-10") -> dict[str, Any]:
        """Amounts by outlet, and what is held back."""
        async with self.desk.store.read() as tx:
            found = await statement_of(tx, month, self.ground)
        return {"lines": {one.about: one.amount for one in found.lines}, "held": found.held, "closed": found.closed}


@pytest.fixture
async def firm(store: Store) -> Firm:
    """A company on the first of October."""
    desk = Desk(store, now=OCTOBER)
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    async with store.write() as tx:
        await meta.found(tx, "测试公司", desk.id(), b"epoch-01")
        await open_scope(tx, scopes.COMPANY)
        dealer = await staff.add(tx, "刘经理", Role.DEALER, sources)
        wang = await staff.add(tx, "王", Role.REP, sources)
        east = await territories.add_territory(tx, "城东", None, sources)
        await territories.assign(tx, east.id, wang.id, sources, private=True)
    desk.company = dealer.id
    return Firm(desk, dealer.id, wang.id, east.id)


async def test_the_first_phase_grows_on_the_phone_and_is_reproduced_to_the_cent(firm: Firm) -> None:
    """Closed once, and nothing that comes later changes it."""
    one, other = await firm.registered(), await firm.registered("小李副食")
    assert (await firm.statement())["lines"] == {}
    await firm.approve(one)
    async with firm.desk.store.write() as tx:
        await (await grow(tx, firm.ground))(tx)
    (score,) = [each for each in (await firm.desk.records(scopes.staff(firm.wang))).values() if isinstance(each, Score)]
    assert (score.month, score.reason, score.amount, score.about) == ("2026-10", "build", 500, one)
    firm.desk.now += 31 * DAY
    async with firm.desk.store.write() as tx:
        await set_policy(tx, "reward_build", "700", firm.ground.sources)
        await close(tx, "2026-10", firm.ground, firm.dealer)
    firm.desk.now += DAY
    await firm.approve(other)
    await firm.desk.edit(firm.desk.manager(), "outlet", one, 2, status="closed")
    assert await firm.statement() == {"lines": {one: 500}, "held": (), "closed": True}
    assert (await firm.statement("2026-11"))["lines"] == {other: 700}
    async with firm.desk.store.read() as tx:
        kept, again, erased = await reproduce(tx, "2026-10", firm.ground)
    assert (kept, erased) == (again, 0)
    with pytest.raises(Refusal, match="closed already"):
        async with firm.desk.store.write() as tx:
            await close(tx, "2026-10", firm.ground)


async def test_a_month_is_closed_when_it_is_over_and_in_order(firm: Firm) -> None:
    """At midnight in the company's zone."""
    firm.desk.now = read_local("2026-11-01 00:00", "Asia/Shanghai") - 1
    with pytest.raises(Refusal, match="not over"):
        async with firm.desk.store.write() as tx:
            await close(tx, "2026-10", firm.ground)
    firm.desk.now += 1
    async with firm.desk.store.write() as tx:
        await close(tx, "2026-10", firm.ground)
    firm.desk.now += 70 * DAY
    with pytest.raises(Refusal, match="2026-11 is closed first"):
        async with firm.desk.store.write() as tx:
            await close(tx, "2026-12", firm.ground)
    with pytest.raises(Refusal, match="written as"):
        days_of("2026-13")


async def test_a_question_about_a_duplicate_holds_a_line_back(firm: Firm) -> None:
    """And says so."""
    one, other = await firm.registered(), await firm.registered()
    await firm.approve(one)
    first, second = sorted((one.bytes, other.bytes))
    row = {"id": firm.desk.id().bytes, "kind": SAME_OUTLET, "record": first, "other": second, "at": 1, "reason": "x"}
    async with firm.desk.store.write() as tx:
        await ask(tx, [row])
    assert await firm.statement() == {"lines": {}, "held": (one,), "closed": False}


async def test_a_closed_month_whose_keeping_a_question_held_back_is_reproduced(firm: Firm) -> None:
    """What stood open at the closing is kept with it, whatever phase it held back, though it is answered since."""
    outlet, other = await firm.registered(), await firm.registered()
    await firm.approve(outlet)
    visit, check = firm.desk.id(), firm.desk.id()
    made = firm.desk.operation(Act.CREATE, "visit", visit, outlet=outlet.bytes)
    said = firm.desk.operation(Act.CREATE, "verification", check, outlet=outlet.bytes, quarter="2026Q4", means="phone")
    await firm.desk.submit(firm.desk.rep(firm.wang, firm.east), made)
    await firm.desk.submit(firm.desk.manager(), said)
    first, second = sorted((outlet.bytes, other.bytes))
    row = {"id": firm.desk.id().bytes, "kind": SAME_OUTLET, "record": first, "other": second, "at": 1, "reason": "x"}
    async with firm.desk.store.write() as tx:
        firm.desk.now += 1
        await set_phase(tx, firm.east, Phase.KEEP, "覆盖率已达标", firm.ground.sources, by=firm.dealer)
        await tell(tx, firm.ground.sources, [Found(firm.wang, visit, "visit", "verified", outlet)])
    async with firm.desk.store.write() as tx:
        before = await statement_of(tx, "2026-10", firm.ground)
        assert [one.reason for one in before.lines] == ["build", "keep"]
        await ask(tx, [row])
        firm.desk.now = read_local("2026-11-01 00:00", "Asia/Shanghai")
        kept = await close(tx, "2026-10", firm.ground)
        assert (kept.lines, set(kept.asked)) == ((), {outlet, other})
        again = (await reproduce(tx, "2026-10", firm.ground))[1]
    assert again == kept


async def test_the_second_phase_is_the_dealers_to_switch_and_pays_who_owns(firm: Firm) -> None:
    """For what is verified and was visited without doubt; a verification that does not count pays nothing."""
    outlet = await firm.registered()
    await firm.approve(outlet)
    async with firm.desk.store.write() as tx:
        firm.desk.now += 1
        with pytest.raises(Refusal, match="the dealer's"):
            await set_phase(tx, firm.east, Phase.KEEP, "覆盖率已达标", firm.ground.sources, by=firm.wang)
        assert await set_phase(tx, firm.east, Phase.KEEP, "覆盖率已达标", firm.ground.sources, by=firm.dealer)
    visit, check = firm.desk.id(), firm.desk.id()
    phone = firm.desk.rep(firm.wang, firm.east)
    made = firm.desk.operation(Act.CREATE, "visit", visit, outlet=outlet.bytes)
    said = firm.desk.operation(Act.CREATE, "verification", check, outlet=outlet.bytes, quarter="2026Q4", means="phone")
    await firm.desk.submit(phone, made)
    await firm.desk.submit(firm.desk.manager(), said)
    assert (await firm.statement())["lines"] == {outlet: 500}
    found = Found(firm.wang, visit, "visit", "verified", outlet)
    async with firm.desk.store.write() as tx:
        await tell(tx, firm.ground.sources, [found])
    async with firm.desk.store.read() as tx:
        lines = (await statement_of(tx, "2026-10", firm.ground)).lines
    assert sorted((one.reason, one.amount) for one in lines) == [("build", 500), ("keep", 100)]
    async with firm.desk.store.write() as tx:
        await tell(tx, firm.ground.sources, [Found(firm.wang, check, "verification", "not_counted", outlet)])
        await show_scores(tx, await statement_of(tx, "2026-10", firm.ground), firm.ground.sources)
    assert (await firm.statement())["lines"] == {outlet: 500}


async def test_what_was_said_at_a_merged_outlet_keeps_the_one_that_stands_for_it(firm: Firm) -> None:
    """Its photo, its verification and its visits count there; it is paid for itself no more."""
    desk, phone = firm.desk, firm.desk.rep(firm.wang, firm.east)
    goes = await firm.registered("章记副食")
    fields: dict[str, Any] = {"phone": "13800000001", "outlet_class": "hotel_a", "review": "approved"}
    stays = await desk.register(desk.manager(), firm.east, "老张烟酒", **fields, position=[28.69, 115.86])
    await firm.approve(goes)
    visit, check = desk.id(), desk.id()
    await desk.submit(phone, desk.operation(Act.CREATE, "visit", visit, outlet=goes.bytes))
    said = desk.operation(Act.CREATE, "verification", check, outlet=goes.bytes, quarter="2026Q4", means="phone")
    await desk.submit(desk.manager(), said)
    sources = firm.ground.sources
    async with desk.store.write() as tx:
        await tell(tx, sources, [Found(firm.wang, visit, "visit", "verified", goes)])
        desk.now += 1
        await set_phase(tx, firm.east, Phase.KEEP, "覆盖率已达标", sources, by=firm.dealer)
    assert (await firm.statement())["lines"] == {goes: 100}
    async with desk.store.write() as tx:
        await merge(tx, sources, goes, stays, reason="同一家", by=firm.dealer)
    assert (await firm.statement())["lines"] == {stays: 100}


async def test_a_target_is_kept_and_set_again(firm: Firm) -> None:
    """In minor units, never negative."""
    async with firm.desk.store.write() as tx:
        await set_target(tx, firm.wang, "2026-10", 5_000_00, firm.ground.sources)
        await set_target(tx, firm.wang, "2026-10", 6_000_00, firm.ground.sources)
        assert await targets(tx, "2026-10") == {firm.wang: 6_000_00}
        (line,) = (await statement_of(tx, "2026-10", firm.ground)).lines
        assert (line.staff, line.reason, line.amount) == (firm.wang, "sales", 0)
        assert line.detail == "销售 0.00 / 目标 6000.00 元 · sold 0.00 of 6000.00"
        with pytest.raises(Refusal, match="no negative"):
            await set_target(tx, firm.wang, "2026-10", -1, firm.ground.sources)

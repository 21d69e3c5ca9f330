"""A refused operation is kept whole, can be replayed once its cause is mended, and its outcome reaches the phone."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from server.field import dead_letters
from server.field.defaults import CLASSES, add_default_classes
from server.identity import territories
from sync.business.letters import DROPPED, MENDED
from sync.clock import Moment
from sync.errors import Refusal
from sync.operations import Act, read_operation
from sync.outcomes import OutcomeCode
from sync.records import Refused, Visit
from sync.scopes import COMPANY
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone

DAY_MS = 86_400_000


async def _refused(company: Company) -> tuple[Phone, dead_letters.DeadLetter]:
    shop = await company.desk.register(company.desk.manager(), company.west, "西店")
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.CREATE, "visit", wang.id(), outlet=shop, notes="补货两箱")
    await wang.sync()
    async with company.desk.store.read() as tx:
        (letter,) = await dead_letters.listed(tx)
    return wang, letter


def _state(phone: Phone, company: Company) -> str:
    (refused,) = (one for one in phone.records(f"staff/{company.wang}").values() if isinstance(one, Refused))
    return refused.state


async def test_refuse_read_it_back_mend_the_cause_replay_and_the_phone_hears(company: Company) -> None:
    """The whole way of one refused visit."""
    wang, letter = await _refused(company)
    sources = company.means.departure.sources
    assert (letter.reason, letter.body) == ("record_unknown", wang.bodies[-1])
    assert _state(wang, company) == "open"
    with pytest.raises(Refusal, match="record_unknown"):
        await dead_letters.replay(company.desk.store, sources, letter.id)
    async with company.desk.store.write() as tx:
        await territories.assign(tx, company.west, company.wang, sources)
    outcome = await dead_letters.replay(company.desk.store, sources, letter.id, company.boss)
    assert outcome.code is OutcomeCode.APPLIED
    assert wang.agrees(await wang.sync())
    assert _state(wang, company) == "replayed"
    visits = [one for one in wang.records(company.west_scope).values() if getattr(one, "notes", "") == "补货两箱"]
    assert [one.staff for one in visits] == [company.wang]  # type: ignore[attr-defined]
    with pytest.raises(Refusal, match="replayed before"):
        await dead_letters.replay(company.desk.store, sources, letter.id)


async def test_a_closed_dead_letter_keeps_its_reason_and_the_phone_hears(company: Company) -> None:
    """Closing is a decision with a reason, and is seen where the work was done."""
    wang, letter = await _refused(company)
    await dead_letters.close(company.desk.store, company.means.departure.sources, letter.id, "拜访已由同事完成")
    await wang.sync()
    assert _state(wang, company) == "closed"
    async with company.desk.store.read() as tx:
        assert await dead_letters.listed(tx) == []
        assert len(await dead_letters.listed(tx, state="closed")) == 1


async def test_a_new_company_has_its_classes_and_every_phone_gets_them(company: Company) -> None:
    """Classes are records of the company's scope, each with a colour."""
    async with company.desk.store.write() as tx:
        changed = await add_default_classes(tx, company.means.departure.sources)
    assert changed == {COMPANY}
    wang = await company.phone(company.wang)
    await wang.sync()
    assert len(wang.records(COMPANY)) == len(CLASSES)


async def _mended(company: Company, phone: Phone, **settled: Any) -> UUID:
    """The rep sends the visit again with another outlet, and says that it takes the old one's place."""
    (told,) = (one for one in phone.records(f"staff/{company.wang}").values() if isinstance(one, Refused))
    mine = await company.desk.register(company.desk.manager(), company.east, "东店")
    await phone.sync()
    visit = told.record
    phone.log(Act.CREATE, "visit", visit, outlet=mine, notes="补货两箱")
    operation = read_operation(phone.bodies[-1])
    assert operation is not None
    changes = settled or {"state": "mended", "mended": operation.id}
    phone.log(Act.EDIT, "refused", told.id, base=1, **changes)
    return visit


async def test_refused_work_that_its_person_mends_closes_its_letter_and_keeps_its_time(company: Company) -> None:
    """The new operation takes effect, the letter is mended, and the visit was made when it was first logged."""
    phone, letter = await _refused(company)
    phone.moment = Moment("boot-1", 1_000_000 + 3 * DAY_MS, 1_000_000 + 3 * DAY_MS)
    company.desk.now += 3 * DAY_MS
    visit = await _mended(company, phone)
    answer = await phone.sync()
    assert [one.code for one in answer.head.outcomes][-2:] == [OutcomeCode.APPLIED, OutcomeCode.APPLIED]
    assert phone.agrees(answer)
    async with company.desk.store.read() as tx:
        (mended,) = await dead_letters.listed(tx, state=MENDED)
    assert (mended.id, mended.body) == (letter.id, letter.body)
    (made,) = (one for one in phone.records(company.east_scope).values() if one.id == visit)
    assert isinstance(made, Visit)
    assert made.started_at == letter.bounds.estimate
    with pytest.raises(Refusal, match="mended before"):
        await dead_letters.replay(company.desk.store, company.means.departure.sources, letter.id)


async def test_what_a_manager_settled_first_stands(company: Company) -> None:
    """A phone that mended offline after the letter was closed: its word is superseded, its work arrives."""
    phone, letter = await _refused(company)
    await _mended(company, phone)
    await dead_letters.close(company.desk.store, company.means.departure.sources, letter.id, "已由同事完成")
    answer = await phone.sync()
    assert [one.code for one in answer.head.outcomes][-2:] == [OutcomeCode.APPLIED, OutcomeCode.SUPERSEDED]
    assert (phone.agrees(await phone.sync()), _state(phone, company)) == (True, "closed")
    async with company.desk.store.read() as tx:
        assert [one.id for one in await dead_letters.listed(tx, state="closed")] == [letter.id]


@pytest.mark.parametrize(
    "settled",
    [{"state": "replayed"}, {"state": "mended"}, {"state": "dropped", "mended": UUID(int=7)}, {"state": "open"}],
)
async def test_a_person_only_mends_or_drops(company: Company, settled: dict[str, object]) -> None:
    """Whatever else is asked of own refused work is refused, and the letter stays open."""
    phone, letter = await _refused(company)
    await _mended(company, phone, **settled)
    answer = await phone.sync()
    assert (answer.head.outcomes[-1].code, answer.head.outcomes[-1].reason) == (OutcomeCode.REFUSED, "bad_value")
    async with company.desk.store.read() as tx:
        assert letter.id in {one.id for one in await dead_letters.listed(tx)}


async def test_dropped_work_is_closed_and_kept(company: Company) -> None:
    """The letter says that its own person dropped it; body and reason stay."""
    phone, letter = await _refused(company)
    (told,) = (one for one in phone.records(f"staff/{company.wang}").values() if isinstance(one, Refused))
    phone.log(Act.EDIT, "refused", told.id, base=1, state="dropped")
    assert phone.agrees(await phone.sync())
    async with company.desk.store.read() as tx:
        (dropped,) = await dead_letters.listed(tx, state=DROPPED)
    assert (dropped.id, dropped.body, dropped.reason) == (letter.id, letter.body, "record_unknown")


async def test_a_manager_and_the_person_at_the_same_moment_settle_it_once(company: Company) -> None:
    """Both go on at once: one of them settles it, nobody waits for ever, and both sides say the same."""
    phone, letter = await _refused(company)
    await _mended(company, phone)
    sources = company.means.departure.sources
    closing = dead_letters.close(company.desk.store, sources, letter.id, "已由同事完成")
    answer, closed = await asyncio.gather(phone.sync(), closing, return_exceptions=True)
    assert not isinstance(answer, BaseException)
    is_mended = answer.head.outcomes[-1].code is OutcomeCode.APPLIED
    assert is_mended is isinstance(closed, Refusal)
    await phone.sync()
    assert _state(phone, company) == ("mended" if is_mended else "closed")

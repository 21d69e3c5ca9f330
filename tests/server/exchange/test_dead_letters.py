"""A refused operation is kept whole, can be replayed once its cause is mended, and its outcome reaches the phone."""

from __future__ import annotations

import pytest

from server.field import dead_letters
from server.field.defaults import CLASSES, add_default_classes
from server.identity import territories
from sync.errors import Refusal
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records import Refused
from sync.scopes import COMPANY
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone


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

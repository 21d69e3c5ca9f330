"""Credit from the form to the terms, and what books and accounts bring to light."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from server.field.arrivals import look
from server.field.credit import review
from server.field.merging import merge
from server.field.policies import set_policy
from server.master.inbox import listed
from server.master.typed import TYPED
from sync.errors import Refusal
from sync.records import CreditTerms
from tests.server.field.credit.firm import Firm


async def terms(firm: Firm, outlet: UUID) -> dict[str, int] | None:
    """The terms at an outlet."""
    table = TYPED["outlet"]
    async with firm.store.read() as tx:
        found: dict[str, int] | None = (
            await tx.execute(select(table.c.credit).where(table.c.id == outlet))
        ).scalar_one()
        return found


async def open_matters(firm: Firm) -> list[str]:
    """The kinds of what waits for a manager."""
    async with firm.store.read() as tx:
        return sorted(one.matter.kind for one in await listed(tx))


async def heard(firm: Firm) -> list[tuple[str, str]]:
    """State and note of what the first rep was told of forms."""
    table = TYPED["finding"]
    async with firm.store.read() as tx:
        wanted = select(table.c.state, table.c.note).where(table.c.collection == "credit_application")
        return [(row.state, row.note) for row in await tx.execute(wanted)]


async def test_an_approval_writes_the_terms_and_the_rep_hears_it(firm: Firm) -> None:
    """With the terms that the manager gives; the matter is settled, and the form is decided once."""
    shop = await firm.outlet()
    form = await firm.apply(shop, limit=80_000, days=30)
    assert await open_matters(firm) == ["credit_application"]
    async with firm.store.write() as tx:
        await review.approve(tx, form, firm.ground, by=firm.manager, limit=50_000)
    assert await terms(firm, shop) == {"limit": 50_000, "days": 30}
    assert await open_matters(firm) == []
    assert [state for state, _ in await heard(firm)] == ["approved"]
    async with firm.store.write() as tx:
        with pytest.raises(Refusal, match="approved before"):
            await review.refuse(tx, form, "太晚", firm.ground, by=firm.manager)


async def test_longer_terms_are_the_dealers_with_a_reason(firm: Firm) -> None:
    """A manager gives at most `credit_days`; nobody else gives any."""
    shop = await firm.outlet()
    form = await firm.apply(shop, limit=80_000, days=60)
    async with firm.store.write() as tx:
        with pytest.raises(Refusal, match="at most 31 days"):
            await review.approve(tx, form, firm.ground, by=firm.manager)
        for by, reason in ((firm.manager, "老客户"), (firm.wang, "老客户"), (firm.dealer, " ")):
            with pytest.raises(Refusal):
                await review.extend(tx, shop, CreditTerms(80_000, 60), reason, firm.ground, by=by)
        with pytest.raises(Refusal, match="not_yours"):
            await review.approve(tx, form, firm.ground, by=firm.wang, days=10)
    assert await terms(firm, shop) is None
    async with firm.store.write() as tx:
        await review.extend(tx, shop, CreditTerms(80_000, 60), "老客户", firm.ground, by=firm.dealer)
    assert await terms(firm, shop) == {"limit": 80_000, "days": 60}
    assert "老客户" in (await heard(firm))[0][1]


async def test_a_question_is_answered_by_mending_the_form_and_a_decided_one_that_is_changed_waits_again(
    firm: Firm,
) -> None:
    """The manager is asked anew each time; terms that stand are not touched by it."""
    shop = await firm.outlet()
    form = await firm.apply(shop, limit=80_000, days=30)
    async with firm.store.write() as tx:
        await review.question(tx, form, "有无担保？", firm.ground, by=firm.manager)
    assert (await heard(firm), await open_matters(firm)) == ([("questioned", "有无担保？")], [])
    await firm.mend(form, creditworthiness="房东担保")
    assert await open_matters(firm) == ["credit_application"]
    async with firm.store.write() as tx:
        await review.approve(tx, form, firm.ground, by=firm.manager)
    await firm.mend(form, limit=900_000)
    assert await open_matters(firm) == ["credit_application"]
    async with firm.store.read() as tx:
        assert (await review.find(tx, form)).review == "pending"
    assert await terms(firm, shop) == {"limit": 80_000, "days": 30}


async def test_a_delivery_on_credit_out_of_the_books_is_in_and_brought_up_where_there_are_no_terms(firm: Firm) -> None:
    """Not where there are."""
    shop, other = await firm.outlet(), await firm.outlet("福顺超市", credit=CreditTerms(1, 30))
    await firm.deliver(shop, 100, on_credit=True)
    await firm.deliver(other, 100, on_credit=True)
    await firm.deliver(shop, 100)
    assert await open_matters(firm) == ["credit_without_terms"]


async def test_a_payment_into_an_account_that_is_not_the_companys_is_brought_up(firm: Firm) -> None:
    """From phones and books alike, however it is written; none set: nothing is held against it."""
    shop = await firm.outlet()
    await firm.pay(shop, 1, account="whatever")
    assert await open_matters(firm) == []
    async with firm.store.write() as tx:
        await set_policy(tx, "company_accounts", "6222 0201 3344, 微信刘经理", firm.sources)
    await firm.pay(shop, 2, account="６２２２０２０１３３４４")
    await firm.pay(shop, 3, account="微信：刘经理", by=firm.wang)
    assert await open_matters(firm) == []
    await firm.pay(shop, 4, account="小王微信", by=firm.wang)
    await firm.pay(shop, 5, account="小王微信")
    await firm.pay(shop, 6, account="written_off", by=firm.wang)
    assert await open_matters(firm) == ["incident"] * 3
    await look(firm.store, firm.ground)
    assert await open_matters(firm) == ["incident"] * 3


async def test_a_form_of_a_merged_outlet_is_approved_by_what_the_other_one_is_given(firm: Firm) -> None:
    """They are one customer with one account."""
    goes, stays = await firm.outlet("章记副食"), await firm.outlet("老张烟酒")
    form = await firm.apply(goes, limit=80_000, days=60)
    async with firm.store.write() as tx:
        await merge(tx, firm.sources, goes, stays, reason="同一家")
        await review.extend(tx, stays, CreditTerms(80_000, 60), "老客户", firm.ground, by=firm.dealer)
        assert (await review.find(tx, form)).review == "approved"
    assert await terms(firm, stays) == {"limit": 80_000, "days": 60}
    assert await open_matters(firm) == []

"""Whether an outlet's joint first visit was made, from visits in a real store."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from server.field.own_acts import Asked, carry_out
from server.field.visits.joint import joint_state
from sync.operations import Act
from sync.policies import Policies
from tests.server.firm import Firm

MINUTE = 60_000


async def state(firm: Firm, outlet: UUID, **policies: str) -> bool | None:
    """What the rule says of one outlet."""
    async with firm.desk.store.read() as tx:
        return (await joint_state(tx, [outlet], replace(await firm.ground(), policies=Policies(policies))))[outlet]


async def registered(firm: Firm, who: UUID) -> UUID:
    """An outlet that a rep registered."""
    return await firm.does(who, "outlet", name="老张烟酒")


async def test_what_a_rep_registered_waits_for_two(firm: Firm) -> None:
    """One log is not enough, nor are two that do not name each other; a call by phone is no visit."""
    shop = await registered(firm, firm.wang)
    assert await state(firm, shop) is False
    await firm.does(firm.wang, "visit", outlet=shop.bytes, companions=[firm.li.bytes])
    await firm.does(firm.li, "visit", outlet=shop.bytes)
    await firm.does(firm.li, "visit", outlet=shop.bytes, companions=[firm.wang.bytes], channel="company_phone")
    await firm.does(firm.li, "visit", outlet=shop.bytes, companions=[firm.wang.bytes], at=firm.desk.now - 31 * MINUTE)
    assert await state(firm, shop) is False
    await firm.does(firm.li, "visit", outlet=shop.bytes, companions=[firm.wang.bytes], at=firm.desk.now - 30 * MINUTE)
    assert await state(firm, shop) is True
    assert await state(firm, shop, first_visit_by_two="off") is None
    assert await state(firm, shop, joint_minutes="29") is False


async def test_what_an_amendment_says_counts(firm: Firm) -> None:
    """Companions that were forgotten can be named later."""
    shop = await registered(firm, firm.wang)
    first = await firm.does(firm.wang, "visit", outlet=shop.bytes)
    await firm.does(firm.li, "visit", outlet=shop.bytes, companions=[firm.wang.bytes])
    assert await state(firm, shop) is False
    await firm.does(firm.wang, "visit", outlet=shop.bytes, companions=[firm.li.bytes], amends=first.bytes)
    assert await state(firm, shop) is True


async def test_what_nobody_of_the_reps_registered_needs_none(firm: Firm) -> None:
    """A manager's own, and one of an import."""
    desk = firm.desk
    assert await state(firm, await firm.shop()) is None
    async with desk.store.write() as tx:
        asked = Asked("outlet", {"name": "表中的店"}, desk.id(), scope=f"territory/{firm.east}")
        await carry_out(tx, firm.sources, [asked])
        assert asked.record is not None
    assert await state(firm, asked.record) is None


async def test_visits_to_what_was_merged_into_it_count(firm: Firm) -> None:
    """Each of the two stood at what was then an outlet of its own."""
    desk = firm.desk
    shop, other = await registered(firm, firm.wang), await registered(firm, firm.li)
    await firm.does(firm.wang, "visit", outlet=shop.bytes, companions=[firm.li.bytes])
    await firm.does(firm.li, "visit", outlet=other.bytes, companions=[firm.wang.bytes])
    assert await state(firm, shop) is False
    async with desk.store.write() as tx:
        await carry_out(tx, firm.sources, [Asked("outlet", {"merged_into": shop}, other, Act.EDIT)])
    assert (await state(firm, shop), await state(firm, other)) == (True, True)

"""Key outlets are visited by somebody trusted too; what such a visit questions comes before a manager."""

from __future__ import annotations

from typing import Any

from server.field.arrivals import look
from server.field.care.trusted import QUESTIONED, TRUSTED_TASK, remind
from server.master.inbox import listed
from sync.operations import Act
from sync.records import Finding, Task
from tests.server.firm import Firm

DAY = 86_400_000


async def tasks(firm: Firm) -> list[tuple[str, str]]:
    """The partner's tasks of that kind: outlet and state."""
    return sorted((one.title[-1], one.status) for one in await firm.own(firm.li, Task) if one.kind == TRUSTED_TASK)


async def test_a_key_outlet_that_only_its_rep_visits_becomes_a_task_for_a_partner(firm: Firm) -> None:
    """After ninety days; the partner's own visit closes it, the owner's and a call do not."""
    shop, seen = await firm.shop("甲", grade="A"), await firm.shop("乙", grade="A")
    await firm.shop("丙")
    await firm.does(firm.li, "visit", outlet=seen.bytes)
    for days in (89, 1):
        firm.desk.now += days * DAY
        await firm.does(firm.wang, "visit", outlet=shop.bytes)
        if days == 1:
            await firm.does(firm.sun, "visit", outlet=seen.bytes)
        ground = await firm.ground()
        async with firm.store.write() as tx:
            await remind(tx, ground)
        assert await tasks(firm) == ([] if days == 89 else [("甲", "open")])
    await firm.does(firm.sun, "visit", outlet=shop.bytes, channel="company_phone", purpose="call_back")
    async with firm.store.write() as tx:
        await remind(tx, await firm.ground())
    assert await tasks(firm) == [("甲", "open")]
    await firm.does(firm.li, "visit", outlet=shop.bytes, purpose="trusted", result="confirmed")
    async with firm.store.write() as tx:
        await remind(tx, await firm.ground())
    assert await tasks(firm) == [("甲", "done")]


async def test_a_visit_that_questions_the_reps_comes_before_a_manager(firm: Firm) -> None:
    """With what was said; one that confirms them does not."""
    shop = await firm.shop(grade="A")
    for result in ("confirmed", "questioned"):
        await firm.does(firm.li, "visit", outlet=shop.bytes, purpose="trusted", result=result, notes="店主说两月没人来")
    await look(firm.store, await firm.ground())
    async with firm.store.read() as tx:
        (item,) = await listed(tx, kind=QUESTIONED)
    assert (item.matter.about, item.matter.staff, "两月没人来" in item.matter.zh) == (shop, firm.li, True)


async def test_a_companion_has_visited_too_and_a_call_is_no_visit(firm: Firm) -> None:
    """Whom the rep took along is a face there; who only rang, as service people do each quarter, is not."""
    along, rung = await firm.shop("甲", grade="A"), await firm.shop("乙", grade="A")
    firm.desk.now += 91 * DAY
    await firm.does(firm.wang, "visit", outlet=along.bytes, companions=[firm.li.bytes])
    await firm.does(firm.sun, "visit", outlet=rung.bytes, purpose="call_back", channel="company_phone")
    async with firm.store.write() as tx:
        await remind(tx, await firm.ground())
    assert await tasks(firm) == [("乙", "open")]


async def test_what_the_dealer_logs_on_a_phone_is_looked_at_as_well(firm: Firm) -> None:
    """It questions like a colleague's, and is judged like anybody's."""
    shop = await firm.shop(grade="A", position=[29.55, 106.57])
    said: dict[str, Any] = {"outlet": shop.bytes, "purpose": "trusted", "result": "questioned", "duration_s": 20}
    made = firm.desk.operation(Act.CREATE, "visit", firm.desk.id(), **said)
    await firm.desk.submit(firm.desk.deciding(firm.dealer, firm.east), made)
    await look(firm.store, await firm.ground())
    async with firm.store.read() as tx:
        (item,) = await listed(tx, kind=QUESTIONED)
    assert (item.matter.about, item.matter.staff) == (shop, firm.dealer)
    (found,) = await firm.own(firm.dealer, Finding)
    assert (found.state, [one.code for one in found.reasons]) == ("doubtful", ["no_position", "short"])

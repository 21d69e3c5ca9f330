"""A visit that is amended in another month was made in its own."""

from __future__ import annotations

from server.field.appraisal.folding import facts_of
from tests.server.firm import Firm


async def test_an_amended_visit_was_made_when_the_first_was(firm: Firm) -> None:
    """However often, and however late; what was not amended stays beside it."""
    shop = await firm.shop()
    made = firm.at("2026-10-31 23:50")
    first = await firm.does(firm.wang, "visit", outlet=shop.bytes)
    other = firm.at("2026-11-01 00:10")
    await firm.does(firm.li, "visit", outlet=shop.bytes)
    for day in ("2026-11-02 09:00", "2026-12-03 09:00"):
        firm.at(day)
        first = await firm.does(firm.wang, "visit", outlet=shop.bytes, notes=day, amends=first.bytes)
    async with firm.store.read() as tx:
        (facts,) = await facts_of(tx, [firm.desk.now], firm.desk.now)
    assert sorted((one.at, one.staff) for one in facts.visits) == [(made, firm.wang), (other, firm.li)]

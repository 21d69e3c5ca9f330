"""A manager's word on doubtful visits: it is told to the rep, and no rule says otherwise afterwards."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select

from server.field.arrivals import look
from server.field.visits.deciding import decide, waits
from server.master.typed import TYPED
from sync.errors import Refusal
from sync.positions import Position
from sync.records import Finding
from tests.server.firm import Firm

HERE, AWAY = Position(39.9042, 116.4074), Position(39.99, 116.5)
FINDINGS = TYPED["finding"]


async def _doubtful(firm: Firm) -> UUID:
    """A visit far from its outlet, as the rule has judged it."""
    shop = await firm.shop(position=HERE)
    visit = await firm.does(firm.wang, "visit", outlet=shop.bytes, position=AWAY, duration_s=600, at=firm.desk.now)
    await look(firm.store, await firm.ground())
    return visit


async def _finding(firm: Firm, visit: UUID) -> Finding:
    (found,) = [one for one in await firm.own(firm.wang, Finding) if one.about == visit]
    assert isinstance(found, Finding)
    return found


async def _waiting(firm: Firm) -> int:
    async with firm.store.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(FINDINGS).where(waits()))).scalar_one())


@pytest.mark.parametrize(("stands", "state", "code"), [(True, "accepted", "accepted"), (False, "doubtful", "upheld")])
async def test_a_decision_is_told_and_lasts(firm: Firm, stands: bool, state: str, code: str) -> None:
    """It is made once; what arrives later does not bring the doubt back, or take it away."""
    visit = await _doubtful(firm)
    assert await _waiting(firm) == 1
    async with firm.store.write() as tx:
        count, changed = await decide(tx, firm.sources, [visit], stands=stands, reason="打电话问过", by=firm.dealer)
        again, _ = await decide(tx, firm.sources, [visit], stands=not stands, reason="再想想", by=firm.dealer)
    assert (count, again, bool(changed)) == (1, 0, True)
    found = await _finding(firm, visit)
    assert (found.state, found.note, found.reasons[-1].code) == (state, "打电话问过", code)
    assert found.reasons[0].code == "far"
    firm.desk.now += 60_000
    shop = await firm.shop("别家", position=AWAY)
    await firm.does(firm.wang, "visit", outlet=shop.bytes, position=AWAY, duration_s=600, at=firm.desk.now - 120_000)
    await look(firm.store, await firm.ground())
    assert await _finding(firm, visit) == found
    assert await _waiting(firm) == 0


async def test_a_decision_is_a_managers_and_has_a_reason(firm: Firm) -> None:
    """Neither a rep's word nor an empty one does anything."""
    visit = await _doubtful(firm)
    async with firm.store.write() as tx:
        with pytest.raises(Refusal, match="not_yours"):
            await decide(tx, firm.sources, [visit], stands=True, reason="我去过", by=firm.wang)
        with pytest.raises(Refusal, match="reason"):
            await decide(tx, firm.sources, [visit], stands=True, reason=" ", by=firm.dealer)
    assert await _waiting(firm) == 1

"""What a manager or the dealer decides is refused to anybody else who is named, whatever it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from server.field import incidents, orders, proposals
from server.field.appraisal.statement import close
from server.field.ground import Ground
from server.field.pool import desk, late
from server.master.store import Store, Tx
from sync.errors import Refusal
from tests.server.firm import Firm, founded

Try = Callable[[Firm, Ground, Tx], Awaitable[object]]

ACTS: dict[str, Try] = {
    "incident": lambda firm, _, tx: incidents.decide(
        tx, firm.desk.id(), incidents.Decision.CLEARED, "x", firm.sources, firm.li
    ),
    "order accepted": lambda firm, _, tx: orders.accept_orders(tx, [firm.desk.id()], firm.sources, firm.li),
    "order refused": lambda firm, _, tx: orders.refuse_orders(tx, [firm.desk.id()], "x", firm.sources, firm.li),
    "deal": lambda firm, ground, tx: desk.deal(tx, firm.pool, ground, by=firm.li),
    "allot": lambda firm, ground, tx: desk.allot(tx, [], firm.wang, ground, by=firm.li),
    "put back": lambda firm, ground, tx: desk.put_back(tx, [], "x", ground, by=firm.li),
    "late visit": lambda firm, _, tx: late.refuse_late(tx, firm.sources, firm.desk.id(), "x", firm.li),
    "month": lambda firm, ground, tx: close(tx, "2026-09", ground, firm.li),
}


@pytest.mark.parametrize("name", ACTS)
async def test_a_rep_decides_nothing(store: Store, name: str) -> None:
    """Though somebody at the desk names one."""
    firm = await founded(store)
    ground = await firm.ground()
    async with store.write() as tx:
        with pytest.raises(Refusal) as refused:
            await ACTS[name](firm, ground, tx)
    assert refused.value.code == "not_yours"


async def test_a_rep_decides_on_no_proposal(store: Store) -> None:
    """Neither way."""
    firm = await founded(store)
    with pytest.raises(Refusal, match="a manager's"):
        await proposals.accept(store, firm.sources, [firm.desk.id()], firm.li)
    with pytest.raises(Refusal, match="a manager's"):
        await proposals.refuse(store, firm.sources, [firm.desk.id()], "x", firm.li)

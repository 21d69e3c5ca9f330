"""What was promised to outlets, and what of it was kept."""

from __future__ import annotations

from typing import Any

from server.field.own_acts import Asked, carry_out
from server.master.promises import promises
from sync.operations import Act
from tests.server.firm import Firm


async def test_a_colleague_keeps_a_promise_also_at_what_was_merged(firm: Firm) -> None:
    """Late from the day after its day, until somebody says that it is kept; what names no day comes last."""
    gone, shop = await firm.shop("张记"), await firm.shop("老张烟酒")
    dated: dict[str, Any] = {"promised": "送样品", "promised_by": "2026-10-15"}
    first = await firm.does(firm.wang, "contact_report", outlet=gone.bytes, **dated)
    await firm.does(firm.wang, "contact_report", outlet=shop.bytes, next_step="再谈陈列")
    async with firm.store.write() as tx:
        await carry_out(tx, firm.sources, [Asked("outlet", {"merged_into": shop}, gone, Act.EDIT)])
        found = await promises(tx, [gone])
        assert [(one.outlet, one.due, one.is_kept) for one in found] == [
            (shop, "2026-10-15", False),
            (shop, None, False),
        ]
        assert [one.is_late("2026-10-15") for one in found] == [False, False]
        assert [one.is_late("2026-10-16") for one in found] == [True, False]
    await firm.does(firm.li, "contact_report", outlet=shop.bytes, said="样品已送到", keeps=first.bytes)
    async with firm.store.read() as tx:
        found = await promises(tx)
        assert [(one.report == first, one.staff, one.is_kept) for one in found] == [
            (True, firm.wang, True), (False, firm.wang, False),
        ]  # fmt: skip
        assert not found[0].is_late("2026-10-16")


async def test_a_report_on_another_outlet_keeps_nothing(firm: Firm) -> None:
    """What was promised here is not seen to there."""
    shop, other = await firm.shop("甲"), await firm.shop("乙")
    first = await firm.does(firm.wang, "contact_report", outlet=shop.bytes, promised="送样品")
    await firm.does(firm.wang, "contact_report", outlet=other.bytes, said="送了", keeps=first.bytes)
    async with firm.store.read() as tx:
        assert [one.is_kept for one in await promises(tx)] == [False]

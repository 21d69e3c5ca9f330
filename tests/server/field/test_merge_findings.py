"""Reps hear of a merge of their own outlets, and that it was undone; what they may not see is not named to them."""

from __future__ import annotations

from uuid import UUID

from server.field.merging import merge, undo
from server.identity import territories
from sync.records import Finding
from tests.server.firm import Firm


async def heard(firm: Firm, who: UUID) -> list[tuple[str, str]]:
    """State and words of the findings of somebody."""
    return [(one.state, one.note) for one in await firm.own(who, Finding)]


async def shops(firm: Firm) -> tuple[UUID, UUID]:
    """One that Li registered in the east, and one in the west."""
    goes = await firm.does(firm.li, "outlet", name="章记副食")
    return goes, await firm.shop("老张烟酒", firm.west)


async def merged(firm: Firm, gone: UUID, into: UUID, by: UUID | None = None) -> frozenset[str]:
    """The dealer merges the two."""
    async with firm.store.write() as tx:
        came = await merge(tx, firm.sources, gone, into, reason="同一家店", by=by or firm.dealer)
    return came.changed


async def test_registrar_and_owner_hear_of_a_merge_and_of_its_end(firm: Firm) -> None:
    """Each once; the later one takes the place of the earlier."""
    goes, stays = await shops(firm)
    changed = await merged(firm, goes, stays)
    assert {f"staff/{firm.li}", f"staff/{firm.wang}"} <= changed
    for person in (firm.li, firm.wang):
        assert await heard(firm, person) == [("merged", "章记副食 同一家店")]
    assert await heard(firm, firm.zhou) == await heard(firm, firm.sun) == []
    async with firm.store.write() as tx:
        await undo(tx, firm.sources, goes, reason="是两家", by=firm.dealer)
    for person in (firm.li, firm.wang):
        assert await heard(firm, person) == [("parted", "章记副食 是两家")]


async def test_the_survivor_is_named_to_those_alone_who_work_where_it_stands(firm: Firm) -> None:
    """Li works in both territories; the owner of the east sees nothing of the west."""
    goes, stays = await shops(firm)
    async with firm.store.write() as tx:
        await territories.assign(tx, firm.west, firm.li, firm.sources)
    await merged(firm, goes, stays)
    assert await heard(firm, firm.li) == [("merged", "章记副食 → 老张烟酒：同一家店")]
    assert await heard(firm, firm.wang) == [("merged", "章记副食 同一家店")]


async def test_who_does_it_is_not_told(firm: Firm) -> None:
    """They know; the registrar hears it all the same."""
    goes, stays = await shops(firm)
    await merged(firm, goes, stays, by=firm.wang)
    assert await heard(firm, firm.wang) == []
    assert len(await heard(firm, firm.li)) == 1

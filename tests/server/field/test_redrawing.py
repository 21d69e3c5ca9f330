"""Territories drawn anew: what moves, what stays and why, and who may."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest

from server.field.pool.desk import history
from server.field.pool.stays import Moved
from server.field.redrawing import MOST, redraw
from server.identity import staff
from server.identity.staff import Role
from sync.errors import Refusal
from sync.scopes import territory
from tests.server.firm import Firm


async def redrawn(firm: Firm, outlets: Sequence[UUID], into: UUID, by: UUID | None = None) -> Moved:
    """Give outlets to a territory."""
    async with firm.store.write() as tx:
        return await redraw(tx, outlets, into, await firm.ground(), by=by or firm.dealer)


async def test_outlets_go_with_what_is_logged_at_them(firm: Firm) -> None:
    """From one phone's scope into the other's, in the name of who decided; both are told."""
    shop = await firm.shop()
    visit = await firm.does(firm.wang, "visit", outlet=shop, purpose="trusted", result="done")
    came = await redrawn(firm, [shop], firm.west)
    assert came.moved == (shop,)
    assert came.refused == {}
    assert {territory(firm.east), territory(firm.west)} <= came.changed
    assert shop not in await firm.desk.records(territory(firm.east))
    assert {shop, visit} <= (await firm.desk.records(territory(firm.west))).keys()


async def test_what_is_there_already_or_gone_is_said(firm: Firm) -> None:
    """And does not keep the rest from going; one that is named twice goes once."""
    shop, there = await firm.shop("一店"), await firm.shop("二店", firm.west)
    closed, nowhere = await firm.shop("三店", status="closed"), firm.desk.id()
    came = await redrawn(firm, [shop, there, closed, nowhere, shop], firm.west)
    assert came.moved == (shop,)
    assert came.refused == {there: "already_there", closed: "gone", nowhere: "gone"}


async def test_nothing_is_changed_where_all_is_there(firm: Firm) -> None:
    """No scope is told of anything."""
    shop = await firm.shop()
    assert (await redrawn(firm, [shop], firm.east)).changed == frozenset()


async def test_it_is_for_managers_in_bounds_and_into_a_territory(firm: Firm) -> None:
    """Refused whole otherwise."""
    shop = await firm.shop()
    for by, into, outlets, code in (
        (firm.wang, firm.west, [shop], "not_yours"),
        (firm.dealer, firm.desk.id(), [shop], "not_found"),
        (firm.dealer, firm.west, [shop] * (MOST + 1), "too_large"),
    ):
        with pytest.raises(Refusal) as refused:
            await redrawn(firm, outlets, into, by)
        assert refused.value.code == code
    assert shop in await firm.desk.records(territory(firm.east))


async def test_its_history_names_the_manager(firm: Firm) -> None:
    """The journal has the move and whose act it was."""
    shop = await firm.shop()
    async with firm.store.write() as tx:
        manager = await staff.add(tx, "陈经理", Role.MANAGER, firm.sources)
    await redrawn(firm, [shop], firm.west, manager.id)
    async with firm.store.read() as tx:
        steps, _ = await history(tx, shop)
    assert steps[-1].scope == territory(firm.west)

"""The firm, and short ways to move days on and to claim."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from server.field.arrivals import look
from server.field.policies import set_policy
from server.field.pool.returning import return_due
from server.master.store import Store
from server.times import day_of
from sync import scopes
from sync.operations import Act
from sync.records import Claim, Teaser
from tests.server.firm import ZONE, Firm, founded


@pytest.fixture
async def firm(store: Store) -> Firm:
    """The company, with the rule on since long ago."""
    made = await founded(store)
    at = made.desk.now
    made.at("2026-09-01 08:00")
    await switch(made, "on")
    made.desk.now = at
    return made


async def switch(firm: Firm, value: str, key: str = "pool_return") -> None:
    """Set a setting."""
    async with firm.store.write() as tx:
        await set_policy(tx, key, value, firm.sources)


def later(firm: Firm, days: int, hour: str = "09:00") -> int:
    """So many days on, at this hour."""
    today = date.fromisoformat(day_of(firm.desk.now, ZONE))
    return firm.at(f"{today + timedelta(days=days)} {hour}")


async def night(firm: Firm) -> None:
    """Let the rule look."""
    ground = await firm.ground()
    async with firm.store.write() as tx:
        await return_due(tx, ground)


async def claim(firm: Firm, who: UUID, outlet: UUID, place: UUID, at: int | None = None) -> UUID:
    """Claim from a phone; the claim's id. Nothing is decided yet."""
    record = firm.desk.id()
    actor = firm.desk.rep(who, place)
    operation = firm.desk.operation(Act.CREATE, "claim", record, outlet=outlet, territory=place)
    (outcome,) = await firm.desk.submit(actor, operation, at=at)
    assert not outcome.reason, outcome
    return record


async def decided(firm: Firm, who: UUID, one: UUID) -> tuple[str, str]:
    """What became of a claim once the rules have looked."""
    await look(firm.store, await firm.ground())
    (found,) = [each for each in await firm.own(who, Claim) if each.id == one]
    return found.state, found.reason


async def teasers(firm: Firm) -> dict[UUID, Teaser]:
    """The teasers of the pool by outlet."""
    found = (await firm.desk.records(scopes.teasers(firm.pool))).values()
    return {one.outlet: one for one in found if isinstance(one, Teaser)}


async def is_in(firm: Firm, outlet: UUID, scope: str) -> bool:
    """Whether an outlet stands in a scope."""
    return outlet in await firm.desk.records(scope)


async def pooled(firm: Firm, name: str = "老张烟酒", **fields: Any) -> UUID:
    """An outlet that was entered in the pool."""
    record = firm.desk.id()
    operation = firm.desk.operation(Act.CREATE, "outlet", record, scope=scopes.pool(firm.pool), name=name, **fields)
    (outcome,) = await firm.desk.submit(firm.desk.manager(), operation)
    assert not outcome.reason, outcome
    return record

"""Whoever only helps for a while follows nobody by that, and one who is named stays when the help would have ended."""

from __future__ import annotations

import pytest

from server.departure.cutoff import offboard
from server.departure.leaving.wanted import Wanted
from server.identity import help as helping
from server.identity.grants import grants_of
from server.master import inbox
from server.master.leaving import handover_lists
from sync import scopes
from tests.server.departure.ground import Ground
from tests.server.departure.office import Office

TWO_HOURS = 2 * 3_600_000


@pytest.fixture
async def ground(office: Office) -> Ground:
    """Wang's territory in the west has an outlet, and Li helps there for two hours."""
    ground = Ground(office)
    await ground.outlet(office.west, "甲", grade="A")
    async with office.store.write() as tx:
        await helping.give(tx, office.west, office.li, "代班", TWO_HOURS, office.sources)
    return ground


@pytest.mark.usefixtures("ground")
async def test_a_successor_who_helps_there_already_stays_beyond_the_help(office: Office) -> None:
    """The place becomes a lasting one: two hours later the outlets would have nobody."""
    await offboard(office.means, office.wang, "left", office.li)
    office.clock.tick(TWO_HOURS)
    async with office.store.read() as tx:
        assert scopes.territory(office.west) in (await grants_of(tx, office.li, office.clock())).scopes


@pytest.mark.usefixtures("ground")
async def test_who_only_helps_is_nobodys_successor(office: Office) -> None:
    """No list is written for them, and the manager is told that nobody follows."""
    await offboard(office.means, office.wang, "left")
    assert [row["successor"] for row in await office.rows(handover_lists)] == [None]
    async with office.store.read() as tx:
        assert office.west in {one.matter.about for one in await inbox.listed(tx, kind="outlets_without_owner")}


async def test_who_only_helps_keeps_no_outlet_from_the_pool(office: Office, ground: Ground) -> None:
    """Where colleagues stand for good it stays; where somebody helps for two hours it does not."""
    await ground.pool(office.west)
    await offboard(office.means, office.wang, "left", wanted=Wanted(to_pool=True))
    assert [kind for kind, _ in await office.journal()].count("outlets_moved") == 1

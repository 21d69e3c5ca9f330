"""A store of an earlier version with a departure in it: the steps of the schema keep all of it, and it goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, delete, insert, select

from server.departure.cutoff import cut_off
from server.departure.departures_file import Step
from server.departure.leaving.wanted import Wanted
from server.departure.plan import run_plans
from server.departure.recovery import reconcile
from server.master import migrations
from server.master.departures import handovers, quarantine, wipe_orders
from server.master.evidence import past_holdings
from server.master.people import devices, holdings, rosters
from server.master.tables import proposals, scopes
from sync.codec import encode
from tests.server.departure.office import Office

BEFORE_DEPARTURES_GREW = "0005"


def _back(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    command.downgrade(config, BEFORE_DEPARTURES_GREW)


@pytest.fixture
async def old(office: Office) -> Office:
    """Wang has left, the plan has not run, work waits in quarantine: as a store of the earlier version has it."""
    phone = await office.enrol(office.wang)
    phone.register(office.east, "老张烟酒")
    await cut_off(office.means, office.wang, "left", Wanted(office.li))
    await office.hear(phone, phone.request(sealed=phone.sealed()))
    async with office.store.write() as tx:
        await tx.execute(delete(handovers).where(handovers.c.step != Step.PLACE))
        scope = (await tx.execute(select(scopes.c.no).limit(1))).scalar_one()
        given = {"device": phone.id.bytes, "scope": scope, "first_at": 1, "last_at": 2, "version": 3, "evicted_at": 4}
        await tx.execute(insert(holdings).values(given))
        asked = {
            "id": bytes(16),
            "record": bytes(16),
            "operation": bytes(16),
            "at": 1,
            "changes": encode({"grade": "A"}),
        }
        await tx.execute(insert(proposals).values(asked))
        await tx.run_sync(_back)
    return office


async def test_what_an_earlier_version_kept_is_there_after_the_steps(old: Office) -> None:
    """Orders, hand-ins, holdings and proposals, and what was given back stays on record."""
    await migrations.upgrade(old.store)
    for table in (wipe_orders, quarantine, devices):
        assert len(await old.rows(table)) == 1
    assert [(row["first_at"], row["evicted_at"]) for row in await old.rows(past_holdings)] == [(1, 4)]
    assert [(row["why"], row["decided_at"]) for row in await old.rows(proposals)] == [("", None)]


async def test_a_plan_that_an_earlier_version_began_is_finished(old: Office) -> None:
    """Each territory goes to the successor, and nothing has to be done again."""
    await migrations.upgrade(old.store)
    found = await reconcile(old.store, old.file, old.keys, old.sources)
    assert (found.applied_again, found.epoch) == (0, None)
    assert await run_plans(old.store, old.sources, old.means.announcer) == 2
    assert {row["staff"] for row in await old.rows(rosters)} == {old.li.bytes}
    assert await run_plans(old.store, old.sources, old.means.announcer) == 0

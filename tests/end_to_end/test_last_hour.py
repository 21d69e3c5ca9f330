"""The last hour comes while no server runs, and the server is killed again and again while it carries it out."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path
from random import Random

from sqlalchemy import select

from server.departure.departures_file import Departure
from server.departure.leaving import notice
from server.departure.leaving.outlets import outlets_of
from server.departure.leaving.wanted import Wanted, held_by
from server.departure.means import Means
from server.identity import staff
from server.identity.staff import PersonStatus
from server.master.departures import handovers, wipe_orders
from server.master.leaving import handover_lists
from tests.end_to_end.deployment import Deployment

REP, SUCCESSOR = "周海波", "曹文俊"
KILLS = 6


async def give_notice(means: Means) -> set[bytes]:
    """The rep's last hour is a second ahead; the outlets that will change hands."""
    async with means.store.write() as tx:
        (rep,), (heir,) = await staff.named(tx, REP), await staff.named(tx, SUCCESSOR)
        last_at = means.sources.now() + 1000
        await notice.give(tx, rep.id, last_at, Wanted(heir.id), means.sources, reason="resigned")
        return {one.id.bytes for one in await outlets_of(tx, await held_by(tx, rep.id))}


async def is_handed_over(means: Means) -> tuple[PersonStatus, int, list[bytes], int, int]:
    """Status, orders, outlets on the list, rows of the plan that are open, departures in the file."""
    async with means.store.read() as tx:
        (rep,) = await staff.named(tx, REP)
        orders = len((await tx.execute(select(wipe_orders.c.id))).all())
        listed = [bytes(one) for one in (await tx.execute(select(handover_lists.c.outlet))).scalars()]
        still = len((await tx.execute(select(handovers.c.id).where(handovers.c.done_at.is_(None)))).all())
    lines = [one for one in means.file.read() if isinstance(one, Departure)]
    return rep.status, orders, listed, still, len(lines)


def test_a_server_that_is_killed_at_the_last_hour_finishes_the_departure_once(
    deployment: Deployment, tmp_path: Path
) -> None:
    """SIGKILL at moments that the seed draws; once it answers, all is done and nothing twice."""
    random = Random(20261231)
    deployment.phone(REP, tmp_path / "phone")
    outlets = deployment.act(give_notice)
    deployment.kill()
    for _ in range(KILLS):
        with suppress(subprocess.TimeoutExpired):
            deployment.launch().wait(random.uniform(1.0, 3.0))
        deployment.kill()
    deployment.start()
    status, orders, listed, still, departures = deployment.act(is_handed_over)
    assert (status, orders, still, departures) == (PersonStatus.DEPARTED, 1, 0, 1)
    assert (set(listed), len(listed)) == (outlets, len(outlets))
    assert len(outlets) > 100
    assert deployment.faults() == []

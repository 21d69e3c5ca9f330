"""The running server chases by itself: what hangs is brought up and goes out, and no job waits for that."""

from __future__ import annotations

import asyncio
from pathlib import Path

from server.app.regular import JOBS, OUTWARD, run_jobs
from server.master import inbox
from tests.server.departure.post import web_server
from tests.server.routes.house import opened

DAY = 24 * 3_600_000


async def test_a_server_left_alone_tells_of_an_order_that_hangs(tmp_path: Path) -> None:
    """With the settings that an operator writes, over a real connection."""
    async with (
        web_server() as post,
        opened(tmp_path / "home", webhook_url=f"{post.url}/hook", wipe_reminder_after=2 * DAY) as house,
    ):
        person = await house.person()
        await house.phone(person)
        await house.offboard(person.id)
        house.desk.now += 2 * DAY
        running = [asyncio.create_task(run_jobs(house.context, jobs, every_s=0.01)) for jobs in (JOBS, OUTWARD)]
        await asyncio.wait_for(post.arrived.wait(), 20)
        for one in running:
            one.cancel()
        async with house.store.read() as tx:
            assert len(await inbox.listed(tx, kind="wipe_unconfirmed")) == 1
        assert "failed" not in house.log.getvalue()


def test_what_goes_out_has_a_round_of_its_own() -> None:
    """A mail server that does not answer holds up no plan, checkpoint or wake."""
    assert not {one.name for one in OUTWARD} & {one.name for one in JOBS}

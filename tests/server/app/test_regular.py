"""Regular jobs: each has its turn at the start and again, whatever becomes of the others."""

from __future__ import annotations

import asyncio

from server.app.regular import Job, run_jobs
from server.routes.context import Context
from tests.server.routes.house import House


async def test_a_job_that_fails_is_logged_and_stops_no_other(house: House) -> None:
    """Both have their turn, twice."""
    done: list[str] = []
    enough = asyncio.Event()

    async def broken(_context: Context) -> None:
        done.append("broken")
        raise RuntimeError("the disk is away")

    async def sound(_context: Context) -> None:
        done.append("sound")
        if done.count("sound") == 2:
            enough.set()

    running = asyncio.create_task(run_jobs(house.context, (Job("broken", broken), Job("sound", sound)), every_s=0.0))
    await asyncio.wait_for(enough.wait(), 10)
    running.cancel()
    assert done[:4] == ["broken", "sound", "broken", "sound"]
    assert "broken failed" in house.log.getvalue()
    assert "the disk is away" not in house.log.getvalue()


async def test_a_job_that_is_under_way_when_the_server_ends_comes_to_its_end(house: House) -> None:
    """Nothing is torn in the middle of a transaction for an ordinary stop."""
    begun, done = asyncio.Event(), list[str]()

    async def slow(_context: Context) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        done.append("slow")

    running = asyncio.create_task(run_jobs(house.context, (Job("slow", slow),), every_s=60.0))
    await asyncio.wait_for(begun.wait(), 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (done, running.cancelled()) == (["slow"], True)

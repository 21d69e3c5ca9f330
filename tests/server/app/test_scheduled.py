"""Cut-offs at their hour: by the running server within a minute, and at a start before anything is answered."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

from server.app import create_app
from server.app.life import in_the_background
from server.app.regular import EVERY_S, JOBS, LONG, OUTWARD, PROMPT, run_jobs
from server.departure.leaving import notice
from server.departure.leaving.wanted import Wanted
from server.identity import staff
from server.identity.staff import Person, PersonStatus
from server.master.store import Store
from sync.messages import Standing
from tests.server.routes.house import House, Phone, opened

HOUR = 3_600_000


async def under_notice(house: House, phone: Phone) -> int:
    """The phone's person is under notice for an hour; the last hour."""
    async with house.store.write() as tx:
        last_at = house.desk.now + HOUR
        await notice.give(tx, UUID(phone.told["staff"]), last_at, Wanted(), house.sources, reason="resigned")
    return last_at


async def person_of(store: Store, phone: Phone) -> Person:
    """Whose phone it is."""
    async with store.read() as tx:
        found = await staff.find(tx, UUID(phone.told["staff"]))
    assert found is not None
    return found


async def test_the_running_server_cuts_off_at_the_hour(house: House) -> None:
    """The phone that asked before the hour is answered with records, and the one that asks after its turn is not."""
    phone = await house.phone()
    last_at = await under_notice(house, phone)
    house.desk.now = last_at - 1
    assert (await phone.sync()).head.standing is Standing.ACTIVE
    house.desk.now = last_at
    async with in_the_background(run_jobs(house.context, PROMPT, every_s=0.01)):
        for _ in range(1000):
            if "cut off at the last hour" in house.log.getvalue():
                break
            await asyncio.sleep(0.01)
    answer = await phone.sync()
    assert (answer.head.standing, len(answer.head.orders)) == (Standing.DEPARTED, 1)
    assert (await person_of(house.store, phone)).left_at == last_at


def test_the_hour_waits_for_no_other_job() -> None:
    """It has turns of its own, two in a minute, however long the check of the night takes."""
    assert EVERY_S <= 30
    assert not set(PROMPT) & {*JOBS, *LONG, *OUTWARD}


def test_nothing_that_a_departure_needs_waits_for_strangers_or_for_the_check_of_the_night() -> None:
    """What asks somebody else's server, or reads the whole store, has a round of its own."""
    assert {"waking phones with an order", "messages on their way out"} <= {one.name for one in OUTWARD}
    assert "check of the night" in {one.name for one in LONG}
    assert not set(JOBS) & {*LONG, *OUTWARD}


async def test_an_hour_that_came_while_no_server_ran_is_carried_out_before_the_first_answer(tmp_path: Path) -> None:
    """The server was down at the last hour: once it answers, the person has left and the plan is done."""
    async with opened(tmp_path / "home") as house:
        phone = await house.phone()
        house.desk.now = await under_notice(house, phone) + HOUR
        settings, sources = house.settings, house.sources
    app = create_app(settings, sources)
    async with app.lifespan():
        found = await person_of(app.state.context.store, phone)
    assert (found.status, found.left_at) == (PersonStatus.DEPARTED, house.desk.now)


async def test_a_job_that_swallows_its_cancellation_does_not_hold_up_the_end() -> None:
    """A driver does so now and then while it puts a connection away; the server ends all the same."""
    swallowed = list[str]()

    async def stubborn() -> None:
        while len(swallowed) < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed.append("again")
        await asyncio.sleep(60)

    async with in_the_background(stubborn()):
        await asyncio.sleep(0)
    assert swallowed == ["again"] * 2

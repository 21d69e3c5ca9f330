"""Regular jobs: each has its turn at the start and again, whatever becomes of the others."""

from __future__ import annotations

import asyncio

from server.app.life import in_the_background
from server.app.regular import JOBS, Job, run_jobs
from server.departure import replace
from server.exchange.lookout import A_DAYS_WORK
from server.identity import help as helping
from server.routes.context import Context
from sync import scopes
from sync.messages import Standing
from sync.operations import Act
from tests.server.routes.house import House, Phone
from tests.server.routes.wire import Wire


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

    async with in_the_background(run_jobs(house.context, (Job("broken", broken), Job("sound", sound)), every_s=0.0)):
        await asyncio.wait_for(enough.wait(), 10)
    assert done[:4] == ["broken", "sound", "broken", "sound"]
    assert "broken failed" in house.log.getvalue()
    assert "the disk is away" not in house.log.getvalue()


async def test_when_help_ends_an_open_phone_is_told_to_look(house: House) -> None:
    """The job takes the place away, and the stream says that something changed in the territory."""
    place, rep = await house.territory("城东"), await house.person()
    phone = await house.phone(rep)
    async with house.store.write() as tx:
        given = await helping.give(tx, place.id, rep.id, "代班", 2 * 3_600_000, house.sources)
    wire = Wire(house.app, "GET", "/live", phone.bearer())
    await wire.until(b":\n\n")
    house.desk.now = given.until
    (job,) = (one for one in JOBS if one.name == "ends of temporary help")
    await job.work(house.context)
    await wire.until(f"data: {scopes.territory(place.id)}\n".encode())
    wire.hang_up()
    await wire.ended()


async def test_a_new_phone_that_was_confirmed_closes_the_old_one_at_the_next_turn(house: House) -> None:
    """Whoever confirmed it may have stopped right after."""
    old = await house.phone(await house.person())
    async with house.store.write() as tx:
        issued = await replace.begin(tx, old.device, house.sources, lifetime=900_000, confirm=False)
    new = Phone(house)
    await new.enrol(issued.code.shown)
    (job,) = (one for one in JOBS if one.name == "replaced phones")
    await job.work(house.context)
    assert (await old.sync()).head.standing is Standing.DEPARTED
    assert (await new.sync()).head.standing is Standing.ACTIVE


async def test_a_phone_hears_what_the_rules_found_of_a_large_push(house: House) -> None:
    """It was answered before they looked, and hears by its stream that there is something."""
    rep = await house.person()
    place = await house.territory("城东", rep)
    phone, shop = await house.phone(rep), house.desk.id()
    visits = [house.desk.operation(Act.CREATE, "visit", house.desk.id(), outlet=shop) for _ in range(A_DAYS_WORK)]
    made = house.desk.operation(Act.CREATE, "outlet", shop, scope=scopes.territory(place.id), name="老张烟酒")
    wire = Wire(house.app, "GET", "/live", phone.bearer())
    await wire.until(b":\n\n")
    await phone.sync(made, *visits)
    await wire.until(f"data: {phone.scope}\n".encode())
    wire.hang_up()
    await wire.ended()

"""What the server does by itself while it runs: each job at the start and then again and again, one after the other.

A job looks at the store and the clock and does what is due, so it may run late, twice, or in several processes at once.
One that fails is logged and has its turn again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from server.departure.chase import Pace, chase
from server.departure.checkpointing import checkpoint_if_due
from server.departure.cutoff import follow_up
from server.departure.leaving.checklist import remind
from server.departure.leaving.scheduled import cut_off_due
from server.departure.photo_records import archive
from server.departure.plan import run_plans
from server.departure.recovery import keep_together
from server.departure.reminders import send_due
from server.departure.replace import finish
from server.departure.waking import wake_ordered
from server.exchange.replaced import take_in_replaced
from server.field.arrivals import look
from server.field.canaries import make_due
from server.field.daily import look_daily
from server.field.effect.due import look_if_due
from server.field.openings import clear_if_due
from server.identity.help import end_due
from server.identity.trips import end_over
from server.logs import tell_failure
from server.master.anchors import anchor_newest
from server.master.nightly import check_if_due
from server.master.partitions import make_months
from server.master.timestamps import anchor_of
from server.routes.context import Context

__all__ = [
    "JOBS",
    "LONG",
    "OUTWARD",
    "PROMPT",
    "TOGETHER",
    "TOGETHER_EVERY_S",
    "Job",
    "look_at_large_pushes",
    "run_jobs",
]

EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is due from time to time; `work` finds out by itself whether it is."""

    name: str
    work: Callable[[Context], Awaitable[object]]


async def _plans(context: Context) -> None:
    departure = context.exchange.departure
    await run_plans(departure.store, departure.sources, departure.announcer, departure.zone)


async def _departures(context: Context) -> None:
    departure = context.exchange.departure
    found = await keep_together(departure.store, departure.file, departure.keys, departure.sources)
    if found.epoch is not None:
        context.log.warning("history was lost; a new epoch began", applied_again=found.applied_again)
        await _plans(context)


async def _checkpoints(context: Context) -> None:
    await checkpoint_if_due(context.exchange.departure, context.settings.checkpoint_every)


async def _wakes(context: Context) -> None:
    await wake_ordered(context.exchange.departure, context.waker)


async def _anchors(context: Context) -> None:
    anchor = anchor_of(context.settings)
    if anchor is not None:
        await anchor_newest(context.store, anchor)


async def _decoys(context: Context) -> None:
    await make_due(context.store, context.sources, context.settings.decoys_per_replica)


async def _check(context: Context) -> None:
    pinned, hour = context.keys.signing_public, context.settings.check_hour
    found = await check_if_due(context.store, pinned, context.sources, hour, anchor_of(context.settings))
    if found is not None:
        context.log.info("checked", entries=found.journal.entries, flaws=found.journal.found, faults=len(found.store))


async def _effects(context: Context) -> None:
    departure, loss = context.exchange.departure, context.settings.effect_loss
    changed = await look_if_due(departure.store, departure.sources, departure.zone, loss)
    departure.announcer.announce(changed)


async def _months(context: Context) -> None:
    made = await make_months(context.store, context.sources.now())
    if made:
        context.log.info("parts of tables made", parts=made)


async def _photos(context: Context) -> None:
    await archive(context.exchange.departure)


async def _helps(context: Context) -> None:
    await end_due(context.store, context.sources, context.announcer)


async def _trips(context: Context) -> None:
    await end_over(context.store, context.sources)


async def _formalities(context: Context) -> None:
    await remind(context.store, context.sources)


async def _cut_offs(context: Context) -> None:
    done = await cut_off_due(context.exchange.departure)
    for one in done:
        context.log.info("cut off at the last hour", staff=str(one.staff), devices=len(one.devices))
    if done:
        await follow_up(context.exchange.departure)


TOGETHER: tuple[Job, ...] = (Job("departures file", _departures),)
"""What every machine looks at for itself, more often than the rest: a departure elsewhere is soon in its file too."""
TOGETHER_EVERY_S = 5.0

PROMPT: tuple[Job, ...] = (Job("cut-offs at their hour", _cut_offs),)
"""Jobs that may not wait for others: they have turns of their own."""


async def _chase(context: Context) -> None:
    pace = Pace(context.settings.wipe_reminder_after, context.settings.wipe_reminder_every)
    await chase(context.exchange.departure, pace, context.channels)


async def _openings(context: Context) -> None:
    zone, hour = context.settings.time_zone, context.settings.check_hour
    await clear_if_due(context.store, context.sources, context.announcer, zone, hour)


async def _send_out(context: Context) -> None:
    await send_due(context.store, context.channels, context.sources)


async def _replacements(context: Context) -> None:
    await finish(context.exchange.departure)
    await take_in_replaced(context.exchange)


async def _arrivals(context: Context) -> None:
    context.announcer.announce(await look(context.store, context.exchange.rules))


async def _daily(context: Context) -> None:
    changed = await look_daily(context.store, context.exchange.rules, context.settings.check_hour)
    context.announcer.announce(changed)


_LEFT = Job("arrivals that were left", _arrivals)
JOBS: tuple[Job, ...] = (
    _LEFT,
    Job("plans of departures", _plans),
    Job("formalities of departures", _formalities),
    Job("checkpoints of the journal", _checkpoints),
    Job("decoys", _decoys),
    Job("photos handed in", _photos),
    Job("ends of temporary help", _helps),
    Job("trips that are over", _trips),
    Job("orders that hang", _chase),
    Job("replaced phones", _replacements),
)
LONG: tuple[Job, ...] = (
    Job("months of visits and journal", _months),
    Job("rules of the day", _daily),
    Job("check of the night", _check),
    Job("before and after departures", _effects),
    Job("openings of a month ago", _openings),
)
"""Jobs that read much and may take minutes once a day: a round of their own too."""
OUTWARD: tuple[Job, ...] = (
    Job("waking phones with an order", _wakes),
    Job("messages on their way out", _send_out),
    Job("time stamp of the newest checkpoint", _anchors),
)
"""Jobs that wait for somebody else's server: they have a round of their own, so that nothing here waits for them."""


async def look_at_large_pushes(context: Context) -> None:
    """Let the rules look at what large pushes brought whenever these pause, until cancelled. What fails has its turn
    with what was left.
    """
    while True:
        await context.exchange.lookout.paused()
        await _is_done(context, _LEFT)


async def _follow_keys(context: Context) -> bool:
    """Work with the keys that the company has now; whether they are here."""
    try:
        async with context.store.read() as tx:
            await context.keys.in_step(tx)
    except Exception as error:  # noqa: BLE001  # the next round looks again
        tell_failure(context.log, "following the company's keys failed", error)
        return False
    return True


async def run_jobs(context: Context, jobs: Sequence[Job] = JOBS, every_s: float = EVERY_S) -> None:
    """Give every job its turn, until cancelled. None has one while this machine has not got the company's keys."""
    for job in jobs:
        context.meters.job_begins(job.name, context.sources.now())
    while True:
        has_keys = await _follow_keys(context)
        for job in jobs:
            is_well = has_keys and await _is_done(context, job)
            context.meters.job_ended(job.name, context.sources.now(), is_well=is_well)
        await asyncio.sleep(every_s)


async def _is_done(context: Context, job: Job) -> bool:
    """Give a job its turn; whether it did not fail."""
    try:
        await job.work(context)
    except Exception as error:  # noqa: BLE001  # one job's failure must not stop the others
        tell_failure(context.log, f"{job.name} failed", error)
        return False
    return True

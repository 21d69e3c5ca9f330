"""Putting the rooms together: from the settings to what every route is given."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from server.departure.channels import channels_of
from server.departure.means import Means as DepartureMeans
from server.departure.means import means_of
from server.departure.plan import run_plans
from server.departure.recovery import reconcile
from server.exchange.means import Means
from server.identity.admission import Desk
from server.identity.attestation import load_roots
from server.identity.keys import load_operations_token, load_push_key
from server.identity.terms import LeaseSetting
from server.live.wake import NoWaker, Waker
from server.live.webpush import WebPush
from server.logs import Logger
from server.master.guard import GuardSetting
from server.ports import Sources
from server.routes.budget import Budget, Room
from server.routes.context import Context
from server.routes.gate import Gate
from server.routes.meters import Meters
from server.settings import Settings

__all__ = ["compose"]


def _recovery(means: DepartureMeans, log: Logger) -> Callable[[], Awaitable[None]]:
    """Begins a new epoch when a device proves lost history; devices that prove it meanwhile wait for that one."""
    lock = asyncio.Lock()

    async def recover() -> None:
        is_begun = lock.locked()
        async with lock:
            if not is_begun:
                log.warning("a device has shown that history was lost or rewritten; a new epoch begins")
                await reconcile(means.store, means.file, means.keys, means.sources, is_lost=True)
                await run_plans(means.store, means.sources, means.announcer, means.zone)

    return recover


def _waker(settings: Settings, sources: Sources) -> Waker:
    if not settings.push_services:
        return NoWaker()
    return WebPush(settings.push_services, load_push_key(settings.keys, sources.random), settings.push_contact)


def _guard(settings: Settings) -> GuardSetting | None:
    if not settings.mass_change_guard:
        return None
    return GuardSetting(settings.mass_change_least, settings.mass_change_times)


def compose(settings: Settings, sources: Sources, log: Logger) -> Context:
    """What every route is given. Opens no connection yet. Raises KeyFileError, RootError."""
    means = means_of(settings, sources)
    lease = LeaseSetting(settings.lease_locks_after, settings.lease_erases_after, settings.lease_under_notice)
    return Context(
        settings=settings,
        store=means.store,
        keys=means.keys,
        sources=sources,
        announcer=means.announcer,
        waker=_waker(settings, sources),
        channels=channels_of(settings),
        locks=means.locks,
        desk=Desk(means.store, means.keys),
        roots=load_roots(settings.attestation),
        exchange=Means(
            means, _recovery(means, log), lease, settings.phone_region, settings.support_contact, _guard(settings)
        ),
        photos=means.photos,
        budget=Budget(settings.budget_burst, settings.budget_per_minute, sources.now, sources.random),
        # Whole offices enrol from one address; what protects a code is that it is long and dies after five tries.
        strangers=Budget(settings.enrolments_per_minute, settings.enrolments_per_minute, sources.now, sources.random),
        unsigned=Budget(settings.unsigned_per_minute, settings.unsigned_per_minute, sources.now, sources.random),
        syncs=Gate(settings.syncs_at_once, sources.now, sources.random),
        room=Room(settings.syncs_at_once * settings.body_limit, sources.random),
        meters=Meters(lambda: len(means.announcer)),
        operations=load_operations_token(settings.keys, sources.random),
        log=log,
    )

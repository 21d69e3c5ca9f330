"""What a replaced phone hands in after its cut-off: its person's own work, taken in as from a phone in use.

It lies in quarantine first, like what any departed phone hands in, so it is safe before it is acknowledged. From there
it goes through the write path with the rights that the person has now, in whichever process looks first, once.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from server.departure.photo_records import archive
from server.departure.quarantine import Decided, accept_own, replaced_of
from server.exchange.means import Means
from server.field.pool.late import bring_back
from server.field.proposals import bring_up_mass
from server.master.store import Tx

__all__ = ["take_in_replaced"]


async def take_in_replaced(means: Means) -> int:
    """Take in all of it, and say how many operations that were. One person's trouble holds up nobody else's work; what
    stopped the first is raised at the end.
    """
    departure = means.departure
    async with departure.store.read() as tx:
        people = await replaced_of(tx)
    taken = 0
    stopped: list[Exception] = []
    for person in people:
        try:
            taken += await _all(means, person)
        except Exception as error:  # noqa: BLE001  # the others' work must not wait for it
            stopped.append(error)
    if taken:
        await archive(departure)
    if stopped:
        raise stopped[0]
    return taken


async def _all(means: Means, person: UUID) -> int:
    departure, taken = means.departure, 0
    while (decided := await departure.store.transact(partial(_some, person=person, means=means))).items:
        taken += len(decided.items)
        departure.announcer.announce(decided.changed)
    return taken


async def _some(tx: Tx, person: UUID, means: Means) -> Decided:
    sources = means.departure.sources
    decided = await accept_own(tx, person, means.departure, means.guard, bring_back)
    await bring_up_mass(tx, person, decided.held_back, sources)
    return decided

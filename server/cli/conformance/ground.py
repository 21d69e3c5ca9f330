"""The throw-away ground of a check: a territory, a rep who is called what they are, and taking it all away again."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.cli.talk import Failure, when
from server.cli.trial.company import Company
from server.departure import cutoff, orders, quarantine
from server.departure.leaving import checklist
from server.identity import staff, territories
from server.identity.staff import Person, PersonStatus, Role
from server.identity.territories import Territory
from server.master import inbox
from server.master.actors import Actor, Authority, Batch, Rights, Submission
from server.master.store import Tx
from server.master.typed import TYPED
from server.master.write import apply
from sync import scopes
from sync.clock import Bounds, Moment
from sync.codec import encode
from sync.operations import Act, Operation
from sync.outcomes import OutcomeCode

__all__ = ["PLACE", "WHY", "Ground", "break_ground", "clear"]

PLACE = "符合性检查片区 · conformance check"
"""The throw-away territory. It is empty between checks and is used again by the next."""
WHY = "conformance check"


class Ground(msgspec.Struct, frozen=True):
    """Where a check plays, and who plays the rep."""

    territory: Territory
    person: Person


async def break_ground(company: Company, *, private: bool = True) -> Ground:
    """Add the rep of this check, on the roster of the throw-away territory, which is made where it is missing."""
    sources = company.deployment.sources
    name = f"符合性检查 · conformance check {when(sources.now())}"
    async with company.deployment.store.write() as tx:
        place = await territories.territory_named(tx, PLACE)
        place = place or await territories.add_territory(tx, PLACE, None, sources)
        person = await staff.add(tx, name, Role.REP, sources)
        await territories.assign(tx, place.id, person.id, sources, private=private)
    return Ground(place, person)


async def clear(company: Company, ground: Ground) -> dict[str, int]:
    """Take away what the check made, as far as it is not gone already, and say how much that was. Whoever still has
    a device is cut off; the person, the orders and the journal stay, as they always do.
    """
    means, person = company.deployment.means, ground.person.id
    async with means.store.read() as tx:
        found = await staff.find(tx, person)
    if found is not None and found.status is not PersonStatus.DEPARTED:
        await cutoff.offboard(means, person, "conformance_check")
    waiting = [one.id for one in await company.quarantined(person) if one.state in quarantine.OPEN]
    await quarantine.refuse(means, waiting, WHY)
    closed = await _close_orders(company, person)
    settled = await _settle_inbox(company, person)
    return {
        "refused": len(waiting),
        "orders_closed": closed,
        "matters_settled": settled,
        "outlets_removed": await _remove_outlets(company, ground),
    }


async def _close_orders(company: Company, person: UUID) -> int:
    """Orders that did not come to their end have no phone any more: nobody is to chase them."""
    async with company.deployment.store.write() as tx:
        hanging = [one for one in await orders.listed(tx, open_only=True) if one.staff == person]
        return sum([await orders.close(tx, one, WHY, company.deployment.sources) for one in hanging])


async def _settle_inbox(company: Company, person: UUID) -> int:
    async with company.deployment.store.write() as tx:
        await checklist.call_off(tx, person, company.deployment.sources)
        ours = [one for one in await inbox.listed(tx) if person in {one.matter.staff, one.matter.about}]
        return sum([await inbox.settle(tx, one.id, WHY, company.deployment.sources) for one in ours])


async def _remove_outlets(company: Company, ground: Ground) -> int:
    """Remove the outlets that the check's rep registered, by operations; what stands at them goes along."""

    async def work(tx: Tx) -> tuple[int, frozenset[str]]:
        made = await _made_by(tx, ground.person.id)
        return len(made), await _removed(tx, company, made)

    removed, changed = await company.deployment.store.transact(work)
    company.deployment.means.announcer.announce(changed)
    return removed


async def _made_by(tx: Tx, person: UUID) -> Sequence[tuple[UUID, int]]:
    table = TYPED["outlet"]
    rows = await tx.execute(select(table.c.id, table.c.revision).where(table.c.registered_by == person))
    return [(row.id, row.revision) for row in rows]


async def _removed(tx: Tx, company: Company, made: Sequence[tuple[UUID, int]]) -> frozenset[str]:
    sources = company.deployment.sources
    now = sources.now()
    acts = [
        Operation(sources.new_id(), Act.REMOVE, "outlet", outlet, revision, Moment("check", now, now))
        for outlet, revision in made
    ]
    actor = Actor(sources.random(16), Rights(Authority.SERVER), scopes.COMPANY)
    handed = [Submission(at, encode(one), Bounds(now, now, now), one) for at, one in enumerate(acts, 1)]
    applied = await apply(tx, actor, handed, Batch(now, sources.random))
    if any(one.code is OutcomeCode.REFUSED for one in applied.outcomes):
        raise Failure(
            "outlets_left", f"outlets of the check are left in {PLACE}; remove them by hand",
            f"检查用的终端仍在“{PLACE}”，请手工删除",
        )  # fmt: skip
    return applied.changed

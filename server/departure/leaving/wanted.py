"""What a manager wants of a handover, and the rows of the plan that follow from it.

What cannot be is refused while somebody is there to hear it (`settled`). Planning itself refuses nothing: a cut-off
that was scheduled happens, whatever has become of its plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.departure.departures_file import Planned, Step
from server.identity import staff
from server.identity.staff import PersonStatus, Role
from server.identity.territories import Place, find_territory, roster_of
from server.master.people import rosters
from server.master.scoping import numbers
from server.master.store import Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["Goes", "Wanted", "answering", "check_successor", "held_by", "planned", "settled"]

_OUTLETS = TYPED["outlet"]


class Goes(msgspec.Struct, frozen=True):
    """Where a territory or an outlet goes: to a person who takes the place, to another territory, or to the pool."""

    successor: UUID | None = None
    territory: UUID | None = None
    pool: bool = False


class Wanted(msgspec.Struct, frozen=True):
    """What is wanted: who follows, or the pool, where nothing else is said; and what is said of single territories
    and outlets, each by its id.
    """

    successor: UUID | None = None
    to_pool: bool = False
    territories: tuple[tuple[UUID, Goes], ...] = ()
    outlets: tuple[tuple[UUID, Goes], ...] = ()


async def held_by(tx: Tx, person: UUID) -> list[UUID]:
    """The territories on whose roster a person stands; those where they only help for a while are no part of it."""
    lasting = (rosters.c.staff == person.bytes) & rosters.c.until.is_(None)
    wanted = select(rosters.c.territory).where(lasting).order_by(rosters.c.territory)
    return [UUID(bytes=bytes(one)) for one in (await tx.execute(wanted)).scalars()]


def answering(places: Iterable[Place], besides: UUID) -> UUID | None:
    """Who of a roster answers for its outlets besides one person: a rep, the longest there; else whoever is. Who only
    helps for a while does not.
    """
    others = [one for one in places if one.staff != besides and one.until is None]
    reps = [one.staff for one in others if one.role is Role.REP]
    return next(iter([*reps, *(one.staff for one in others)]), None)


async def settled(tx: Tx, person: UUID, wanted: Wanted) -> Wanted:
    """The same, held against the store: an outlet that goes to a person goes to that person's territory. Raises
    Refusal for people, places and outlets that are not there, or not the leaver's to hand over.
    """
    held = await held_by(tx, person)
    for one in {wanted.successor, *(goes.successor for _, goes in (*wanted.territories, *wanted.outlets))}:
        await check_successor(tx, person, one)
    for goes in (goes for _, goes in (*wanted.territories, *wanted.outlets)):
        if goes.territory is not None and await find_territory(tx, goes.territory) is None:
            raise Refusal("not_found", f"there is no territory {goes.territory}")
    for territory, goes in wanted.territories:
        if territory not in held:
            raise Refusal("bad_value", f"the leaver does not work in the territory {territory}")
        if goes.territory == territory:
            raise Refusal("bad_value", f"the territory {territory} cannot go to itself")
    places = await _places(tx, held, [outlet for outlet, _ in wanted.outlets])
    outlets = [(outlet, await _of_outlet(tx, wanted, outlet, goes, places)) for outlet, goes in wanted.outlets]
    return msgspec.structs.replace(wanted, outlets=tuple((one, goes) for one, goes in outlets if goes is not None))


async def _of_outlet(tx: Tx, wanted: Wanted, outlet: UUID, goes: Goes, places: Mapping[UUID, UUID]) -> Goes | None:
    """Where one outlet goes: a territory or the pool; None where it stays and the person is there."""
    here = places.get(outlet)
    if here is None:
        raise Refusal("record_unknown", f"no outlet {outlet} in the leaver's territories")
    if goes.successor is None:
        return None if goes.territory == here else goes
    stands_in = await held_by(tx, goes.successor)
    follows = dict(wanted.territories).get(here, Goes(wanted.successor, pool=wanted.to_pool)).successor
    if here in stands_in or goes.successor == follows:
        return None
    if len(stands_in) != 1:
        raise Refusal("bad_value", f"name the territory for the outlet {outlet}: its successor has {len(stands_in)}")
    return Goes(territory=stands_in[0])


async def check_successor(tx: Tx, person: UUID, successor: UUID | None) -> None:
    """Refuse whoever cannot follow `person`."""
    if successor is None:
        return
    if successor == person:
        raise Refusal("bad_value", "nobody follows themselves")
    found = await staff.find(tx, successor)
    if found is None:
        raise Refusal("not_found", f"there is no person {successor}")
    if found.status is PersonStatus.DEPARTED:
        raise Refusal("departed", "the successor has left as well")
    if found.status is PersonStatus.LEAVING:
        raise Refusal("bad_value", f"{found.name} is under notice as well")


async def _places(tx: Tx, held: Iterable[UUID], outlets: Iterable[UUID]) -> dict[UUID, UUID]:
    """In which of these territories each outlet stands; those that stand elsewhere are left out."""
    wanted = list(outlets)
    if not wanted:
        return {}
    named = {scopes.territory(one): one for one in held}
    by_number = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    columns = select(_OUTLETS.c.id, _OUTLETS.c.scope).where(_OUTLETS.c.id.in_(wanted))
    return {row.id: by_number[row.scope] for row in await tx.execute(columns) if row.scope in by_number}


async def planned(tx: Tx, person: UUID, wanted: Wanted, sources: Sources) -> tuple[Planned, ...]:
    """The rows of the plan, in their order. What is no longer the leaver's is left out."""
    held = await held_by(tx, person)
    rows: list[Planned] = []
    by_territory = dict(wanted.territories)
    for one in held:
        rows += await _territory(tx, person, one, by_territory.get(one), wanted, sources)
    places = await _places(tx, held, [outlet for outlet, _ in wanted.outlets])
    for outlet, goes in wanted.outlets:
        if outlet in places:
            ends = (goes.territory, goes.pool)
            rows.append(Planned(sources.new_id(), places[outlet], None, Step.MOVE, outlet, *ends))
    for step in (Step.TASKS, Step.CHANNELS, Step.CHECKLIST):
        rows.append(Planned(sources.new_id(), None, wanted.successor, step))
    return tuple(sorted(rows, key=lambda one: one.order))


async def _territory(
    tx: Tx, person: UUID, territory: UUID, said: Goes | None, wanted: Wanted, sources: Sources
) -> list[Planned]:
    """The rows of one territory. Unless it is said of this one, a territory where colleagues stand goes to no pool."""
    goes = said or Goes(None if wanted.to_pool else wanted.successor, pool=wanted.to_pool)
    if said is None and goes.pool and answering(await roster_of(tx, territory), person) is not None:
        goes = Goes()
    rows = [Planned(sources.new_id(), territory, goes.successor, step) for step in (Step.PLACE, Step.LIST)]
    if goes.pool or goes.territory is not None:
        rows.append(Planned(sources.new_id(), territory, None, Step.MOVE, None, goes.territory, goes.pool))
    return rows

"""A manager's acts on the pool: deal by a draw, allot to a person, return by hand; each says what it left and why.

A deal's seed, its outlets and its people stand in the journal, so that it can be drawn again and compared.
Who is named and is no manager is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.field.ground import Ground
from server.field.pool.holding import Region, Regions, locked_places, regions, standing_in
from server.field.pool.stays import Going, Moved, Read, read_of, send, stays_of, steps_of
from server.identity import staff
from server.identity.territories import all_pools
from server.master.journal import Note, note
from server.master.scoping import lock_scopes
from server.master.store import Tx
from sync.business.pool import Step, draw, protected_until
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.policies.pool import POOL_HOLD, POOL_SHARE
from sync.scopes import ScopeKind, parse_scope, pool, territory

__all__ = ["Deal", "Dealt", "Rep", "allot", "deal", "history", "put_back", "verify"]


class Rep(msgspec.Struct, array_like=True, frozen=True):
    """One person of a deal: where their outlets go, and how many they may still hold."""

    staff: UUID
    territory: UUID
    room: int


class Deal(msgspec.Struct, frozen=True):
    """What a deal was drawn from."""

    id: UUID
    pool: UUID
    seed: bytes
    share: int
    outlets: tuple[UUID, ...]
    reps: tuple[Rep, ...]

    def drawn(self) -> dict[UUID, tuple[UUID, ...]]:
        """The draw, by person."""
        return draw(self.seed, self.outlets, {one.staff: one.room for one in self.reps}, self.share)


class Dealt(msgspec.Struct, frozen=True):
    """What a deal came to: outlets by person, and the scopes that changed."""

    deal: Deal
    given: dict[UUID, tuple[UUID, ...]]
    changed: frozenset[str] = frozenset()


async def deal(tx: Tx, of: UUID, ground: Ground, *, share: int | None = None, by: UUID | None = None) -> Dealt:
    """Deal a pool's outlets to the reps of its region, each the same number up to `share` (the setting). Raises Refusal
    where there is no such pool, or nobody to deal to.
    """
    await staff.check_manager(tx, by, "dealing outlets")
    if all(one.id != of for one in await all_pools(tx)):
        raise Refusal("not_found", f"there is no pool {of}")
    before = await regions(tx)
    beside = before.beside(one.territory for one in before.of_pool(of))
    await lock_scopes(tx, {pool(of), *map(territory, beside)})
    reps = _reps(await regions(tx), of, ground.policies.of(POOL_HOLD))
    if not reps:
        raise Refusal("bad_value", "no rep stands on a roster of this pool's region")
    drawn = Deal(
        ground.sources.new_id(), of, ground.sources.random(16), share or ground.policies.of(POOL_SHARE),
        tuple(await standing_in(tx, of)), tuple(reps),
    )  # fmt: skip
    given, to = drawn.drawn(), {one.staff: one.territory for one in reps}
    going = [
        Going(outlet, territory(to[one]), "pool_dealt", {"staff": one.bytes, "deal": drawn.id.bytes})
        for one, outlets in given.items()
        for outlet in outlets
    ]
    moved = await send(tx, ground.sources, going, by)
    if moved.refused:
        raise Refusal("busy", "an outlet that was dealt could not be moved")
    body = {"deal": drawn, "given": [[one, outlets] for one, outlets in given.items()], "by": by}
    await note(tx, [Note(pool(of), "pool_deal", body, drawn.id)], ground.sources.now(), ground.sources.random)
    return Dealt(drawn, given, moved.changed)


def _reps(found: Regions, of: UUID, most: int) -> list[Rep]:
    """Each rep of the region once: where they own, else where they are partner; an owner's room is shared with the
    partners.
    """
    places: dict[UUID, Region] = {}
    for is_owner in (True, False):
        for region in found.of_pool(of):
            people = [region.team.owner] if is_owner else list(region.team.partners)
            for one in people:
                if one is not None:
                    places.setdefault(one, region)
    sharing = Counter(region.team.owner for region in places.values())
    return sorted(
        (
            Rep(one, region.territory, max(0, most - found.held[region.team.owner]) // sharing[region.team.owner])
            for one, region in places.items()
            if region.team.owner is not None
        ),
        key=lambda one: one.staff,
    )


async def verify(tx: Tx, deal: UUID) -> tuple[Dealt, bool]:
    """A deal as the journal has it, and whether drawing it again gives the same, and every outlet's own journal says
    so. Raises Refusal where there is no such deal.
    """
    bodies = (await read_of(tx, [deal])).get(deal, [])
    if not bodies:
        raise Refusal("not_found", f"there is no deal {deal}")
    _, body, _ = msgspec.msgpack.decode(bodies[0].body)
    drawn = decode(encode(body["deal"]), Deal)
    given = {UUID(bytes=one): tuple(UUID(bytes=each) for each in outlets) for one, outlets in body["given"]}
    told = await read_of(tx, drawn.outlets)
    dealt = {outlet: who for outlet, each in told.items() if (who := _dealt_to(each, deal)) is not None}
    is_same = drawn.drawn() == given and dealt == {each: one for one, outlets in given.items() for each in outlets}
    return Dealt(drawn, given), is_same


def _events(bodies: Sequence[Read]) -> list[tuple[int, str, dict[str, Any]]]:
    read = [(one.at, msgspec.msgpack.decode(one.body)) for one in bodies]
    return [(at, body[0], body[1]) for at, body in read if isinstance(body[1], dict)]


def _dealt_to(bodies: Sequence[Read], deal: UUID) -> UUID | None:
    said = (body for _, kind, body in _events(bodies) if kind == "pool_dealt" and body.get("deal") == deal.bytes)
    return next((UUID(bytes=body["staff"]) for body in said), None)


async def allot(
    tx: Tx, outlets: Sequence[UUID], person: UUID, ground: Ground, *, into: UUID | None = None, by: UUID | None = None
) -> Moved:
    """Give outlets of the pool to a person, into a territory of theirs (the only one, the one that they own). What is
    not in that territory's pool, or beyond what may be held, stays. Raises Refusal.
    """
    await staff.check_manager(tx, by, "allotting outlets")
    before = await regions(tx)
    places = await locked_places(tx, outlets, before.beside([_region(before, person, into).territory]))
    found = await regions(tx)
    region = _region(found, person, into)
    room = ground.policies.of(POOL_HOLD) - (found.held[region.team.owner] if region.team.owner is not None else 0)
    going, refused = list[Going](), dict[UUID, str]()
    for one in dict.fromkeys(outlets):
        if region.pool is None or places.get(one) != pool(region.pool):
            refused[one] = "not_in_pool"
        elif len(going) >= room:
            refused[one] = "hold"
        else:
            going.append(Going(one, territory(region.territory), "pool_allotted", {"staff": person.bytes}))
    moved = await send(tx, ground.sources, going, by)
    return msgspec.structs.replace(moved, refused=moved.refused | refused)


def _region(found: Regions, person: UUID, into: UUID | None) -> Region:
    theirs = [one for one in found.by_id.values() if one.has(person) and into in {None, one.territory}]
    owned = [one for one in theirs if one.team.owner == person]
    chosen = owned or theirs
    if len(chosen) != 1:
        raise Refusal("bad_value", "say which territory of the person, as its owner or a partner in it")
    return chosen[0]


async def put_back(
    tx: Tx,
    outlets: Sequence[UUID],
    reason: str,
    ground: Ground,
    *,
    even_protected: bool = False,
    by: UUID | None = None,
) -> Moved:
    """Return outlets to their territories' pools by hand, with a reason; what is protected stays, unless it is meant
    even so. Raises Refusal without a reason.
    """
    await staff.check_manager(tx, by, "returning outlets")
    if not reason.strip():
        raise Refusal("bad_value", "a return has a reason")
    places, found = await locked_places(tx, outlets), await regions(tx)
    stays = await stays_of(tx, list(places))
    going, refused = list[Going](), dict[UUID, str]()
    for one in dict.fromkeys(outlets):
        place, stay = parse_scope(places.get(one, "")), stays.get(one)
        region = found.by_id.get(place.of) if place is not None and place.of is not None else None
        if place is None or place.kind is not ScopeKind.TERRITORY or region is None or region.pool is None:
            refused[one] = "not_in_territory"
            continue
        entered = ground.day_of(stay.since) if stay is not None else ground.today
        is_from_pool = stay is not None and stay.is_from_pool
        if not even_protected and ground.today < protected_until(entered, ground.policies, is_from_pool=is_from_pool):
            refused[one] = "protected"
            continue
        holder = region.team.owner
        body = {"why": "person", "reason": reason.strip(), "holder": holder.bytes if holder else None}
        going.append(Going(one, pool(region.pool), "pool_returned", body))
    moved = await send(tx, ground.sources, going, by)
    return msgspec.structs.replace(moved, refused=moved.refused | refused)


async def history(tx: Tx, outlet: UUID) -> tuple[list[Step], list[tuple[int, str, dict[str, Any]]]]:
    """Where an outlet was since when, and what the pool's events say of it, both in order of time."""
    bodies = (await read_of(tx, [outlet])).get(outlet, [])
    told = sorted((one for one in _events(bodies) if one[1].startswith("pool_")), key=lambda one: one[0])
    return sorted(steps_of(bodies), key=lambda one: one.at), told

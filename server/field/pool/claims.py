"""Claims on outlets of the pool, decided in the order in which they arrive: one wins, the others hear that it is gone.

The winner's outlet is in the territory in the transaction of the decision, so the answer to the sync that brought the
claim brings it. Who has it is not told to whoever lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.field.arrived import Arrived
from server.field.ground import Ground
from server.field.own_acts import Asked
from server.field.pool.holding import Region, Regions, locked_places, regions
from server.field.pool.stays import Going, send, stays_of
from server.master.store import Tx
from server.master.typed import TYPED
from sync.business.pool import Asking, Stay, may_claim
from sync.errors import Refusal
from sync.operations import Act
from sync.records import Claim, ClaimState
from sync.scopes import ScopeKind, parse_scope, pool, territory

__all__ = ["decide_claims"]

_CLAIMS = TYPED["claim"]


async def decide_claims(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """Decide the claims that are not decided; the scopes that changed."""
    found = {one.record.id: one.record for one in arrived if isinstance(one.record, Claim)}
    claims = [one for one in found.values() if one.state is ClaimState.ASKED and one.staff is not None]
    if not claims:
        return frozenset()
    beside = (await regions(tx)).beside(one.territory for one in claims)
    places = await locked_places(tx, [one.outlet for one in claims], beside)
    stays = await stays_of(tx, list(places))
    deciding = _Deciding(ground, await regions(tx), places, stays, await _won(tx, claims, ground))
    asked = [deciding.one(one) for one in claims]
    moved = await send(tx, ground.sources, deciding.going, also=asked)
    if moved.refused:
        raise Refusal("busy", "an outlet that was claimed could not be moved")
    return moved.changed


async def _won(tx: Tx, claims: Sequence[Claim], ground: Ground) -> Counter[tuple[UUID | None, date]]:
    """How many claims of each day these people have won."""
    people = {one.staff for one in claims}
    wanted = select(_CLAIMS.c.staff, _CLAIMS.c.at).where(
        _CLAIMS.c.staff.in_(people), _CLAIMS.c.state == ClaimState.WON, _CLAIMS.c.at.is_not(None)
    )
    return Counter((row.staff, ground.day_of(row.at)) for row in await tx.execute(wanted))


class _Deciding:
    """Decisions on claims in order; each changes what the next finds."""

    def __init__(
        self,
        ground: Ground,
        found: Regions,
        places: dict[UUID, str],
        stays: dict[UUID, Stay],
        won: Counter[tuple[UUID | None, date]],
    ) -> None:
        self.going: list[Going] = []
        self._ground = ground
        self._regions = found
        self._places = dict(places)
        self._stays = stays
        self._won = won

    def one(self, claim: Claim) -> Asked:
        """Decide one claim; the change of its record."""
        state, reason = self._judged(claim)
        if state is ClaimState.WON:
            self._take(claim)
        fields: dict[str, Any] = {"state": state, "reason": reason}
        return Asked("claim", fields, claim.id, Act.EDIT)

    def _judged(self, claim: Claim) -> tuple[ClaimState, str]:
        region, place = self._regions.by_id.get(claim.territory), self._places.get(claim.outlet)
        if region is None or claim.staff is None or not region.has(claim.staff):
            return ClaimState.REFUSED, "not_on_roster"
        if place == territory(claim.territory):
            return ClaimState.REFUSED, "yours"
        if place is not None and not _is_pool(place):
            return ClaimState.LOST, "taken"
        if place is None or region.pool is None or place != pool(region.pool):
            return ClaimState.REFUSED, "not_in_pool"
        reason = may_claim(self._asking(claim, region), self._ground.policies)
        return (ClaimState.REFUSED, reason) if reason else (ClaimState.WON, "")

    def _asking(self, claim: Claim, region: Region) -> Asking:
        owner, day = region.team.owner, self._day(claim)
        held = self._regions.held[owner] if owner is not None else 0
        return Asking(held, self._won[claim.staff, day], self._days_since(claim, owner, day))

    def _days_since(self, claim: Claim, owner: UUID | None, day: date) -> int | None:
        """Days since the claimer, or who would hold it now, held it last."""
        stay = self._stays.get(claim.outlet)
        if stay is None or stay.step.came_from is None:
            return None
        holder = stay.step.holder or self._regions.owner_of(stay.step.came_from)
        is_last = holder is not None and holder in {claim.staff, owner}
        return (day - self._ground.day_of(stay.since)).days if is_last else None

    def _day(self, claim: Claim) -> date:
        return self._ground.day_of(claim.at if claim.at is not None else self._ground.sources.now())

    def _take(self, claim: Claim) -> None:
        to = territory(claim.territory)
        body = {"staff": claim.staff.bytes if claim.staff else None, "claim": claim.id.bytes}
        self.going.append(Going(claim.outlet, to, "pool_claimed", body))
        self._places[claim.outlet] = to
        self._won[claim.staff, self._day(claim)] += 1
        owner = self._regions.by_id[claim.territory].team.owner
        if owner is not None:
            self._regions.held[owner] += 1


def _is_pool(scope: str) -> bool:
    found = parse_scope(scope)
    return found is not None and found.kind is ScopeKind.POOL

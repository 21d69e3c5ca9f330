"""The review (审核): a manager approves a registration, sends it back with a question, or refuses it with a reason.

The rep hears it on the phone: the outlet says so itself, a finding tells it, and a question is a task. What was
approved stays approved, whatever is edited later. What is refused is closed as well, so that it counts nowhere; where
it is approved after all, it stands again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from server.field.findings import Found, tell
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.field.registration.answers import QUESTION, close_questions
from server.field.registration.reading import WAITING, Registration, registrations
from server.field.tasks import Wanted, give
from server.identity import staff
from server.identity.rosters import teams
from server.master.actors import Authority
from server.master.scoping import lock_places
from server.master.store import Tx
from sync.errors import Refusal
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records import OutletStatus, Reason, Review, TaskStatus
from sync.scopes import ScopeKind, parse_scope

__all__ = ["Desk", "Reviewed"]


class Reviewed(msgspec.Struct, frozen=True):
    """What came of deciding: on which outlets it was decided, why not on others (stable words: `unknown`, `decided`,
    `incomplete`, `joint`), and the scopes that changed.
    """

    decided: tuple[UUID, ...] = ()
    kept: dict[UUID, str] = {}
    changed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a manager decides, in one transaction; `by` is None for whoever operates this machine."""

    tx: Tx
    ground: Ground
    by: UUID | None = None

    async def approve(self, outlets: Sequence[UUID], *, reason: str = "", waive_joint: bool = False) -> Reviewed:
        """Approve. What is incomplete takes a reason; where the first visit by two is still to be made, a reason and
        `waive_joint`. What lacks them is kept as it is. Raises Refusal for a waiver without a reason.
        """
        if waive_joint and not reason.strip():
            raise Refusal("bad_value", "doing without the first visit by two takes a reason")

        def why_not(one: Registration) -> str | None:
            if one.missing and not reason.strip():
                return "incomplete"
            return "joint" if one.joint is False and not waive_joint else None

        def fields(one: Registration) -> dict[str, Any]:
            reopened = one.review is Review.REFUSED and one.status == OutletStatus.CLOSED
            return {"status": OutletStatus.USES_CATEGORY} if reopened else {}

        states = (*WAITING, Review.REFUSED)
        return await self._decide(outlets, Review.APPROVED, reason, states, why_not=why_not, fields=fields)

    async def question(self, outlets: Sequence[UUID], question: str) -> Reviewed:
        """Send back with a question: a task for who registered it, or for who owns the territory now. Raises Refusal
        without one.
        """
        if not question.strip():
            raise Refusal("bad_value", "say what the question is")
        return await self._decide(outlets, Review.QUESTIONED, question, WAITING)

    async def refuse(self, outlets: Sequence[UUID], reason: str) -> Reviewed:
        """Refuse with a reason; the outlet is closed. Raises Refusal without one."""
        if not reason.strip():
            raise Refusal("bad_value", "refusing takes a reason")
        return await self._decide(
            outlets, Review.REFUSED, reason, WAITING, fields=lambda _: {"status": OutletStatus.CLOSED}
        )

    async def _decide(
        self,
        outlets: Sequence[UUID],
        review: Review,
        why: str,
        states: Sequence[Review],
        *,
        why_not: Callable[[Registration], str | None] | None = None,
        fields: Callable[[Registration], dict[str, Any]] | None = None,
    ) -> Reviewed:
        await lock_places(self.tx, outlets)
        read = await registrations(self.tx, self.ground, states=list(Review), outlets=outlets)
        found = {one.id: one for one in read}
        kept: dict[UUID, str] = {}
        meant: list[Registration] = []
        for outlet in dict.fromkeys(outlets):
            one = found.get(outlet)
            if one is None:
                kept[outlet] = "unknown"
            elif one.review not in states:
                kept[outlet] = "decided"
            elif why_not is not None and (held_by := why_not(one)):
                kept[outlet] = held_by
            else:
                meant.append(one)
        note = why.strip()[:4000]
        said = {"review": review, "review_note": note}
        asked = [Asked("outlet", said | (fields(one) if fields else {}), one.id, Act.EDIT) for one in meant]
        sources = self.ground.sources
        applied = await carry_out(self.tx, sources, asked, by=self.by, authority=Authority.MANAGER)
        done = []
        for one, outcome in zip(meant, applied.outcomes, strict=True):
            if outcome.code is OutcomeCode.REFUSED:
                kept[one.id] = "unknown"
            else:
                done.append(one)
        changed = applied.changed | await self._tell(done, review, note)
        return Reviewed(tuple(one.id for one in done), kept, changed)

    async def _tell(self, done: Sequence[Registration], review: Review, note: str) -> frozenset[str]:
        """Findings for those who registered them; a task for each question, in the place of the one before."""
        sources = self.ground.sources
        people = {one.id for one in await staff.everybody(self.tx) if one.is_active}
        found = [
            Found(one.registered_by, one.id, "outlet", review, one.id, tuple(map(Reason, one.missing)), note)
            for one in done
            if one.registered_by in people and one.registered_by is not None
        ]
        changed = await tell(self.tx, sources, found)
        changed |= await close_questions(self.tx, sources, [one.id for one in done], TaskStatus.DROPPED)
        if review is not Review.QUESTIONED:
            return changed
        answering = await self._answering(done, people)
        tasks = [
            (person, Wanted(QUESTION, one.id, f"登记有疑问 · A question: {one.name}", note))
            for one in done
            if (person := answering.get(one.id)) is not None
        ]
        return changed | (await give(self.tx, sources, tasks))[1]

    async def _answering(self, done: Sequence[Registration], people: set[UUID]) -> dict[UUID, UUID | None]:
        """Who is asked about each: who registered it, or, where that person has left or never was, the owner."""
        places = {one.id: parse_scope(one.scope) for one in done}
        found = {place.of for place in places.values() if place and place.kind is ScopeKind.TERRITORY and place.of}
        owners = {of: team.owner for of, team in (await teams(self.tx, list(found))).items()}

        def person(one: Registration) -> UUID | None:
            place = places[one.id]
            owner = owners.get(place.of) if place is not None and place.of is not None else None
            return one.registered_by if one.registered_by in people else owner

        return {one.id: person(one) for one in done}

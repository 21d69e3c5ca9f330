"""Dependence: how much of what a person's outlets buy hangs on that person alone, and who could be a second face."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from uuid import UUID

import msgspec

from server.field.faces import faces_of, shops_of
from server.field.ground import Ground
from server.field.purchases import Span, basis_of, bought
from server.field.tasks import Wanted, give
from server.identity import staff
from server.identity.rosters import Team, teams
from server.identity.staff import PersonStatus
from server.master.inbox import Matter, bring_up, listed, settle_matter
from server.master.journal import Note, note
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.policies.trade import DEPENDENCE, DEPENDENCE_DAYS
from sync.policies.work import FACES_DAYS
from sync.records import Grade

__all__ = [
    "DEPENDS",
    "SECOND_FACE",
    "Dependence",
    "Hangs",
    "Proposed",
    "dependences",
    "give_second_faces",
    "percent",
    "second_face",
    "share",
    "warn",
]

DEPENDS = "dependence"
"""The kind of the matter that warns of it."""
SECOND_FACE = "second_face"
"""The kind of the task of a second face."""
_DAY_MS = 86_400_000


class Hangs(msgspec.Struct, frozen=True):
    """One outlet of a person: its territory, what it bought, and whether nobody else has touched it."""

    outlet: UUID
    name: str
    is_key: bool
    territory: UUID
    bought: int
    is_single: bool


class Proposed(msgspec.Struct, frozen=True):
    """A second face for an outlet; `who` is None where nobody else is on the roster."""

    outlet: UUID
    name: str
    who: UUID | None


class Dependence(msgspec.Struct, frozen=True):
    """How much hangs on one person: amounts, and percents (None where the base is 0)."""

    staff: UUID
    bought: int
    single_bought: int
    keys: int
    single_keys: int
    single: int
    second_faces: tuple[Proposed, ...] = ()

    @property
    def percent(self) -> int | None:
        """The percent of purchases that only this person has touched."""
        return percent(self.single_bought, self.bought)

    @property
    def key_percent(self) -> int | None:
        """The percent of key outlets that only this person has touched."""
        return percent(self.single_keys, self.keys)

    def is_above(self, limit: int) -> bool:
        """Whether either is above the limit."""
        return any(one is not None and one > limit for one in (self.percent, self.key_percent))


def percent(part: int, whole: int) -> int | None:
    """The percent that a part is, rounded half up; None of nothing."""
    return (200 * part + whole) // (2 * whole) if whole > 0 else None


def share(person: UUID, hangs: Sequence[Hangs], rosters: Mapping[UUID, Team]) -> Dependence:
    """What hangs on a person at these outlets, and a second face for each that nobody else has touched."""
    single = sorted((one for one in hangs if one.is_single), key=lambda one: (not one.is_key, -one.bought, one.outlet))
    load: Counter[UUID] = Counter()
    proposed = []
    for one in single:
        who = second_face({person}, rosters.get(one.territory, Team()), load)
        if who is not None:
            load[who] += 1
        proposed.append(Proposed(one.outlet, one.name, who))
    return Dependence(
        person,
        sum(one.bought for one in hangs),
        sum(one.bought for one in single),
        sum(one.is_key for one in hangs),
        sum(one.is_key for one in single),
        len(single),
        tuple(proposed),
    )


def second_face(known: AbstractSet[UUID], team: Team, load: Mapping[UUID, int], most: int | None = None) -> UUID | None:
    """The colleague with the fewest proposals of the first part that has somebody who is not `known`, and has fewer
    than `most`.
    """
    owner = (team.owner,) if team.owner is not None else ()
    for part in (team.partners, team.service, (*owner, *team.others)):
        others = [one for one in part if one not in known and (most is None or load.get(one, 0) < most)]
        if others:
            return min(others, key=lambda one: (load.get(one, 0), part.index(one)))
    return None


async def dependences(tx: Tx, ground: Ground, person: UUID | None = None) -> list[Dependence]:
    """The dependence on each person who stands on a roster (or on this one alone), the greatest first."""
    rosters = await teams(tx)
    names = {one.id for one in await staff.everybody(tx) if one.status is not PersonStatus.DEPARTED}
    hangs = await _outlets(tx, ground, rosters)
    found = []
    for one in sorted(names if person is None else names & {person}):
        own = [place for place, team in rosters.items() if one in team.everybody]
        mine = [(hang, faces) for place in own for hang, faces in hangs.get(place, [])]
        if own:
            judged = [msgspec.structs.replace(hang, is_single=faces == {one}) for hang, faces in mine]
            found.append(share(one, judged, rosters))
    return sorted(found, key=lambda one: (-(one.percent or 0), -(one.key_percent or 0), one.staff))


async def _outlets(tx: Tx, ground: Ground, rosters: Mapping[UUID, Team]) -> dict[UUID, list[tuple[Hangs, set[UUID]]]]:
    """The outlets of each territory with their faces; read once for everybody."""
    today = ground.today
    span = Span(today - timedelta(days=ground.policies.of(DEPENDENCE_DAYS) - 1), today + timedelta(days=1), ground.zone)
    purchases = await bought(tx, span, await basis_of(tx, span))
    since = ground.sources.now() - ground.policies.of(FACES_DAYS) * _DAY_MS
    faces = await faces_of(tx, [scopes.territory(one) for one in rosters], since)
    found: dict[UUID, list[tuple[Hangs, set[UUID]]]] = {}
    for place in sorted(rosters):
        for shop in await shops_of(tx, [scopes.territory(place)]):
            hang = Hangs(shop.id, shop.name, shop.grade is Grade.A, place, purchases.get(shop.id, 0), False)
            found.setdefault(place, []).append((hang, faces.get(shop.id, set())))
    return found


async def warn(tx: Tx, ground: Ground) -> frozenset[str]:
    """Put it before the manager where too much hangs on somebody, and take it away where it does not any more."""
    limit = ground.policies.of(DEPENDENCE)
    names = {one.id: one.name for one in await staff.everybody(tx)}
    above = [one for one in await dependences(tx, ground) if one.is_above(limit)]
    over = {one.matter.about for one in await listed(tx, kind=DEPENDS)} - {one.staff for one in above}
    for person in over:
        await settle_matter(tx, DEPENDS, person, "依赖度已降到限度以内 · no longer above the limit", ground.sources)
    for one in above:
        name, bought_by, keys = names[one.staff], one.percent or 0, one.key_percent or 0
        en = (
            f"{bought_by} % of the purchases and {keys} % of the key outlets of {name} hang on this person alone "
            f"({one.single} outlets). `saojie dependence --staff {name}` proposes second faces."
        )
        zh = (
            f"{name} 名下进货的 {bought_by}%、重点终端的 {keys}% 只有此人接触过（{one.single} 家）。"
            f"saojie dependence --staff {name} 可查看建议的第二联系人。"
        )
        await bring_up(tx, Matter(DEPENDS, one.staff, en, zh, one.staff), ground.sources)
    return frozenset()


async def give_second_faces(
    tx: Tx, found: Dependence, most: int, sources: Sources, *, by: UUID | None = None
) -> tuple[int, frozenset[str]]:
    """Give the proposed second faces their tasks, so many at most: how many were new, and the scopes that changed. The
    journal says who gave them; None is whoever operates this machine.
    """
    why = "由同事陪同上门认识客户 · Let a colleague introduce you to the customer."
    wanted = [
        (one.who, Wanted(SECOND_FACE, one.outlet, f"第二联系人 Second face · {one.name}", why))
        for one in found.second_faces[:most]
        if one.who is not None
    ]
    count, changed = await give(tx, sources, wanted)
    if count:
        body = {"tasks": count, "by": by}
        await note(tx, [Note(scopes.staff(found.staff), "second_faces_given", body)], sources.now(), sources.random)
    return count, changed

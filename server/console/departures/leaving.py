"""Before somebody leaves: what would be at risk, what they and their phones hold, and who could follow where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

import msgspec

from server.console.departures.choosing import Choice, read_choice, seal_of
from server.console.departures.sheet import Sheet, sheet_of
from server.console.people.person import check_hand
from server.console.viewer import Viewer
from server.departure.leaving.preview import DeviceLine, PlaceLine, Preview, preview
from server.departure.leaving.wanted import Wanted, answering, settled
from server.field.whatif import AtRisk, Exposed, Windows, wanted_tasks, what_if
from server.identity import staff
from server.identity.staff import Person, PersonStatus, Role
from server.identity.territories import all_places, all_territories
from server.master.store import Tx
from server.values import Unfit
from sync.errors import Refusal
from sync.messages import Standing

__all__ = ["Candidate", "Confirming", "Follows", "Leaving", "check_leaver", "confirming", "leaving_page", "who_can"]

_SHOWN = 40
_FIELD = frozenset({Role.REP, Role.MANAGER, Role.DEALER})


class Candidate(msgspec.Struct, frozen=True):
    """Somebody who could follow: `is_colleague` where they stand in the territory already, `km` how far their nearest
    territory is from it.
    """

    person: Person
    is_colleague: bool
    km: float | None


class Follows(msgspec.Struct, frozen=True):
    """One territory and who could follow there, whoever is nearest first; its colour on the drawing."""

    place: PlaceLine
    candidates: tuple[Candidate, ...]
    colour: str


class Leaving(msgspec.Struct, frozen=True):
    """What a manager looks at before deciding. `at_risk` are the outlets that hang on this person most, `tasks` how
    many would lower that.
    """

    found: Preview
    exposed: Exposed
    follows: tuple[Follows, ...]
    everybody: tuple[Person, ...]
    sheet: Sheet | None
    choice: Choice
    tasks: int

    @property
    def devices(self) -> list[DeviceLine]:
        """The phones that would be cut off."""
        return in_use(self.found)

    @property
    def at_risk(self) -> list[AtRisk]:
        """The outlets that hang on this person, the most first."""
        some = [one for one in self.exposed.outlets if one.is_single or one.single_contacts or one.private_contacts]
        return some[:_SHOWN]


class Confirming(msgspec.Struct, frozen=True):
    """What a manager is about to do, in numbers. `seal` names what was seen, `ends` says where each territory goes: a
    person's name, or empty for nobody yet; `pooled` are the territories that go to the pool.
    """

    found: Preview
    choice: Choice
    wanted: Wanted
    seal: str
    ends: Mapping[UUID, str]
    pooled: frozenset[UUID]
    follower: str

    @property
    def devices(self) -> list[DeviceLine]:
        """The phones that are cut off."""
        return in_use(self.found)


def in_use(found: Preview) -> list[DeviceLine]:
    """The phones that were not cut off before."""
    return [one for one in found.devices if one.standing is not Standing.DEPARTED]


async def who_can(tx: Tx, viewer: Viewer) -> list[Person]:
    """Whom the viewer can let go, by name."""
    mine = [one for one in await staff.everybody(tx) if one.is_active and one.id != viewer.person.id]
    if viewer.person.role is Role.DEALER:
        return mine
    return [one for one in mine if one.role not in {Role.DEALER, Role.MANAGER}]


async def check_leaver(tx: Tx, viewer: Viewer, person: UUID) -> Person:
    """Somebody whom the viewer can let go, and who is still here. Raises Refusal, Unfit."""
    found = await check_hand(tx, viewer, person)
    if person == viewer.person.id:
        raise Unfit("nobody lets themselves go: ask a dealer", "不能为自己办理离职，请由经销商办理")
    if not found.is_active:
        raise Refusal("departed", f"{found.name} has left")
    return found


async def leaving_page(tx: Tx, viewer: Viewer, person: UUID, windows: Windows, said: Callable[[str], str]) -> Leaving:
    """What a manager looks at before deciding. Raises Refusal, Unfit."""
    await check_leaver(tx, viewer, person)
    found = await preview(tx, person, viewer.now)
    exposed = await what_if(tx, person, viewer.now, windows)
    territories = await all_territories(tx)
    sheet = await sheet_of(tx, [one.territory for one in found.places], territories)
    able = [one for one in await staff.everybody(tx) if _can_follow(one, person)]
    return Leaving(
        found=found,
        exposed=exposed,
        follows=tuple(await _follows(tx, found, able, sheet)),
        everybody=tuple(able),
        sheet=sheet,
        choice=read_choice(said, found),
        tasks=len(wanted_tasks(exposed.outlets)),
    )


def _can_follow(one: Person, leaver: UUID) -> bool:
    return one.status is PersonStatus.ACTIVE and one.id != leaver and one.role in _FIELD


async def _follows(tx: Tx, found: Preview, able: Sequence[Person], sheet: Sheet | None) -> list[Follows]:
    stands: dict[UUID, list[UUID]] = {}
    for one in await all_places(tx):
        if one.until is None:
            stands.setdefault(one.staff, []).append(one.territory)
    colours = {area.territory: area.colour for area in sheet.areas} if sheet is not None else {}

    def candidate(place: PlaceLine, one: Person) -> Candidate:
        theirs = stands.get(one.id, [])
        apart = [
            km for each in theirs if sheet is not None and (km := sheet.km_between(place.territory, each)) is not None
        ]
        return Candidate(one, place.territory in theirs, min(apart, default=None))

    def rank(one: Candidate) -> tuple[bool, bool, float, str]:
        return (
            not one.is_colleague,
            one.person.role is not Role.REP,
            one.km if one.km is not None else 1e6,
            one.person.name,
        )

    return [
        Follows(
            place, tuple(sorted((candidate(place, one) for one in able), key=rank)), colours.get(place.territory, "")
        )
        for place in found.places
    ]


async def confirming(tx: Tx, viewer: Viewer, person: UUID, said: Callable[[str], str]) -> Confirming:
    """What a manager is about to do. Raises Refusal, Unfit for what cannot be."""
    await check_leaver(tx, viewer, person)
    found = await preview(tx, person, viewer.now)
    choice = read_choice(said, found)
    if not choice.is_now and choice.last_at(viewer.zone) <= viewer.now:
        raise Unfit("last hour: choose one that is still to come", "最后时刻：请选择将来的时间")
    wanted = await settled(tx, person, choice.wanted(found.notice.wanted if found.notice is not None else None))
    names = {one.id: one.name for one in await staff.everybody(tx)}
    said_of = dict(wanted.territories)
    goes = {one.territory: said_of.get(one.territory) for one in found.places}
    ends = {
        of: names[to] if (to := one.successor if one is not None else wanted.successor) is not None else ""
        for of, one in goes.items()
    }
    everywhere = await all_places(tx)
    rosters = {of: [one for one in everywhere if one.territory == of] for of in goes}
    alone = {of for of, roster in rosters.items() if answering(roster, person) is None}
    pooled = frozenset(
        one.territory
        for one in found.places
        if (goal.pool if (goal := goes[one.territory]) is not None else wanted.to_pool and one.territory in alone)
    )
    follower = names[wanted.successor] if wanted.successor is not None else ""
    return Confirming(found, choice, wanted, seal_of(found, choice), ends, pooled, follower)

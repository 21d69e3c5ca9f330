"""What somebody's phones were given, as the server can prove it; and what their leaving came to, some time after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

from server.console.viewer import Viewer
from server.departure.evidence.epochs import Epoch
from server.departure.evidence.exposure import DeviceExposure, Exposure, exposure_of
from server.field.effect.reading import WINDOWS, Effect, departures_of, effect_of, is_over, reached
from server.identity import staff
from server.identity.staff import Person
from server.identity.territories import all_pools, all_territories
from server.master.store import Tx
from server.times import day_of
from server.values import Unfit
from sync import scopes
from sync.errors import Refusal

__all__ = ["Came", "Given", "came", "given"]


class Given(msgspec.Struct, frozen=True):
    """What the phones of a person were given at most. `places` names scopes; `restored` are the times (server ms) at
    which the store's history began anew, and some of it is not on record; `opened` counts openings of contacts.
    """

    person: Person
    exposure: Exposure
    places: Mapping[str, str]
    restored: tuple[int, ...]
    opened: int

    def groups(self, one: DeviceExposure, viewer: Viewer) -> list[tuple[str, int, int]]:
        """By field group what a phone held: its name, records, fields."""
        return [(viewer.say(group.zh, group.en), *counts) for group, counts in one.counts.items()]


class Came(msgspec.Struct, frozen=True):
    """What somebody's leaving came to. `days` are the windows that are over; without one, `ready` is the day on which
    the first will be, and `effect` is None.
    """

    person: Person
    effect: Effect | None
    days: tuple[int, ...]
    ready: str


async def given(tx: Tx, viewer: Viewer, person: UUID, epochs: Sequence[Epoch]) -> Given:
    """What the phones of a person were given. Raises Refusal."""
    who = await _known(tx, person)
    exposure = await exposure_of(tx, person)
    named = {scopes.territory(one.id): one.name for one in await all_territories(tx)}
    private = viewer.say("私人资料", "private part")
    places = named | {scopes.private_of(scope): f"{name} · {private}" for scope, name in named.items()}
    places |= {scopes.COMPANY: viewer.say("公司", "company"), scopes.staff(person): viewer.say("本人", "their own")}
    teasers = viewer.say("简介", "teasers")
    places |= {scopes.teasers(one.id): f"{one.name} · {teasers}" for one in await all_pools(tx)}
    times = sum(one.times for one in exposure.opened)
    return Given(who, exposure, places, tuple(one.at for one in epochs[1:]), times)


async def came(tx: Tx, viewer: Viewer, person: UUID, typed: str, loss: int) -> Came:
    """What somebody's leaving came to, after as many days as are typed, or the longest window that is over. Raises
    Refusal, Unfit.
    """
    who = await _known(tx, person)
    left = await departures_of(tx, person)
    if not left:
        raise Unfit(f"{who.name} has handed nothing over", f"{who.name} 没有交接记录")
    last = left[-1]
    over = tuple(days for days in WINDOWS if is_over(last, days, viewer.now, viewer.zone))
    if not over:
        first = date.fromisoformat(day_of(last.planned_at, viewer.zone)) + timedelta(days=WINDOWS[0])
        return Came(who, None, (), str(first))
    chosen = int(typed) if typed in map(str, over) else reached(last, viewer.now, viewer.zone) or over[-1]
    return Came(who, await effect_of(tx, last, chosen, viewer.zone, loss), over, "")


async def _known(tx: Tx, person: UUID) -> Person:
    found = await staff.find(tx, person)
    if found is None:
        raise Refusal("not_found", f"there is no person {person}")
    return found

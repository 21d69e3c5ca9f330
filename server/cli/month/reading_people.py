"""What the product says at the end of care, talks, promises and shelves, in the words of the history."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.cli.month.reading import Reading
from server.field.brief.opening import open_brief
from server.field.care.days import TASK as CARE
from server.field.care.gifts import spent_on
from server.field.care.staff import BIRTHDAY_NEAR
from server.field.care.trusted import QUESTIONED, TRUSTED_TASK, key_visits
from server.field.ground import Ground
from server.field.owners import shops
from server.field.second_faces import key_outlets
from server.field.stock.figures import figures
from server.field.watching.asking import found_signs
from server.field.watching.counting import counts_of
from server.field.watching.signs import Kind
from server.identity.territories import all_territories
from server.master.inbox import listed
from server.master.promises import promises
from server.master.scoping import names
from server.master.standing import standing_outlets
from server.master.store import Store
from server.master.typed import TYPED
from sync.records import TaskStatus
from sync.scopes import parse_scope

__all__ = ["PeopleReading", "briefs"]

_LEAST_FACES = 2
_TALKS = TYPED["contact_report"]


class PeopleReading(Reading):
    """Reads in the same transaction."""

    async def care(self) -> dict[str, list[int]]:
        """By person: tasks of care given, done, and not done on their day."""
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for who, row in await self._tasks(CARE):
            mine = found[who]
            mine[0] += 1
            mine[1] += row.status == TaskStatus.DONE
            mine[2] += row.status != TaskStatus.DONE and row.due < str(self._ground.today)
        return dict(sorted(found.items()))

    async def _tasks(self, kind: str) -> list[tuple[str, Any]]:
        """The tasks of a kind, each with whose it is."""
        table = TYPED["task"]
        rows = (await self._tx.execute(select(table).where(table.c.kind == kind))).all()
        places = {no: parse_scope(name) for no, name in (await names(self._tx, {row.scope for row in rows})).items()}
        whose = {no: one.of for no, one in places.items() if one is not None and one.of is not None}
        return [(self._people[whose[row.scope]], row) for row in rows if row.scope in whose]

    async def gifts(self) -> dict[str, list[int]]:
        """By outlet: how often something was given, and what it cost."""
        return dict(
            sorted((self._key(one), [each.times, each.cost]) for one, each in (await spent_on(self._tx)).items())
        )

    async def staff_care(self) -> dict[str, int]:
        """By person: the days of theirs that a manager was told of."""
        told = [*await listed(self._tx, kind=BIRTHDAY_NEAR), *await listed(self._tx, kind=BIRTHDAY_NEAR, is_open=False)]
        return dict(sorted(Counter(self._people[one.matter.staff] for one in told if one.matter.staff).items()))

    async def trusted(self) -> dict[str, Any]:
        """Tasks to visit key outlets; by territory, key outlets and those that somebody trusted visited."""
        rows = await self._tasks(TRUSTED_TASK)
        asked = [*await listed(self._tx, kind=QUESTIONED), *await listed(self._tx, kind=QUESTIONED, is_open=False)]
        done = sum(row.status == TaskStatus.DONE for _, row in rows)
        named = {one.id: one.name for one in await all_territories(self._tx)}
        found = {one: [0, 0] for one in named.values()}
        for one in await key_visits(self._tx, self._ground):
            mine = found[named[one.shop.territory]] if one.shop.territory else [0, 0]
            mine[0] += 1
            mine[1] += one.is_visited
        return {"given": len(rows), "done": done, "questioned": len(asked), **found}

    async def key_outlets(self) -> dict[str, list[int]]:
        """By territory: key prospects, those with few people in contact; key outlets, and those."""
        named = {one.id: one.name for one in await all_territories(self._tx)}
        found = {one: [0, 0, 0, 0] for one in named.values()}
        for one in await key_outlets(self._tx, self._ground):
            few = len(one.faces) < _LEAST_FACES
            for at, counts in enumerate((one.is_prospect, one.is_prospect and few, True, few)):
                found[named[one.territory]][at] += counts
        return found

    async def promises(self) -> dict[str, list[int]]:
        """By person: reports on talks, promises made in them, kept, and late."""
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        amended = select(_TALKS.c.amends).where(_TALKS.c.amends.is_not(None))
        for who in (await self._tx.execute(select(_TALKS.c.staff).where(_TALKS.c.id.not_in(amended)))).scalars():
            found[self._people[who]][0] += 1
        for one in await promises(self._tx):
            mine = found[self._people[one.staff]] if one.staff else [0, 0, 0, 0]
            mine[1] += 1
            mine[2] += one.is_kept
            mine[3] += one.is_late(str(self._ground.today))
        return dict(sorted(found.items()))

    async def stock_figures(self) -> dict[str, list[list[object]]]:
        """By outlet and product: each step from a count to the next."""
        found = {}
        for one in await figures(self._tx, self._ground):
            found[f"{self._key(one.outlet)} {one.product}"] = [
                [str(each.day), each.before, each.delivered, each.sold, each.expected, each.found] for each in one.steps
            ]
        return dict(sorted(found.items()))

    async def signs(self) -> dict[str, list[object]]:
        """By person and kind: in the last 7 days, in the 21 before, and whether it is asked about."""
        counts = await counts_of(self._tx, self._ground)
        asked = {(one.staff, one.kind) for one in await found_signs(self._tx, self._ground)}
        found: dict[str, list[object]] = {}
        for kind in (Kind.VISITS, Kind.REGISTRATIONS, Kind.LATE):
            week, before = counts[kind].week, counts[kind].before
            for who in week.keys() | before.keys():
                is_asked = (who, kind) in asked
                found[f"{self._people[who]} {kind}"] = [week.get(who, 0), before.get(who, 0), is_asked]
        return dict(sorted(found.items()))


async def briefs(store: Store, ground: Ground, keys: dict[UUID, str], area: UUID, by: UUID) -> dict[str, list[Any]]:
    """What the brief on each outlet of a territory says to whoever took it over: days of care, open promises, what it
    owes. Outlets with none of these are left out.
    """
    async with store.read() as tx:
        wanted = [one.id for one in (await shops(tx)).values() if one.territory == area]
        standing = set((await tx.execute(standing_outlets(TYPED["outlet"].c.id))).scalars())
    found: dict[str, list[Any]] = {}
    for outlet in wanted:
        if outlet not in standing:
            continue
        brief = await open_brief(store, outlet, ground, by=by)
        told = [sorted(f"{one.day} {one.kind}" for one in brief.care), len(brief.promises), brief.money.owes]
        if any(told):
            found[keys.get(outlet, str(outlet))] = told
    return found

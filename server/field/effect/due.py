"""Looking at departures when it is time: at 30, 60 and 90 days, each once. What was lost becomes tasks on day 90.

A row says that a departure has been looked at; it is written in the transaction of the tasks, so whoever runs this
late, twice or in several processes makes them once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from sqlalchemy import select

from server.field.effect.compare import Loss
from server.field.effect.reading import WINDOWS, Effect, Left, departures_of, effect_of, is_over
from server.field.tasks import Wanted, give
from server.identity import staff
from server.identity.staff import PersonStatus, Role
from server.master import people
from server.master.effects import departure_effects
from server.master.inbox import Matter, bring_up
from server.master.journal import Note, note
from server.master.scoping import names
from server.master.store import Store, Tx
from server.master.typed import TYPED
from server.ports import Sources
from sync import scopes
from sync.codec import encode

__all__ = ["KIND", "WIN_BACK", "look_if_due"]

KIND = "departure_effect"
WIN_BACK = "win_back"


async def look_if_due(store: Store, sources: Sources, zone: str, loss: int) -> frozenset[str]:
    """Look at every departure for which it is time. Returns the scopes that changed."""
    changed: frozenset[str] = frozenset()
    for left, days in await _due(store, sources, zone):
        async with store.read() as tx:
            effect = await effect_of(tx, left, days, zone, loss)
        changed |= await store.transact(partial(_keep, effect=effect, sources=sources))
    return changed


async def _due(store: Store, sources: Sources, zone: str) -> list[tuple[Left, int]]:
    async with store.read() as tx:
        left = await departures_of(tx)
        rows = (await tx.execute(select(departure_effects))).all() if left else []
    seen = {(bytes(row.leaver), row.planned_at, row.days) for row in rows}
    due = [(one, days) for one in left for days in WINDOWS if is_over(one, days, sources.now(), zone)]
    return [(one, days) for one, days in due if (one.leaver.bytes, one.planned_at, days) not in seen]


async def _keep(tx: Tx, effect: Effect, sources: Sources) -> frozenset[str]:
    """Keep what was found, unless another process did; on the last day its losses become tasks."""
    left, compared = effect.left, effect.compared
    await staff.lock(tx, left.leaver)
    mine = (departure_effects.c.leaver == left.leaver.bytes) & (departure_effects.c.planned_at == left.planned_at)
    known = select(departure_effects.c.days).where(mine, departure_effects.c.days == effect.days)
    if (await tx.execute(known)).first() is not None:
        return frozenset()
    row = {"leaver": left.leaver.bytes, "planned_at": left.planned_at, "days": effect.days, "at": sources.now()}
    await tx.execute(departure_effects.insert().values(**row, body=encode(compared)))
    made, changed = 0, frozenset[str]()
    if effect.days == WINDOWS[-1]:
        owners = await _owners(tx, [one.outlet for one in compared.losses])
        wanted = [(owners[one.outlet], _task(one)) for one in compared.losses if one.outlet in owners]
        made, changed = await give(tx, sources, wanted)
    if compared.groups:
        who = await staff.find(tx, left.leaver)
        await bring_up(tx, _matter(effect, who.name if who else "?", made), sources)
    body = {"leaver": left.leaver, "planned_at": left.planned_at, "days": effect.days, "tasks": made}
    figures = {"bought": compared.bought.after, "expected": compared.expected, "losses": len(compared.losses)}
    await note(tx, [Note(scopes.COMPANY, KIND, body | figures)], sources.now(), sources.random)
    return changed


def _task(one: Loss) -> Wanted:
    notes = (
        f"离职前进货 {one.bought.before}，之后 {one.bought.after}，同类终端同期应为 {one.expected}。\n"
        f"Bought {one.bought.before} before the departure and {one.bought.after} after; {one.expected} was expected."
    )
    return Wanted(WIN_BACK, one.outlet, f"{one.grade} · 挽回 Win back · {one.name}", notes)


def _matter(effect: Effect, name: str, tasks: int) -> Matter:
    found = effect.compared
    outlets = sum(one.outlets for one in found.groups)
    en = (
        f"{effect.days} days after {name} left, {outlets} outlets bought {found.bought.after} where {found.expected} "
        f"was to be expected ({effect.basis.en}); visits {found.visits.after}, expected {found.expected_visits}; "
        f"{len(found.losses)} losses, {tasks} tasks given"
    )
    zh = (
        f"{name} 离职 {effect.days} 天：{outlets} 家终端进货 {found.bought.after}，同类同期应为 {found.expected}"
        f"（{effect.basis.zh}）；拜访 {found.visits.after} 次，应为 {found.expected_visits} 次；"
        f"明显下滑 {len(found.losses)} 家，已派任务 {tasks} 项"
    )
    return Matter(KIND, effect.left.leaver, en, zh, effect.left.leaver)


async def _owners(tx: Tx, outlets: Iterable[UUID]) -> dict[UUID, UUID]:
    """Who answers for each outlet where it stands now: the rep who is on its roster longest, else whoever is. An outlet
    without a roster has nobody.
    """
    table = TYPED["outlet"]
    rows = (await tx.execute(select(table.c.id, table.c.scope).where(table.c.id.in_(list(outlets))))).all()
    stand_in = await names(tx, {row.scope for row in rows})
    of, by_scope = people.rosters, dict[str, UUID]()
    joined = of.join(people.staff, people.staff.c.id == of.c.staff)
    wanted = select(of.c.territory, of.c.staff, of.c.role).select_from(joined).where(of.c.until.is_(None))
    places = (await tx.execute(wanted.where(people.staff.c.status != PersonStatus.DEPARTED).order_by(of.c.since))).all()
    for place in sorted(places, key=lambda one: one.role != Role.REP):
        by_scope.setdefault(scopes.territory(UUID(bytes=bytes(place.territory))), UUID(bytes=bytes(place.staff)))
    return {row.id: by_scope[stand_in[row.scope]] for row in rows if stand_in[row.scope] in by_scope}

"""Signs come before a manager as questions, once a week for each person and kind; and the one act that answers them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from server.field.ground import Ground
from server.field.watching.counting import counts_of
from server.field.watching.signs import Known, Sign, signs_of
from server.identity import devices, staff, terms
from server.identity.terms import Special
from server.master.inbox import Matter, bring_up, last_brought
from server.master.store import Tx
from sync.business.today import is_holiday
from sync.messages import Standing
from sync.policies.trade import SHORT_LEASE

__all__ = ["ask_about_signs", "found_signs", "shorten"]

_WEEK_MS = 7 * 86_400_000
_HOUR_MS = 3_600_000


async def found_signs(tx: Tx, ground: Ground) -> list[Sign]:
    """The signs of today."""
    return signs_of(await counts_of(tx, ground), ground.policies, await _known(tx, ground))


async def _known(tx: Tx, ground: Ground) -> Known:
    days = [not is_holiday(ground.today - timedelta(days=ago), ground.policies) for ago in range(1, 29)]
    since = ground.today - timedelta(days=28)
    fresh = {one.id for one in await staff.everybody(tx) if ground.day_of(one.joined_at) > since}
    return Known(sum(days[:7]), sum(days[7:]), frozenset(fresh))


async def ask_about_signs(tx: Tx, ground: Ground) -> frozenset[str]:
    """Ask a manager about each sign; not again within a week of the last time."""
    names = {one.id: one.name for one in await staff.everybody(tx) if one.is_active}
    now = ground.sources.now()
    for one in await found_signs(tx, ground):
        kind = f"sign_{one.kind}"
        asked = (await last_brought(tx, kind)).get(one.staff)
        if one.staff not in names or (asked is not None and now - asked < _WEEK_MS):
            continue
        name, usual = names[one.staff], f"{one.before / 3:.1f}"
        en = (
            f"{name}: {one.week} {one.kind.en} in the last 7 days, {usual} a week before. Is there a reason? "
            f"`saojie signs shorten {name}` brings the leases down meanwhile."
        )
        zh = (
            f"{name} 最近 7 天{one.kind.zh} {one.week} 次，此前每周 {usual} 次。是否有原因？"
            f"必要时可先用 saojie signs shorten {name} 缩短租约。"
        )
        await bring_up(tx, Matter(kind, one.staff, en, zh, one.staff), ground.sources)
    return frozenset()


async def shorten(tx: Tx, person: UUID, ground: Ground, by: UUID | None = None) -> list[Special]:
    """Bring the leases of all of a person's phones down; the terms of each, longer ones only. Raises Refusal."""
    short = ground.policies.of(SHORT_LEASE) * _HOUR_MS
    held = {one.device: one for one in await terms.specials(tx) if one.device is not None}
    made = []
    for one in await devices.of_person(tx, person):
        if one.standing is not Standing.ACTIVE:
            continue
        before = held.get(one.id, Special(device=one.id))
        if before.locks_after is None or before.locks_after > short:
            wanted = msgspec.structs.replace(before, locks_after=short)
            made.append(await terms.change(tx, wanted, ground.sources, by))
    return made

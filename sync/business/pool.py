"""The public pool (公海): when an outlet goes back to it, who may claim, how a deal is drawn, what a teaser shows.

Values in, values out: times are server milliseconds, days those of the company's zone. The clock of an outlet depends
on the steps that its journal holds and on when visits happened, and on nothing else.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from sync.clock import Bounds
from sync.policies import Policies
from sync.policies.pool import (
    POOL_CLAIMS,
    POOL_COOL_DOWN,
    POOL_HOLD,
    POOL_PROTECTION,
    POOL_RETURN_DAYS,
    POOL_WARNING,
)
from sync.positions import Position
from sync.records import Outlet, OutletStatus, Teaser
from sync.scopes import ScopeKind, parse_scope

__all__ = [
    "Asking",
    "Late",
    "Stay",
    "Step",
    "area_of",
    "draw",
    "is_shown",
    "judge_late",
    "may_claim",
    "protected_until",
    "return_day",
    "stay_of",
    "switched_on",
    "teaser_id",
    "teaser_of",
    "warning_day",
]

# ---- the clock -------------------------------------------------------------------------------------------------------


class Step(msgspec.Struct, frozen=True):
    """An outlet came into `scope` from `came_from` (None: it is new). `by_rule`: the pool's rule returned it;
    `restored`: that was undone; `holder` is who held it before.
    """

    at: int
    scope: str
    came_from: str | None = None
    by_rule: bool = False
    restored: bool = False
    holder: UUID | None = None


class Stay(msgspec.Struct, frozen=True):
    """Where an outlet is and since when, with the step that brought it."""

    step: Step

    @property
    def scope(self) -> str:
        """Where it is."""
        return self.step.scope

    @property
    def since(self) -> int:
        """When it came there."""
        return self.step.at

    @property
    def is_from_pool(self) -> bool:
        """Whether it was dealt, claimed or allotted."""
        return _is_pool(self.step.came_from)


def _is_pool(scope: str | None) -> bool:
    found = parse_scope(scope) if scope is not None else None
    return found is not None and found.kind is ScopeKind.POOL


def stay_of(steps: Iterable[Step]) -> Stay | None:
    """The stay that these steps of one outlet come to, in whatever order they are given; None for no steps.

    A return that was undone is as if it had never been: the stay before it goes on.
    """
    left, stays = sorted(steps, key=lambda one: one.at), list[Stay]()
    while left:
        now = [one for one in left if one.at == left[0].at]
        here = stays[-1].scope if stays else None
        step = next((one for one in now if one.came_from == here), now[0])
        left.remove(step)
        if step.restored and len(stays) > 1:
            stays.pop()
        else:
            stays.append(Stay(step))
    return stays[-1] if stays else None


def switched_on(values: Iterable[tuple[int, bool]]) -> int | None:
    """Since when the rule is on, from each time at which it was set; None where it is off."""
    since: int | None = None
    for at, is_on in sorted(values):
        since = (since if since is not None else at) if is_on else None
    return since


def protected_until(entered: date, policies: Policies, *, is_from_pool: bool) -> date:
    """The first day on which an outlet that came on the day `entered` is not protected any more."""
    return entered + timedelta(days=policies.of(POOL_PROTECTION)) if is_from_pool else entered


def return_day(
    entered: date, last_visit: date | None, on_since: date, policies: Policies, *, is_from_pool: bool
) -> date:
    """The day on which an outlet goes back to the pool, if nobody visits it before."""
    base = max(entered, last_visit or entered)
    return max(
        base + timedelta(days=policies.of(POOL_RETURN_DAYS)),
        protected_until(entered, policies, is_from_pool=is_from_pool),
        on_since + timedelta(days=policies.of(POOL_WARNING)),
    )


def warning_day(returns: date, policies: Policies) -> date:
    """The first day on which the owner is warned."""
    return returns - timedelta(days=policies.of(POOL_WARNING))


class Late(StrEnum):
    """What a visit is to a return that was made before it arrived."""

    BEFORE = "before"
    MAY_BE = "may_be"
    AFTER = "after"


def judge_late(visits: Iterable[Bounds], returned_at: int) -> Late:
    """Whether one of these visits was made before the return, as far as the clock proves it."""
    found = list(visits)
    if any(one.latest < returned_at for one in found):
        return Late.BEFORE
    return Late.MAY_BE if any(one.earliest < returned_at for one in found) else Late.AFTER


# ---- claims ----------------------------------------------------------------------------------------------------------


class Asking(msgspec.Struct, frozen=True):
    """What counts for a claim on an outlet of the person's region: `held` outlets of the territory's owner, `won`
    claims of the person on the day of the claim, days since the person or that owner held it last (None: never).
    """

    held: int
    won: int
    days_since_held: int | None = None


def may_claim(asking: Asking, policies: Policies) -> str:
    """Why a claim is refused, as a stable word; empty where nothing stands against it."""
    if asking.held >= policies.of(POOL_HOLD):
        return "hold"
    if asking.won >= policies.of(POOL_CLAIMS):
        return "claims"
    if asking.days_since_held is not None and asking.days_since_held < policies.of(POOL_COOL_DOWN):
        return "cool_down"
    return ""


# ---- the deal --------------------------------------------------------------------------------------------------------


def _drawn(seed: bytes, one: UUID) -> bytes:
    return hashlib.blake2b(one.bytes, key=seed, digest_size=16).digest()


def draw(seed: bytes, outlets: Iterable[UUID], room: Mapping[UUID, int], share: int) -> dict[UUID, tuple[UUID, ...]]:
    """Deal outlets to people: each the same number up to `share`, or one less where there are fewer; nobody more than
    there is `room` for. The same seed (up to 64 bytes) gives the same draw, in whatever order outlets and people come.
    """
    waiting = sorted(set(outlets), key=lambda one: _drawn(seed, one), reverse=True)
    order = sorted(room, key=lambda one: _drawn(seed, one))
    dealt: dict[UUID, list[UUID]] = {one: [] for one in order}
    for turn in range(share):
        for one in order:
            if waiting and turn < room[one]:
                dealt[one].append(waiting.pop())
    return {one: tuple(found) for one, found in dealt.items()}


# ---- teasers ---------------------------------------------------------------------------------------------------------

_LONGEST = 40
_ROAD = re.compile(r"^.*[省市区县旗镇乡村路街道巷弄里]")
_DIGITS = re.compile(r"[0-9]|[零〇一二三四五六七八九十百千]+(?=[号弄栋幢座楼室])")
_PLACES = 3


def is_shown(outlet: Outlet) -> bool:
    """Whether an outlet of the pool is there to be claimed."""
    return outlet.status is not OutletStatus.CLOSED and outlet.merged_into is None


def teaser_id(outlet: UUID) -> UUID:
    """The id of an outlet's teaser, which is always the same."""
    rest = bytearray(hashlib.blake2b(outlet.bytes, digest_size=8, person=b"teaser").digest())
    rest[0] = rest[0] & 0x3F | 0x80
    return UUID(bytes=outlet.bytes[:8] + bytes(rest))


def teaser_of(outlet: Outlet) -> Teaser:
    """What reps see of an outlet in the pool: class, street or district, and a position good to a block (three
    decimals, some 100 m). No name, no house number, no means to contact it.
    """
    at = outlet.position
    position = Position(round(at.lat, _PLACES), round(at.lon, _PLACES)) if at is not None else None
    return Teaser(teaser_id(outlet.id), outlet.id, outlet.outlet_class, area_of(outlet.address), position)


def area_of(address: str) -> str:
    """The street or district of an address: what stands before the house number, up to the last word for a road or
    place; where it is written in another script, what follows a number in front. Empty where neither is found.
    """
    text = unicodedata.normalize("NFKC", address).strip()
    if not any("\u4e00" <= one <= "\u9fff" for one in text):
        words = re.match(r"[\W\d]*([^\d,;:@()]*)", text)
        found = words.group(1).strip() if words else ""
        return found[:_LONGEST] if len(found.split()) <= 4 else ""
    number = _DIGITS.search(text)
    road = _ROAD.match(text[: number.start()] if number else text)
    return road.group(0)[-_LONGEST:] if road else ""

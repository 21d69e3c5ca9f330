"""Whether two outlets are one: by distance, name, sound and phone.

For: an import's rows against each other and the store, two phones that register the same shop, and a phone before it
lets one register. Names are compared by a `Ratio` (0 to 100): `plain_ratio` here, a faster one where there is one.
Never: decide. `certain` says that no person needs to look; anything else is a question for one.

A chain that repeats its name a street apart is two outlets: the same name counts only within `NEAR` metres, and
not where both have phones and share none. One phone under two names far apart is nobody's proof either, since
chains print one number on all their doors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from math import cos, hypot, radians

import msgspec

from sync.business.names import core_name, plain_name
from sync.positions import Position, to_wgs84

__all__ = ["NEAR", "SLIP", "WHY", "Alike", "Portrait", "Why", "alike", "plain_ratio", "portrait", "reach", "unlike"]

Ratio = Callable[[str, str], float]
Sound = Callable[[str], str]

NEAR = 60.0
"""Metres within which one name means one outlet, before the accuracy of the positions is added."""
STREET = 300.0
"""Metres within which the same name and phone mean one outlet."""
SLIP = 1500.0
"""Metres that a wrong datum can move an outlet; the same name and phone within it are worth a question."""
ALIKE = 85.0
"""How alike (0 to 100) two names must be to be worth a question."""
AKIN = 60.0
"""The same, where the phone agrees already."""

_SLACK = 60.0
_METRES = 111_195.0


class Why(StrEnum):
    """What makes two outlets look like one."""

    SAME_NAME_NEAR = "same_name_near"
    SAME_NAME_PHONE = "same_name_phone"
    SAME_NAME_OTHER_PHONE = "same_name_other_phone"
    SAME_SOUND_NEAR = "same_sound_near"
    SAME_PHONE_NEAR = "same_phone_near"
    ALIKE_NAME_NEAR = "alike_name_near"
    ALIKE_NAME_PHONE = "alike_name_phone"


WHY: dict[Why, tuple[str, str]] = {
    Why.SAME_NAME_NEAR: ("同名且位置相近", "the same name at the same place"),
    Why.SAME_NAME_PHONE: ("同名且电话相同", "the same name and phone"),
    Why.SAME_NAME_OTHER_PHONE: ("同名且位置相近，但电话不同", "the same name near by, with another phone"),
    Why.SAME_SOUND_NEAR: ("名称同音且位置相近", "names that sound alike near by"),
    Why.SAME_PHONE_NEAR: ("电话相同且位置相近", "the same phone near by, under another name"),
    Why.ALIKE_NAME_NEAR: ("名称相似且位置相近", "an alike name near by"),
    Why.ALIKE_NAME_PHONE: ("名称相似且电话相同", "an alike name and the same phone"),
}
"""Each reason as a sentence's half, Chinese and English."""


class Portrait(msgspec.Struct, frozen=True):
    """What an outlet is compared by. Degrees in WGS-84; `slack` is the position's accuracy in metres, at most 60."""

    plain: str
    core: str
    sound: str
    phones: frozenset[str]
    lat: float | None = None
    lon: float | None = None
    slack: float = 0.0


class Alike(msgspec.Struct, frozen=True):
    """How two outlets are alike: metres apart (None if unknown), names 0 to 100, and whether phone and sound agree."""

    why: Why
    certain: bool
    distance: float | None
    name: float
    phone: bool
    sound: bool


def plain_ratio(a: str, b: str) -> float:
    """How alike two texts are, 0 to 100: twice the longest common subsequence over both lengths."""
    total = len(a) + len(b)
    if not total:
        return 100.0
    places: dict[str, int] = {}
    for at, char in enumerate(a):
        places[char] = places.get(char, 0) | 1 << at
    whole = (1 << len(a)) - 1
    row = whole
    for char in b:
        met = row & places.get(char, 0)
        row = (row + met) | (row - met)
    return 200.0 * (~row & whole).bit_count() / total


def portrait(name: str, sound: Sound, phones: Iterable[str] = (), position: Position | None = None) -> Portrait:
    """The portrait of an outlet; `phones` in one form, the position in any datum, `sound` gives a name's pinyin."""
    plain = plain_name(name)
    parts = (plain, core_name(name), sound(plain), frozenset(phones))
    if position is None:
        return Portrait(*parts)
    place = to_wgs84(position)
    return Portrait(*parts, place.lat, place.lon, min(place.accuracy or 0.0, _SLACK))


def reach(one: Portrait) -> float:
    """Metres around `one` beyond which another is near only if its own slack says so."""
    return NEAR + one.slack


def alike(a: Portrait, b: Portrait, ratio: Ratio = plain_ratio) -> Alike | None:
    """How `a` and `b` are alike, or None where nobody need ask."""
    gap = _gap(a, b)
    shared = not a.phones.isdisjoint(b.phones)
    near = gap is not None and gap <= NEAR + a.slack + b.slack
    if not (near or shared):
        return None
    sound = a.sound == b.sound
    likeness = _likeness(a, b, ratio)
    if a.plain == b.plain:
        found = _same_name(gap, near=near, shared=shared, silent=not (a.phones and b.phones))
    else:
        found = _other_name(likeness, gap, near=near, shared=shared, sound=sound)
    if found is None:
        return None
    return Alike(*found, gap, likeness, shared, sound)


def unlike(a: Portrait, b: Portrait, ratio: Ratio = plain_ratio) -> bool:
    """Whether two that claim to be one surely are not: other names, other places, no phone in common.

    Where a place is unknown, the names and phones alone say so. A shop renamed on the spot is not unlike itself.
    """
    if not a.phones.isdisjoint(b.phones) or a.sound == b.sound or _likeness(a, b, ratio) >= AKIN:
        return False
    gap = _gap(a, b)
    return gap is None or gap > NEAR + a.slack + b.slack


def _same_name(gap: float | None, *, near: bool, shared: bool, silent: bool) -> tuple[Why, bool] | None:
    """The reason for two of one name; `silent` if one of them has no phone that could speak against it."""
    if near and (shared or silent):
        return Why.SAME_NAME_NEAR, True
    if near:
        return Why.SAME_NAME_OTHER_PHONE, False
    if gap is None or gap <= STREET:
        return Why.SAME_NAME_PHONE, True
    return (Why.SAME_NAME_PHONE, False) if gap <= SLIP else None


def _other_name(
    likeness: float, gap: float | None, *, near: bool, shared: bool, sound: bool
) -> tuple[Why, bool] | None:
    if near and sound:
        return Why.SAME_SOUND_NEAR, False
    if shared and (likeness >= AKIN or sound) and (gap is None or gap <= STREET):
        return Why.ALIKE_NAME_PHONE, False
    if near and shared:
        return Why.SAME_PHONE_NEAR, False
    if near and likeness >= ALIKE:
        return Why.ALIKE_NAME_NEAR, False
    return None


def _likeness(a: Portrait, b: Portrait, ratio: Ratio) -> float:
    """Names compared by what sets them apart; trade words alone make nobody alike."""
    if a.plain == b.plain:
        return 100.0
    if len(a.core) > 1 and len(b.core) > 1:
        return ratio(a.core, b.core)
    return ratio(a.plain, b.plain)


def _gap(a: Portrait, b: Portrait) -> float | None:
    """Metres apart on a flat map: within 0.1 % at a kilometre, and only ever compared with a kilometre or two."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    return hypot(a.lat - b.lat, (a.lon - b.lon) * cos(radians(a.lat))) * _METRES

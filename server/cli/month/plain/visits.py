"""Section 5: which visits are doubtful, why, and which first visits were made by two."""

from __future__ import annotations

from collections import Counter
from math import asin, cos, radians, sin, sqrt
from typing import Any

from server.cli.month.plain.world import Fact, World

__all__ = ["doubts", "is_joint", "joint", "verdicts"]

_FENCE, _CLOCK, _SPEED, _SHORTEST, _TOGETHER = 200, 10, 120, 180, 30
_EARTH_M = 6_371_008.8


def doubts(world: World, visit: Fact) -> list[str]:
    """The reasons that hold of one visit in person."""
    shop, found = world.shops[visit["outlet"]], []
    if "off" not in visit and shop["lat"] is not None:
        found.append("no_position")
    if "off" in visit and shop["lat"] is not None and abs(visit["off"]) > _FENCE + visit.get("acc", 0):
        found.append("far")
    if visit["mock"]:
        found.append("mock")
    if abs(visit["skew"]) > _CLOCK:
        found.append("clock")
    if _is_too_fast(world, visit):
        found.append("speed")
    if visit["s"] is not None and visit["s"] < _SHORTEST:
        found.append("short")
    return found


def _is_too_fast(world: World, visit: Fact) -> bool:
    here = _place(world, visit)
    earlier = [one for one in world.in_person() if one["who"] == visit["who"] and one["began"] < visit["began"]]
    earlier = [one for one in earlier if _place(world, one) is not None]
    before = max(earlier, key=lambda one: one["began"], default=None)
    there = _place(world, before) if before is not None else None
    if here is None or before is None or there is None:
        return False
    apart = _metres(here, there)
    needed = apart - visit.get("acc", 0) - before.get("acc", 0)
    hours = (visit["began"] - before["at"] * 60) / 3600
    return apart > _FENCE and needed > 0 and (hours <= 0 or needed / 1000 / hours > _SPEED)


def _place(world: World, visit: Fact) -> tuple[float, float] | None:
    shop = world.shops[visit["outlet"]]
    if "off" not in visit or shop["lat"] is None:
        return None
    return shop["lat"] + visit["off"] / 111_195, shop["lon"]


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    north, east = radians(one[0] - other[0]), radians(one[1] - other[1])
    inside = sin(north / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * _EARTH_M * asin(sqrt(inside))


def verdicts(world: World) -> dict[str, Any]:
    """How many visits in person are verified and doubtful, and how often each reason holds."""
    reasons: Counter[str] = Counter()
    bad = 0
    for visit in world.in_person():
        found = doubts(world, visit)
        reasons.update(found)
        bad += bool(found)
    good = len(world.in_person()) - bad
    return {"verified": good, "doubtful": bad, "reasons": dict(sorted(reasons.items()))}


def is_joint(world: World, key: str, heard_by: int) -> bool:
    """Whether the first visit was made by two, as far as the company had heard at a moment."""
    logs = [one for one in world.in_person() if world.end_of(one["outlet"]) == world.end_of(key)]
    logs = [one for one in logs if one["heard"] <= heard_by]
    for one in logs:
        for other in logs:
            names_each_other = other["who"] in one["with"] and one["who"] in other["with"]
            if one["who"] != other["who"] and names_each_other and abs(one["began"] - other["began"]) <= _TOGETHER * 60:
                return True
    return False


def joint(world: World) -> dict[str, int]:
    """Of the outlets that reps registered: how many had their joint first visit, and how many still lack it."""
    asked = [one["key"] for one in world.standing() if one["registered_by"]]
    made = sum(is_joint(world, key, 1 << 62) for key in asked)
    return {"made": made, "missing": len(asked) - made}

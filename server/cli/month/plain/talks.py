"""Section 6: who is in contact with key outlets, what was promised and kept, and what whoever takes over sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from server.cli.month.plain.care import care_days
from server.cli.month.plain.world import Fact, World

__all__ = ["key_outlets", "promises", "taken_over"]


def _heard(world: World) -> list[Fact]:
    return [one for one in world.others["talk"] if one["heard"] < 1 << 62]


def key_outlets(world: World) -> dict[str, list[int]]:
    """Of each territory: key prospects, those with fewer than two people in contact; key outlets, and those."""
    faces: dict[str, set[str]] = defaultdict(set)
    for one in [*world.visits, *_heard(world)]:
        faces[world.end_of(one["outlet"])].update([one["who"], *one.get("with", ())])
    for one in world.orders:
        faces[world.end_of(one["outlet"])].add(one["who"])
    found = {area: [0, 0, 0, 0] for area in world.teams}
    for shop in world.standing():
        if shop["grade"] != "A" or not shop["area"]:
            continue
        few = len(faces[shop["key"]] - world.left.keys()) < 2
        prospect = shop["status"] == "prospect"
        for at, counts in enumerate((prospect, prospect and few, True, few)):
            found[shop["area"]][at] += counts
    return found


def _standing(world: World) -> list[Fact]:
    """The talks that no other amends, each with all that its chain says."""
    heard = _heard(world)
    amended = {one["amends"] for one in heard if "amends" in one}
    return [_whole(one, heard) for one in heard if one["key"] not in amended]


def _whole(one: Fact, heard: Iterable[Fact]) -> Fact:
    """A talk with what it took over from those that it amends; `chain` are their keys."""
    by_key = {each["key"]: each for each in heard}
    told, chain = dict(one), [one["key"]]
    while "amends" in one:
        one = by_key[one["amends"]]
        told = {**one, **told}
        chain.append(one["key"])
    return told | {"chain": chain}


def _open(world: World) -> list[tuple[Fact, bool]]:
    """Each promise, and whether it is kept."""
    standing = _standing(world)
    seen_to = {one["keeps"] for one in standing if one.get("keeps")}
    return [(one, bool(seen_to.intersection(one["chain"]))) for one in standing if _days(one) or _words(one)]


def _words(one: Fact) -> bool:
    return bool(one.get("promised") or one.get("next_step"))


def _days(one: Fact) -> list[str]:
    return [one[name] for name in ("promised_by", "next_on") if one.get(name)]


def promises(world: World) -> dict[str, list[int]]:
    """By person: reports that stand, promises made in them, those that were kept, and those that are late."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in _standing(world):
        found[one["who"]][0] += 1
    for one, is_kept in _open(world):
        days, mine = _days(one), found[one["who"]]
        mine[1] += 1
        mine[2] += is_kept
        mine[3] += not is_kept and bool(days) and min(days) < str(world.today)
    return dict(sorted(found.items()))


def taken_over(world: World, areas: Iterable[str]) -> dict[str, list[object]]:
    """Of each outlet there with something to know: days of care of 60 days, open promises, what it owes."""
    last = world.today + timedelta(days=60)
    cared = [one for one in care_days(world, world.today) if one[1] <= last]
    left = [one for one, is_kept in _open(world) if not is_kept]
    found: dict[str, list[object]] = {}
    for shop in world.standing():
        if shop["area"] not in set(areas):
            continue
        key = shop["key"]
        days = sorted(_said(one[0], one[1]) for one in cared if one[2] == key)
        told: list[object] = [days, sum(world.end_of(one["outlet"]) == key for one in left), _owes(world, key)]
        if any(told):
            found[key] = told
    return dict(sorted(found.items()))


def _said(kind: str, day: date) -> str:
    return f"{day} {kind}"


def _owes(world: World, key: str) -> int:
    brought = [one for one in world.deliveries if world.end_of(one["outlet"]) == key]
    paid = [one for one in world.payments if world.end_of(one["outlet"]) == key]
    worth: int = sum(line[1] * line[2] for one in brought for line in one["lines"])
    return worth - sum(int(one["amount"]) for one in paid)

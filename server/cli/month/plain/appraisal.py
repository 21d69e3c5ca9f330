"""Section 11: what each person's lines come to in the month."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date

from server.cli.month.plain.quarter import approved, verified
from server.cli.month.plain.visits import doubts
from server.cli.month.plain.world import Fact, World

__all__ = ["lines"]

_BUILD, _KEEP, _FRESH = 500, 100, 31


def lines(world: World, last: date, held: Collection[str]) -> dict[str, list[int]]:
    """Number and sum of the lines of each person. `held` are outlets with an open question about a duplicate."""
    found: dict[str, list[int]] = defaultdict(list)
    for who in _built(world, held):
        found[who].append(_BUILD)
    for who in _kept(world, last, held):
        found[who].append(_KEEP)
    return {who: [len(each), sum(each)] for who, each in sorted(found.items())}


def _built(world: World, held: Collection[str]) -> list[str]:
    """Who registered each archive that was approved in the month, where the territory was being built then."""
    found = []
    for key, at in approved(world).items():
        shop = world.shops[key]
        if (
            not shop["merged_into"]
            and not _all_doubtful(world, shop)
            and key not in held
            and _phase(world, shop["area"], at) == "build"
        ):
            found.append(shop["registered_by"])
    return found


def _kept(world: World, last: date, held: Collection[str]) -> list[str]:
    """The owner of each archive that was complete, approved, verified and lately visited where it is being kept."""
    good, sure = approved(world), verified(world, ["2026Q4", "2026Q3"])
    fresh = {
        world.end_of(one["outlet"])
        for one in world.in_person()
        if 0 <= (last - one["day"]).days < _FRESH and not doubts(world, one)
    }
    people, found = Counter[str](), []
    for shop in world.shops.values():
        people[world.end_of(shop["key"])] += shop["contacts"]
    for shop in world.standing():
        area = shop["area"]
        if not area or _phase(world, area, 1 << 62) != "keep":
            continue
        is_complete = bool(shop["name"] and shop["phone"] and shop["lat"] is not None and people[shop["key"]])
        is_classed = shop["kind"] != "other"
        is_approved = not shop["registered_by"] or shop["key"] in good
        is_true = shop["key"] in sure and shop["key"] in fresh and shop["key"] not in held
        if is_complete and is_classed and is_approved and is_true and not _all_doubtful(world, shop):
            found.append(world.teams[area]["owner"])
    return found


def _all_doubtful(world: World, shop: Fact) -> bool:
    """Whether its registrar was there in person, and every time in doubt."""
    there = [one for one in world.in_person() if world.end_of(one["outlet"]) == shop["key"]]
    own = [one for one in there if one["who"] == shop["registered_by"]]
    return bool(own) and all(doubts(world, one) for one in own)


def _phase(world: World, area: str, at: int) -> str:
    phase = "build"
    for one in world.phases:
        if one["area"] == area and one["at"] <= at:
            phase = one["phase"]
    return phase

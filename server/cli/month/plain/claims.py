"""Section 9: deals, claims, allotments and returns by hand, in the order in which the company heard of them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from server.cli.month.plain.world import Fact, World

__all__ = ["claimed_and_dealt", "holding"]

_HOLD, _CLAIMS, _COOL_DOWN = "400", "5", 30


def claimed_and_dealt(world: World) -> dict[str, Any]:
    """What each came to. Moves the outlets of the world."""
    acts = [one for name in ("drawn", "put_back", "claim", "allot") for one in world.others[name]]
    found = _Found(world)
    for one in sorted((one for one in acts if one["heard"] < 1 << 62), key=lambda one: (one["heard"], one["at"])):
        found.take(one)
    return {
        "dealt": dict(sorted(found.dealt.items())),
        "claims": dict(sorted(found.claims.items())),
        "came_back": found.came_back,
        "allotted": found.allotted,
    }


def holding(world: World) -> dict[str, str]:
    """Where each standing outlet is: its territory, or the pool."""
    return {one["key"]: one["area"] or "pool" for one in world.standing()}


class _Found:
    """What was done so far."""

    def __init__(self, world: World) -> None:
        self.dealt: Counter[str] = Counter()
        self.claims: Counter[str] = Counter()
        self.came_back = self.allotted = 0
        self._world = world
        self._won: Counter[tuple[str, date]] = Counter()
        self._last: dict[str, tuple[str, date]] = {}

    def take(self, one: Fact) -> None:
        """One act."""
        if one["do"] == "drawn":
            self._deal(one)
        elif one["do"] == "put_back":
            shop = self._world.shops[one["outlet"]]
            self._last[one["outlet"]] = self._world.owner_at(shop["area"], one["at"]), one["day"]
            self._world.move(one["outlet"], "", one["at"])
            self.came_back += 1
        elif one["do"] == "allot":
            self._world.move(one["outlet"], one["area"], one["at"])
            self.allotted += 1
        else:
            self.claims[self._claim(one)] += 1

    def _deal(self, one: Fact) -> None:
        """Whom chance gave which is a fact. That it is out of the pool, and the same number for all, is not."""
        asked = next(each for each in self._world.others["deal"] if each["t"] == one["t"])
        world, at = self._world, one["at"]
        if any(world.shops[key]["area"] for outlets in one["given"].values() for key in outlets):
            return
        for who in {each for area in world.teams for each in world.team_at(area, at)}:
            self.dealt[who] += asked["share"]
        for who, outlets in one["given"].items():
            for key in outlets:
                world.move(key, one["into"][who], at)

    def _claim(self, one: Fact) -> str:
        shop, into, who = self._world.shops[one["outlet"]], one["area"], one["who"]
        owner = self._world.owner_at(into, one["heard"])
        if who not in self._world.team_at(into, one["heard"]):
            return "refused: not_on_roster"
        if shop["area"]:
            return "refused: yours" if shop["area"] == into else "lost: taken"
        areas = {area for area in self._world.teams if self._world.owner_at(area, one["heard"]) == owner}
        if sum(each["area"] in areas for each in self._world.standing()) >= int(self._setting("pool_hold", _HOLD, one)):
            return "refused: hold"
        if self._won[who, one["day"]] >= int(self._setting("pool_claims", _CLAIMS, one)):
            return "refused: claims"
        last, since = self._last.get(one["outlet"], ("", one["day"]))
        if last in {who, owner} and (one["day"] - since).days < _COOL_DOWN:
            return "refused: cool_down"
        self._won[who, one["day"]] += 1
        self._world.move(one["outlet"], into, one["heard"])
        return "won"

    def _setting(self, key: str, standard: str, one: Fact) -> str:
        """As it was when the company decided."""
        said = [each["value"] for each in self._world.others["policy"] if each["key"] == key]
        at = [each["at"] for each in self._world.others["policy"] if each["key"] == key]
        found = [value for value, when in zip(said, at, strict=True) if when <= one["heard"]]
        return found[-1] if found else standard

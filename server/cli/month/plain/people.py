"""Section 14: how much hangs on one person alone; section 1: the figures of daily reports; section 5: orders."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from server.cli.month.plain.quarter import bought
from server.cli.month.plain.world import World

__all__ = ["daily_reports", "dependence", "orders"]


def dependence(world: World) -> dict[str, list[int]]:
    """For everybody on a roster: bought by the outlets there, by those that only this person touched; key outlets,
    and those that only this person touched.
    """
    faces = _faces(world)
    sums = bought(world, world.today - timedelta(days=89), world.today)
    teams = {area: _everybody(team) for area, team in world.teams.items()}
    found = {}
    for who in sorted({one for team in teams.values() for one in team} - {""}):
        areas = {area for area, team in teams.items() if who in team}
        mine = [one for one in world.standing() if one["area"] in areas]
        alone = [one for one in mine if faces.get(one["key"], set()) == {who}]
        keys = [one for one in mine if one["grade"] == "A"]
        found[who] = [
            sum(sums.get(one["key"], 0) for one in mine),
            sum(sums.get(one["key"], 0) for one in alone),
            len(keys),
            sum(one in alone for one in keys),
        ]
    return found


def _everybody(team: dict[str, Any]) -> set[str]:
    return {team["owner"], *team["partners"], *team["service"], *team["others"]}


def _faces(world: World) -> dict[str, set[str]]:
    """Who visited an outlet, went along, took an order, registered it or wrote to it, and still works here."""
    found: dict[str, set[str]] = {}
    for one in world.visits:
        found.setdefault(world.end_of(one["outlet"]), set()).update([one["who"], *one["with"]])
    for one in world.orders:
        found.setdefault(world.end_of(one["outlet"]), set()).add(one["who"])
    for one in world.others["card"]:
        found.setdefault(world.end_of(one["outlet"]), set()).add(one["who"])
    for shop in world.shops.values():
        if shop["registered_by"]:
            found.setdefault(world.end_of(shop["key"]), set()).add(shop["registered_by"])
    return {key: who - world.left.keys() for key, who in found.items()}


def daily_reports(world: World) -> dict[str, list[int]]:
    """By person: reports sent, and what they come to: outlets visited, outlets registered, orders."""
    found: dict[str, list[int]] = {}
    for report in world.reports:
        who, day = report["who"], report["day"]
        visited = {one["outlet"] for one in world.visits if _is_of(one, who, day)}
        made = sum(_registered_on(one, who, day) for one in world.shops.values())
        taken = sum(_worth(one) for one in world.orders if _is_of(one, who, day))
        old = found.get(who, [0, 0, 0, 0])
        found[who] = [old[0] + 1, old[1] + len(visited), old[2] + made, old[3] + taken]
    return dict(sorted(found.items()))


def orders(world: World) -> dict[str, list[int]]:
    """By person: orders, and what they come to."""
    found: dict[str, list[int]] = {}
    for one in world.orders:
        old = found.get(one["who"], [0, 0])
        found[one["who"]] = [old[0] + 1, old[1] + _worth(one)]
    return dict(sorted(found.items()))


def _is_of(one: dict[str, object], who: str, day: date) -> bool:
    return one["who"] == who and one["day"] == day


def _registered_on(shop: dict[str, object], who: str, day: date) -> bool:
    return shop["registered_by"] == who and int(str(shop["at"])) // 1440 == day.toordinal()


def _worth(one: dict[str, list[list[int]]]) -> int:
    return sum(line[1] * line[2] for line in one["lines"])

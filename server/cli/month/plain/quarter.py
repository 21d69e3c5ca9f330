"""Sections 6 and 7: call-backs, verification and purchases of a quarter; section 2: coverage; section 3: reviews."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

from server.cli.month.plain.visits import is_joint
from server.cli.month.plain.world import World, percent

__all__ = ["approved", "bought", "called_back", "coverage", "purchases", "registrations", "verification", "verified"]

_ARCHIVISTS = {"梁文", "罗建平", "刘经理", "沈国强"}


def quarter_of(day: date) -> str:
    """`2026Q4`."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def coverage(world: World) -> dict[str, int | None]:
    """The percent of each territory's standing outlets that were seen within 92 days."""
    seen: set[str] = set()
    for visit in world.in_person():
        if 0 <= (world.today - visit["day"]).days < 92:
            seen.add(world.end_of(visit["outlet"]))
    for sweep in world.sweeps:
        if 0 <= (world.today - sweep["day"]).days < 92:
            seen |= {world.end_of(key) for key, how in sweep["seen"].items() if how != "not_found"}
    found = {}
    for area in world.teams:
        mine = [one["key"] for one in world.standing() if one["area"] == area]
        found[area] = percent(sum(key in seen for key in mine), len(mine))
    return found


def approved(world: World) -> dict[str, int]:
    """The registrations that were approved, with the moment; what lacked its joint first visit was not."""
    found: dict[str, int] = {}
    for act in world.approvals:
        if is_joint(world, act["outlet"], act["at"]) and act["outlet"] not in found:
            found[act["outlet"]] = act["at"]
    return found


def registrations(world: World) -> dict[str, int]:
    """How many registrations are in which state; merged ones are counted apart. `coded` are those that
    bear a code which the phone gave.
    """
    done = approved(world)
    found: Counter[str] = Counter(coded=sum("code" in one for one in world.others["register"]))
    for shop in world.shops.values():
        if shop["registered_by"]:
            state = "approved" if shop["key"] in done else _review(world, shop["key"])
            found["merged" if shop["merged_into"] else state] += 1
    return dict(sorted(found.items()))


def _review(world: World, key: str) -> str:
    """The state of what is not approved: as the last that was heard says. An answer to a question makes it pending."""
    said = [(one["heard"], name, one["at"]) for name in ("question", "mend", "refuse") for one in world.others[name]
            if one["outlet"] == key]  # fmt: skip
    state, asked = "pending", 0
    for _, what, at in sorted(said):
        if what == "question":
            state, asked = "questioned", at
        elif what == "refuse":
            state = "refused"
        elif state == "questioned" and at > asked:
            state = "pending"
    return state


def called_back(world: World, quarter: str) -> dict[str, list[int]]:
    """Of each territory's buyers: how many were called back in the quarter, and how many were not."""
    found = {}
    for area, team in world.teams.items():
        called = {
            world.end_of(one["outlet"])
            for one in world.visits
            if one["purpose"] == "call_back" and one["who"] in team["service"] and quarter_of(one["day"]) == quarter
        }
        mine = [one["key"] for one in world.standing() if one["area"] == area and one["status"] == "buyer"]
        done = sum(key in called for key in mine)
        found[area] = [done, len(mine) - done]
    return found


def verified(world: World, quarters: list[str]) -> set[str]:
    """The outlets with a verification that counts in one of the quarters."""
    return {
        world.end_of(one["outlet"])
        for one in world.verifications
        if one["who"] in _ARCHIVISTS and one["quarter"] in quarters
    }


def verification(world: World, quarter: str) -> dict[str, list[int]]:
    """Of each territory's approved outlets: how many are to verify, and how many are missing."""
    done, good = verified(world, [quarter]), approved(world)
    found = {}
    for area in world.teams:
        mine = [
            one["key"]
            for one in world.standing()
            if one["area"] == area and (not one["registered_by"] or one["key"] in good)
        ]
        found[area] = [len(mine), sum(key not in done for key in mine)]
    return found


def bought(world: World, first: date, last: date) -> dict[str, int]:
    """What each outlet bought between two days, both included."""
    found: dict[str, int] = defaultdict(int)
    for one in world.deliveries:
        if first <= one["day"] <= last:
            found[world.end_of(one["outlet"])] += sum(line[1] * line[2] for line in one["lines"])
    return dict(found)


def purchases(world: World) -> dict[str, Any]:
    """The purchases of the quarter and of the one before, by outlet."""
    now = bought(world, date(2026, 10, 1), date(2026, 12, 31))
    then = bought(world, date(2026, 7, 1), date(2026, 9, 30))
    return {key: [now.get(key, 0), then.get(key, 0)] for key in sorted(now.keys() | then.keys())}


def days_ago(world: World, days: int) -> date:
    """The day so many days ago."""
    return world.today - timedelta(days=days)

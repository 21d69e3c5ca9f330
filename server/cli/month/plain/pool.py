"""Section 9: which outlets went back to the pool by the rule, and which of those returns a late visit undid."""

from __future__ import annotations

from datetime import date, timedelta

from server.cli.month.plain.world import World, minutes

__all__ = ["return_to_the_pool"]

_WARNING = 7
_HOUR = 3


def return_to_the_pool(world: World, opened: date, first: date) -> dict[str, list[int]]:
    """Let the nights from `first` on take what nobody visited; `opened` is the day on which the list came in. By
    territory: how many went back, and how many of those returns were undone. Moves the outlets of the world.
    """
    found = {area: [0, 0] for area in world.teams}
    night = first
    while night <= world.today:
        for shop in [one for one in world.standing() if one["area"]]:
            if _is_due(world, shop["key"], shop["at"], opened, night):
                area, at = shop["area"], minutes(f"{night}T{_HOUR:02}:00")
                found[area][0] += 1
                late = [
                    one
                    for one in world.visits
                    if world.end_of(one["outlet"]) == shop["key"] and one["began"] < at * 60 < one["heard"] * 60
                ]
                if late:
                    found[area][1] += 1
                    shop["kept"] = True
                else:
                    shop["area"] = ""
        night += timedelta(days=1)
    return found


def _is_due(world: World, key: str, registered: int, opened: date, night: date) -> bool:
    """Whether the outlet returns in this night, as far as was heard by then."""
    on = [one for one in world.switches if one["value"] == "on" and one["day"] <= night]
    if world.shops[key].get("kept") or not on or night < on[-1]["day"] + timedelta(days=_WARNING):
        return False
    now = minutes(f"{night}T{_HOUR:02}:00")
    days = [one["day"] for one in world.visits if world.end_of(one["outlet"]) == key and one["heard"] <= now]
    came = date.fromordinal(registered // 1440) if registered else opened
    came = world.shops[key].get("came", came)
    due: date = max([came, *days]) + timedelta(days=int(world.settings["pool_return_days"]))
    return night >= due

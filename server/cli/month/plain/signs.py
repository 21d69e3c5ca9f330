"""Section 14: how often each person visited, registered and handed work in late, and which of it is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from server.cli.month.plain.world import Fact, World

__all__ = ["signs"]

_LEAST, _TIMES = 5, 3
_DAY = 1440
_NEVER = 1 << 62


def signs(world: World) -> dict[str, list[object]]:
    """By person and kind: in the last 7 days, in the 21 before, and whether it is asked about."""
    found: dict[str, list[int]] = {}
    for who, kind, day in _happened(world):
        ago = (world.today - day).days
        if 1 <= ago <= 28:
            found.setdefault(f"{who} {kind}", [0, 0])[ago > 7] += 1
    return {key: [*each, _is_asked(world, key, *each)] for key, each in sorted(found.items())}


def _is_asked(world: World, key: str, week: int, before: int) -> bool:
    """Everybody has been there for longer than the days that are looked at."""
    if key.endswith(" visits"):
        worked = [world.today - timedelta(days=ago) not in _holidays(world) for ago in range(1, 29)]
        usual = before * sum(worked[:7]) / sum(worked[7:])
        return usual >= _LEAST and usual >= _TIMES * week
    return week >= _LEAST and week >= _TIMES * before / 3


def _holidays(world: World) -> set[date]:
    return {date.fromisoformat(one) for one in world.settings["holidays"].split(",")}


def _happened(world: World) -> Iterator[tuple[str, str, date]]:
    for one in world.visits:
        if one["heard"] < _NEVER:
            yield one["who"], "visits", one["day"]
    for shop in world.shops.values():
        if shop["registered_by"]:
            yield shop["registered_by"], "registrations", date.fromordinal(shop["at"] // _DAY)
    for one in world.on_phones:
        if one["heard"] < _NEVER and one["heard"] - one["at"] > _DAY:
            for _ in range(_operations(one)):
                yield one["who"], "late", date.fromordinal(one["heard"] // _DAY)


def _operations(event: Fact) -> int:
    """How many records an event makes on the phone."""
    if event["do"] == "register":
        return 1 + ("contact" in event) + ("photo" in event)
    return {"card": 2, "clock": 0}.get(event["do"], 1)

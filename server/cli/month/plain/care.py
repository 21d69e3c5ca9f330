"""Section 8: who was given which task of care, and what became of it; gifts; care for staff; trusted visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from server.cli.month.plain.world import Fact, World, minutes

__all__ = ["care_days", "care_tasks", "gifts", "staff_matters", "trusted_tasks", "trusted_visits"]

_BIRTHDAY_LEAD, _OCCASION_LEAD, _HOUR = 3, 2, 3
_AT_THE_END = (1 << 62) - 1
_DEALER = "沈国强"
_DESK = {"刘经理", "罗建平", "沈国强"}
_LUNAR_2026 = {8: (date(2026, 9, 11), 29), 9: (date(2026, 10, 10), 30), 10: (date(2026, 11, 9), 30)}
"""First day and length of the lunar months that the history knows; none of them is a leap month."""

_Day = tuple[str, date, str, str, int, date]
"""Kind, day, outlet, record, when the company heard of it, and from when on there is a task."""


def _on(birthday: list[Any], since: date) -> date | None:
    """The next day of a birthday, `since` included; None for one in a lunar month beyond the table."""
    month, day, calendar = birthday
    if calendar == "lunar":
        first, length = _LUNAR_2026[month]
        found = first + timedelta(days=min(day, length) - 1)
        return found if found >= since else None
    this = date(since.year, month, day)
    return this if this >= since else date(since.year + 1, month, day)


def _covers(card: Fact, field: str) -> bool:
    agreed = card["consent"] or ()
    return "care" in agreed or f"{field}:care" in agreed


def care_days(world: World, since: date) -> list[_Day]:
    """The days of care from a day on, as far as the history has them; no festival lies in it."""
    found: list[_Day] = []
    for card in world.others["card"]:
        days = [("birthday", card["birthday"])] if card["birthday"] and _covers(card, "birthday") else []
        days += [("family_birthday", one[2:]) for one in card["family"] if _covers(card, "family")]
        for kind, birthday in days:
            day = _on(birthday, since)
            if day is not None:
                lead = timedelta(days=_BIRTHDAY_LEAD)
                found.append((kind, day, world.end_of(card["outlet"]), card["key"], card["heard"], day - lead))
    for one in world.others["occasion"]:
        day = date.fromisoformat(one["on"])
        lead = timedelta(days=_OCCASION_LEAD)
        if day >= since:
            found.append((one["kind"], day, world.end_of(one["outlet"]), one["key"], one["heard"], day - lead))
    return found


def _looks(world: World) -> list[tuple[int, date]]:
    """When the rule looks: each night, and when an occasion is heard of."""
    nights = [(minutes(f"{day}T{_HOUR:02}:00"), day) for day in _nights(world)]
    heard = {one["heard"] for one in world.others["occasion"] if one["heard"] < 1 << 62}
    return sorted([*nights, *((at, date.fromordinal(at // 1440)) for at in heard)])


def _nights(world: World) -> Iterator[date]:
    day = world.first + timedelta(days=1)
    while day <= world.today:
        yield day
        day += timedelta(days=1)


def care_tasks(world: World) -> dict[str, list[int]]:
    """By person: tasks that were given, those that were done, and those that were not done on their day."""
    standing = {one["key"] for one in world.standing()}
    given: set[tuple[str, str, str, date]] = set()
    for at, today in _looks(world):
        given = {_passed_on(world, one, at) for one in given}
        for _, day, outlet, record, heard, begins in care_days(world, today):
            if heard <= at and begins <= today <= day and outlet in standing:
                given |= {(who, outlet, record, day) for who in _asked(world, outlet, at)}
    done = {(one["who"], world.end_of(one["outlet"]), one["due"]) for one in world.others["finish"] if _is_heard(one)}
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for who, outlet, _, day in given:
        is_done = (who, outlet, str(day)) in done
        mine = found[who]
        mine[0] += 1
        mine[1] += is_done
        mine[2] += not is_done and day < world.today
    return dict(sorted(found.items()))


def _passed_on(world: World, task: tuple[str, str, str, date], at: int) -> tuple[str, str, str, date]:
    """What was open when somebody left is the successor's."""
    who, outlet, record, day = task
    for one in world.leaves:
        if one["person"] == who and one["at"] <= at and not _was_done(world, task, one["at"]):
            return str(one["successor"]), outlet, record, day
    return task


def _was_done(world: World, task: tuple[str, str, str, date], at: int) -> bool:
    who, outlet, _, day = task
    return any(
        (one["who"], world.end_of(one["outlet"]), one["due"]) == (who, outlet, str(day)) and one["heard"] <= at
        for one in world.others["finish"]
    )


def _is_heard(one: Fact) -> bool:
    return bool(one["heard"] < 1 << 62)


def _asked(world: World, outlet: str, at: int) -> set[str]:
    """The owner, who holds the private part; for key outlets the dealer too."""
    shop = world.shops[outlet]
    owner = world.owner_at(shop["area"], at) if shop["area"] else ""
    return ({owner} if owner else set()) | ({_DEALER} if shop["grade"] == "A" or not owner else set())


def gifts(world: World) -> dict[str, list[int]]:
    """By outlet: how often something was given, and what it cost."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in world.others["gift"]:
        if _is_heard(one):
            mine = found[world.end_of(one["outlet"])]
            mine[0] += 1
            mine[1] += one["cost"]
    return dict(sorted(found.items()))


def staff_matters(world: World) -> dict[str, int]:
    """By person: the days of theirs that a manager was told of."""
    told: dict[str, set[int]] = defaultdict(set)
    for night in _nights(world):
        at = minutes(f"{night}T{_HOUR:02}:00")
        for number, one in enumerate(world.others["staff_care"]):
            who = one["person"]
            gone = [each["at"] for each in world.others["staff_care_forget"] if each["person"] == who]
            gone += [each["at"] for each in world.leaves if each["person"] == who]
            day = _on(one["birthday"], night) if one["birthday"] else None
            if day is None or one["at"] > at or any(one["at"] < each <= at for each in gone):
                continue
            if day - timedelta(days=_BIRTHDAY_LEAD) <= night:
                told[who].add(number)
    return {who: len(each) for who, each in sorted(told.items())}


def trusted_visits(world: World) -> dict[str, list[int]]:
    """Of each territory's key outlets: how many there are, and how many somebody trusted visited in time."""
    found = {area: [0, 0] for area in world.teams}
    for shop in _keys(world, _AT_THE_END):
        mine = found[shop["area"]]
        mine[0] += 1
        mine[1] += _is_visited(world, shop["key"], world.today, _AT_THE_END)
    return found


def _keys(world: World, at: int) -> list[Fact]:
    return [one for one in world.standing() if one["grade"] == "A" and world.area_at(one["key"], at)]


def _is_visited(world: World, key: str, today: date, at: int) -> bool:
    since = today - timedelta(days=int(world.settings["trusted_visit_days"]))
    area = world.area_at(key, at)
    team, owner = world.teams[area], world.owner_at(area, at)
    trusted = (_DESK | {*team["partners"], *team["service"], *team["others"], team["owner"]}) - {owner}
    return any(
        world.end_of(one["outlet"]) == key
        and {one["who"], *one["with"]} & trusted
        and one["heard"] <= at
        and one["day"] > since
        for one in world.in_person()
    )


def trusted_tasks(world: World, opened: date) -> dict[str, int]:
    """How many tasks were given to visit a key outlet, how many were done, and how often such a visit questioned."""
    tasks: list[Fact] = []
    for night in _nights(world):
        at = minutes(f"{night}T{_HOUR:02}:00")
        since = night - timedelta(days=int(world.settings["trusted_visit_days"]))
        for shop in _keys(world, at):
            mine = [one for one in tasks if one["outlet"] == shop["key"]]
            if _is_visited(world, shop["key"], night, at):
                for one in mine:
                    one["done"] = True
            elif opened <= since:
                who = _partner_at(world, world.area_at(shop["key"], at), at)
                due = night + timedelta(days=7)
                same = [one for one in mine if one["who"] == who and (not one["done"] or one["due"] == due)]
                if not same:
                    tasks.append({"outlet": shop["key"], "who": who, "due": due, "done": False})
    questioned = {one["outlet"] for one in world.visits if one.get("result") == "questioned" and _is_heard(one)}
    return {"given": len(tasks), "done": sum(one["done"] for one in tasks), "questioned": len(questioned)}


def _partner_at(world: World, area: str, at: int) -> str:
    """The first partner of a territory; a manager where there is none."""
    for one in world.leaves:
        if one["area"] == area and at < one["at"]:
            return str(one["successor"])
    partners = world.teams[area]["partners"]
    return str(partners[0]) if partners else "desk"

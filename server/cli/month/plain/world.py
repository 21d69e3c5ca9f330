"""What happened, in plain lists: outlets, visits, sightings, deliveries, payments, orders, reviews, verifications."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

__all__ = ["Fact", "World", "minutes", "percent", "the_world"]

Fact = dict[str, Any]
_AT_THE_DESK = frozenset(
    {
        "sync", "policy", "phase", "approve", "merge", "verify", "leave", "assign", "staff_care", "staff_care_forget",
        "drawn", "put_back", "allot", "credit_review", "close_case", "write_off", "question", "refuse",
    }
)  # fmt: skip


class World:
    """The opening, and everything that the events add to it, each with the moment at which the company heard of it."""

    def __init__(self) -> None:
        self.shops: dict[str, Fact] = {}
        self.teams: dict[str, Fact] = {}
        self.visits: list[Fact] = []
        self.sweeps: list[Fact] = []
        self.orders: list[Fact] = []
        self.deliveries: list[Fact] = []
        self.payments: list[Fact] = []
        self.verifications: list[Fact] = []
        self.reports: list[Fact] = []
        self.approvals: list[Fact] = []
        self.phases: list[Fact] = []
        self.settings: dict[str, str] = {}
        self.switches: list[Fact] = []
        self.booked: dict[tuple[str, str, str], Fact] = {}
        self.left: dict[str, str] = {}
        self.leaves: list[Fact] = []
        self.on_phones: list[Fact] = []
        self.others: dict[str, list[Fact]] = defaultdict(list)
        self.today = self.first = date(1970, 1, 1)

    def end_of(self, key: str) -> str:
        """The outlet that stands for this one after every merge."""
        while self.shops[key]["merged_into"]:
            key = self.shops[key]["merged_into"]
        return key

    def standing(self) -> list[Fact]:
        """Outlets that are not closed and not merged into another."""
        return [one for one in self.shops.values() if one["status"] != "closed" and not one["merged_into"]]

    def owner_at(self, area: str, at: int) -> str:
        """Who answered for a territory at a moment."""
        owner: str = self.teams[area]["owner"]
        for one in self.leaves:
            if one["area"] == area and at < one["at"]:
                owner = one["person"]
        return owner

    def move(self, key: str, area: str, at: int) -> None:
        """An outlet goes to another territory, or to the pool."""
        shop = self.shops[key]
        shop["moves"].append((at, shop["area"]))
        shop |= {"area": area, "came": date.fromordinal(at // 1440)}

    def area_at(self, key: str, at: int) -> str:
        """Where an outlet was at a moment."""
        shop = self.shops[key]
        area: str = next((before for moved, before in shop["moves"] if at < moved), shop["area"])
        return area

    def team_at(self, area: str, at: int) -> set[str]:
        """Who may hold outlets of a territory at a moment: its owner and partners."""
        partners = {*self.teams[area]["partners"]}
        partners |= {one["successor"] for one in self.leaves if one["area"] == area and at < one["at"]}
        return {self.owner_at(area, at), *partners} - {""}

    def in_person(self) -> list[Fact]:
        """Visits for which somebody went there."""
        return [one for one in self.visits if one["channel"] == "unknown"]


def the_world(opening: Any, events: Sequence[Mapping[str, Any]], today: date) -> World:
    """All of it up to the end of the events; `today` is the company's day then."""
    world = World()
    world.today, world.first = today, date.fromisoformat(events[0]["t"][:10])
    for shop in opening.shops.values():
        world.shops[shop.key] = _shop(shop.key, shop.area, "", 0) | {
            "grade": shop.grade, "kind": shop.kind, "status": shop.status, "phone": shop.phone, "name": shop.name,
            "lat": shop.lat, "lon": shop.lon, "contacts": shop.contacts, "review": "approved",
            "credit_days": shop.credit_days,
        }  # fmt: skip
    for area, team in opening.teams.items():
        world.teams[area] = {
            "owner": team.owner, "partners": [*team.partners], "service": [*team.service], "others": [],
        }  # fmt: skip
    skew: dict[str, int] = {}
    for event in events:
        fact = {**event, "at": minutes(event["t"]), "day": date.fromisoformat(event["t"][:10])}
        fact["heard"] = _heard(event, events)
        if event["do"] not in _AT_THE_DESK and "rows" not in event:
            world.on_phones.append(fact)
        _add(world, fact, skew)
    return world


def _shop(key: str, area: str, registrar: str, at: int) -> Fact:
    return {
        "key": key, "area": area, "registered_by": registrar, "at": at, "merged_into": "", "credit_days": 0,
        "status": "uses_category", "approved_at": None, "moves": [],
    }  # fmt: skip


def _heard(event: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> int:
    """When the company heard of it: at the next sync of that person's phone; desks are heard at once."""
    if event["do"] in _AT_THE_DESK or "rows" in event:
        return minutes(event["t"])
    for one in events:
        if one["do"] == "sync" and one["t"] >= event["t"]:
            is_there = event["who"] in one["only"] if "only" in one else event["who"] not in one["without"]
            if is_there:
                return minutes(one["t"])
    return 1 << 62


def _add(world: World, fact: Fact, skew: dict[str, int]) -> None:
    what = fact["do"]
    if what == "clock":
        skew[fact["who"]] = fact["minutes"]
    elif what == "visit":
        _visit(world, fact, skew)
    elif what in _ACTS:
        _ACTS[what](world, fact)
    elif what in (lists := _lists(world)):
        lists[what].append(fact)
    else:
        world.others[what].append(fact)


def _visit(world: World, fact: Fact, skew: dict[str, int]) -> None:
    standard: Fact = {"channel": "unknown", "purpose": "", "with": [], "s": None, "mock": False, "skew": 0}
    # It is logged at its end; it began by its duration before, and belongs to the day on which it began.
    began = fact["at"] * 60 - (fact.get("s") or 0)
    timed = {"began": began, "day": date.fromordinal(began // 86_400)}
    world.visits.append(standard | {"skew": skew.get(fact["who"], 0)} | fact | timed)


def _register(world: World, fact: Fact) -> None:
    new = _shop(fact["key"], fact["area"], fact["who"], fact["at"])
    said = {"kind": fact["cls"], "contacts": int("contact" in fact), "review": "pending"}
    given = {name: fact[name] for name in ("name", "grade", "phone", "lat", "lon")}
    # A rep only proposes the grade: until a manager decides, it is the lowest.
    world.shops[fact["key"]] = new | said | given | {"grade": "C"}
    world.others["register"].append(fact)


def _merge(world: World, fact: Fact) -> None:
    world.shops[fact["gone"]]["merged_into"] = fact["into"]


def _assign(world: World, fact: Fact) -> None:
    world.teams[fact["area"]]["others"].append(fact["person"])


def _policy(world: World, fact: Fact) -> None:
    world.settings[fact["key"]] = fact["value"]
    world.switches += [fact] if fact["key"] == "pool_return" else []
    world.others["policy"].append(fact)


def _card(world: World, fact: Fact) -> None:
    world.others["card"].append(fact)
    world.shops[fact["outlet"]]["contacts"] += 1


def _mend(world: World, fact: Fact) -> None:
    world.others["mend"].append(fact)
    world.shops[fact["outlet"]]["contacts"] += 1


def _refuse(world: World, fact: Fact) -> None:
    world.others["refuse"].append(fact)
    world.shops[fact["outlet"]]["status"] = "closed"


def _deliver(world: World, fact: Fact) -> None:
    """What a phone was to refuse was never delivered."""
    (world.others["not_delivered"] if "refused" in fact else world.deliveries).append(fact)


def _credit_review(world: World, fact: Fact) -> None:
    world.others["credit_review"].append(fact)
    if fact["to"] == "approve":
        asked = [one for one in world.others["credit"] if one["outlet"] == fact["outlet"]]
        world.shops[fact["outlet"]]["credit_days"] = asked[-1]["days"]


def _book_file(world: World, fact: Fact) -> None:
    """Each row is a delivery or a payment of its own, known again by its reference."""
    counts = world.others["book_file"]
    for row in fact["rows"]:
        code, reference = row[0], row[2] if fact["kind"] == "deliveries" else row[4]
        told = fact | {"outlet": code, "day": date.fromisoformat(row[1]), "rows": None, "row": row, "who": ""}
        told |= {"lines": [row[3:6]]} if fact["kind"] == "deliveries" else {"amount": row[2], "account": row[3]}
        held = world.booked.get((fact["kind"], code, reference))
        if code not in world.shops:
            counts.append(told | {"came_to": "rejected"})
        elif held is not None and held["row"] == row:
            counts.append(told | {"came_to": "known"})
        else:
            counts.append(told | {"came_to": "amended" if held else "new"})
            _booked(world, fact["kind"], held, told)
            world.booked[fact["kind"], code, reference] = told


def _booked(world: World, kind: str, held: Fact | None, told: Fact) -> None:
    """What is amended stands until the amendment is heard."""
    mine = world.deliveries if kind == "deliveries" else world.payments
    mine.append(told)
    if held is not None:
        mine.remove(held)
        world.others[f"amended_{kind}"].append(held | {"until": told["heard"]})


def _lists(world: World) -> dict[str, list[Fact]]:
    return {
        "sweep": world.sweeps, "order": world.orders, "pay": world.payments,
        "verify": world.verifications, "report": world.reports, "approve": world.approvals, "phase": world.phases,
        "sync": [],
    }  # fmt: skip


def _leave(world: World, fact: Fact) -> None:
    """The successor takes the leaver's places."""
    gone, heir = fact["person"], fact["successor"]
    world.left[gone] = heir
    for area, team in world.teams.items():
        if team["owner"] == gone:
            world.leaves.append(fact | {"area": area})
            team["owner"] = heir
            team["partners"] = [one for one in team["partners"] if one != heir]
        for part in ("partners", "service"):
            team[part] = [heir if one == gone else one for one in team[part]]


def _books(world: World, fact: Fact) -> None:
    for row in fact["rows"]:
        told = fact | {"outlet": row[0], "day": date.fromisoformat(row[1]), "rows": None}
        if fact["do"] == "book_deliveries":
            world.deliveries.append(told | {"lines": row[2], "who": ""})
        else:
            world.payments.append(told | {"amount": row[2], "who": ""})


_ACTS = {
    "register": _register, "merge": _merge, "leave": _leave, "assign": _assign, "policy": _policy, "card": _card,
    "book_deliveries": _books, "book_payments": _books, "mend": _mend, "refuse": _refuse, "deliver": _deliver,
    "credit_review": _credit_review, "book_file": _book_file,
}  # fmt: skip


def minutes(written: str) -> int:
    """Minutes since the first day of all."""
    day, _, clock = written.partition("T")
    hour, _, minute = clock.partition(":")
    return date.fromisoformat(day).toordinal() * 1440 + int(hour) * 60 + int(minute)


def percent(part: int, whole: int) -> int | None:
    """Rounded half up to a whole number; none where the base is 0."""
    return None if whole == 0 else int(part * 100 / whole + 0.5)

"""Section 10: forms of credit customers, cases of overdue money, files of the books, payments that went elsewhere."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from server.cli.month.plain.money import on_credit, owed
from server.cli.month.plain.world import Fact, World, minutes

__all__ = ["books", "cases", "forms", "incidents", "withdrawn"]

_HOUR, _WRITTEN_OFF = 3, "written_off"
_STATES = {"approve": "approved", "question": "questioned", "refuse": "refused"}


def forms(world: World) -> dict[str, int]:
    """How many forms are in which state: as the last that was heard says. A mended one waits again."""
    said = [(one["heard"], one) for name in ("credit", "credit_mend", "credit_review") for one in world.others[name]]
    states: dict[str, str] = {}
    for heard, one in sorted(said, key=lambda each: each[0]):
        if heard < 1 << 62:
            states[one["outlet"]] = _STATES[one["to"]] if one["do"] == "credit_review" else "pending"
    return dict(sorted(Counter(states.values()).items()))


def cases(world: World) -> dict[str, dict[str, list[int]] | dict[str, int]]:
    """By outlet: cases opened and closed, and what was overdue when they opened; and what was refused, by its code.
    What the dealer writes off is a payment from then on.
    """
    found: dict[str, list[int]] = {}
    is_open: set[str] = set()
    refused: Counter[str] = Counter()
    asked = [one for name in ("close_case", "write_off", "not_delivered") for one in world.others[name]]
    night = world.first + timedelta(days=1)
    while night <= world.today + timedelta(days=1):
        at = minutes(f"{night}T{_HOUR:02}:00")
        for one in sorted((one for one in asked if at - 1440 <= one["at"] < at), key=lambda one: one["at"]):
            _act(world, one, found, is_open, refused)
        if night <= world.today:
            _open(world, night, at, found, is_open)
        night += timedelta(days=1)
    return {"outlets": dict(sorted(found.items())), "refused": dict(sorted(refused.items()))}


def _open(world: World, night: date, at: int, found: dict[str, list[int]], is_open: set[str]) -> None:
    for key, (_, overdue) in owed(world, night, at).items():
        if overdue and key not in is_open:
            is_open.add(key)
            mine = found.setdefault(key, [0, 0, 0])
            mine[0] += 1
            mine[2] += overdue


def _act(world: World, one: Fact, found: dict[str, list[int]], is_open: set[str], refused: Counter[str]) -> None:
    """A case is closed, or is not; or a delivery on credit is not made."""
    key = world.end_of(one["outlet"])
    overdue = owed(world, one["day"], one["at"]).get(key, [0, 0])[1]
    if one["do"] == "write_off":
        world.payments.append(one | {"amount": overdue, "account": _WRITTEN_OFF, "who": ""})
    if one["do"] == "write_off" or (one["do"] == "close_case" and not overdue):
        is_open.remove(key)
        found[key][1] += 1
    elif one["do"] == "close_case":
        refused["credit_stopped"] += 1
    else:
        refused[_no_credit(world, one, key, is_late=bool(overdue) or key in is_open)] += 1


def _no_credit(world: World, one: Fact, key: str, *, is_late: bool) -> str:
    """Why a delivery on credit is refused; `given` where there is no reason for it."""
    days, limit = _terms(world, key, one["at"])
    if not days:
        return "credit_not_approved"
    if is_late:
        return "credit_stopped"
    more = sum(line[1] * line[2] for line in one["lines"])
    return "credit_over_limit" if limit and on_credit(world, key, one["at"]) + more > limit else "given"


def _terms(world: World, key: str, at: int) -> tuple[int, int]:
    """Days and limit of an outlet at a moment; the list's own have no limit here."""
    forms = [one for one in world.others["credit"] if world.end_of(one["outlet"]) == key]
    if not forms:
        return world.shops[key]["credit_days"], 0
    reviews = [one for one in world.others["credit_review"] if one["outlet"] == forms[-1]["outlet"] and one["at"] <= at]
    is_given = any(one["to"] == "approve" for one in reviews)
    return (forms[-1]["days"], forms[-1]["limit"]) if is_given else (0, 0)


def books(world: World) -> dict[str, list[int]]:
    """Of each kind of file: rows that were new, corrected, known, and came back."""
    found: dict[str, list[int]] = {}
    for one in world.others["book_file"]:
        mine = found.setdefault(one["kind"], [0, 0, 0, 0])
        mine[("new", "amended", "known", "rejected").index(one["came_to"])] += 1
    return dict(sorted(found.items()))


def incidents(world: World) -> dict[str, int]:
    """Payments into accounts that are none of the company's."""
    ours = {_WRITTEN_OFF} | {one.strip() for one in world.settings.get("company_accounts", "").split(",")}
    wrong = [one for one in world.payments if one["heard"] < 1 << 62 and one["account"] not in ours]
    return {"foreign_account": len(wrong)} if wrong else {}


def withdrawn(world: World) -> dict[str, int]:
    """People who took their consent back, of whom nothing that it covered is left; and of how many others the phone of
    whoever noted them holds a birthday or a family.
    """
    gone = {one["contact"] for one in world.others["withdraw"]}
    noted = [one for one in world.others["card"] if one["heard"] < 1 << 62 and one["key"] not in gone]
    held = sum(one["who"] not in world.left and _is_kept(one) for one in noted)
    return {"withdrawn": len(gone), "left": 0, "left_on_phones": 0, "held_on_phones": held}


def _is_kept(card: Fact) -> bool:
    """What stated consent does not cover, to whatever purpose, is emptied; where nobody has asked, nothing is."""
    agreed = card["consent"]
    fields = [field for field in ("birthday", "family") if card[field]]
    is_whole = agreed is None or any(":" not in one for one in agreed)
    return bool(fields) and (is_whole or any(one.startswith(f"{field}:") for field in fields for one in agreed))

"""Each report of the product beside the plain calculation of the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from server.cli.deployment import Deployment
from server.cli.month.history import OPENED, Event
from server.cli.month.plain import appraisal, care, claims, credit, money, pool, quarter, shelf, signs, talks, visits
from server.cli.month.plain import people as people_plain
from server.cli.month.plain.world import the_world
from server.cli.month.reading import Reading
from server.cli.month.reading_people import briefs
from server.cli.month.reading_trade import TradeReading
from server.cli.month.replay import Replay
from server.field.appraisal.facts import Statement
from server.field.appraisal.statement import close, reproduce
from server.field.ground import Ground
from server.field.policies import policies_of
from server.master.store import Tx

__all__ = ["Compared", "compared", "counted", "reproduced"]

_QUARTER = "2026Q4"


class Compared(msgspec.Struct, frozen=True):
    """Whether product and plain calculation say the same, and the totals of both. What they compare may be finer than
    the totals: `differing` names the first entries that are not the same.
    """

    matches_plain_calculation: bool
    product: Any
    plain: Any
    differing: dict[str, list[Any]] = {}


async def counted(deployment: Deployment, played: Replay) -> dict[str, dict[str, int]]:
    """What came of the month and is compared with nothing, by kind."""
    async with deployment.store.read() as tx:
        return await Reading(tx, played.office.ground, {}, {}).counts()


async def reproduced(deployment: Deployment, played: Replay, month: str) -> Compared | None:
    """A month that is over is closed and worked out again from the journal; None for one that is not."""
    ground = played.office.ground
    if f"{ground.today:%Y-%m}" == month:
        return None
    async with deployment.store.write() as tx:
        kept, again, _ = await _closed(tx, month, ground)
    totals = [{"lines": len(one.lines), "sum": sum(line.amount for line in one.lines)} for one in (kept, again)]
    return Compared(kept.lines == again.lines, totals[0], totals[1])


async def _closed(tx: Tx, month: str, ground: Ground) -> tuple[Statement, Statement, int]:
    ground = replace(ground, policies=await policies_of(tx))
    await close(tx, month, ground)
    return await reproduce(tx, month, ground)


async def compared(deployment: Deployment, played: Replay, events: Sequence[Event]) -> dict[str, Compared]:
    """Every report that is compared, by name."""
    ground = played.office.ground
    trade = played.office.trade
    told = sorted([*events, *trade.drawn.values()], key=lambda one: one["t"])
    world = the_world(played.opening, told, ground.today)
    dealt = claims.claimed_and_dealt(world)
    cased = credit.cases(world)
    gone_from = {one["contact"] for one in world.others["withdraw"]}
    noted = {one["key"]: "" if one["key"] in gone_from else one["who"] for one in world.others["card"]}
    held_on = played.on_phones([*noted])
    tasked = care.care_tasks(world), care.trusted_tasks(world, OPENED)
    returned = pool.return_to_the_pool(world, OPENED, world.first)
    month = events[0]["t"][:7]
    keys = {one: key for key, one in played.names.outlets.items()}
    people = {one: name for name, one in played.names.people.items()}
    async with deployment.store.read() as tx:
        ground = replace(ground, policies=await policies_of(tx))
    gone = {one["area"]: one["successor"] for one in world.leaves}
    taken = await _briefs(deployment, played, ground, keys, gone)
    async with deployment.store.read() as tx:
        said = TradeReading(tx, ground, keys, people)
        paid, held = await said.appraisal(month)
        last = ground.today - timedelta(days=1)
        refused = dict(sorted((played.expected + played.office.expected).items()))
        return {
            "pool": _held(await said.pool(), returned),
            "coverage": _held(await said.coverage(), quarter.coverage(world)),
            "registrations": _held(await said.registrations(), quarter.registrations(world)),
            "visits": _held(await said.verdicts(), visits.verdicts(world)),
            "joint_visits": _held(await said.joint(), visits.joint(world)),
            "call_backs": _held(await said.call_backs(_QUARTER), quarter.called_back(world, _QUARTER)),
            "verification": _held(await said.verification(_QUARTER), quarter.verification(world, _QUARTER)),
            "purchases": _summed(
                await said.purchases(_QUARTER), quarter.purchases(world), ("this_quarter", "quarter_before")
            ),
            "money": _summed(await said.owed(), money.owed(world), ("open", "overdue")),
            "orders": _held(await said.orders(), people_plain.orders(world)),
            "daily_reports": _held(await said.daily_reports(), people_plain.daily_reports(world)),
            "dependence": _held(await said.dependence(), people_plain.dependence(world)),
            "appraisal": _held(paid, appraisal.lines(world, last, held)),
            "holding": _by_area(await said.holding(), claims.holding(world)),
            "claims_and_deals": _held(await said.claimed_and_dealt(trade.deals), dealt),
            "credit": _held(await said.credit_forms(), credit.forms(world)),
            "overdue_cases": _cased(await said.overdue_cases(), refused, cased),
            "books": _held(trade.books, credit.books(world)),
            "incidents": _held(await said.incidents(), credit.incidents(world)),
            "consent": _held(await said.withdrawn(noted, held_on), credit.withdrawn(world)),
            "care": _held(await said.care(), tasked[0]),
            "gifts": _summed(await said.gifts(), care.gifts(world), ("given", "cost")),
            "staff_care": _held(await said.staff_care(), care.staff_matters(world)),
            "trusted_visits": _held(await said.trusted(), tasked[1] | care.trusted_visits(world)),
            "key_outlets": _held(await said.key_outlets(), talks.key_outlets(world)),
            "contact_reports": _held(await said.promises(), talks.promises(world)),
            "stock_figures": _counted(await said.stock_figures(), shelf.stock_figures(world)),
            "signs": _held(await said.signs(), signs.signs(world)),
            "takeover": _taken(taken, talks.taken_over(world, gone)),
        }


async def _briefs(
    deployment: Deployment, played: Replay, ground: Ground, keys: dict[UUID, str], gone: Mapping[str, str]
) -> dict[str, list[Any]]:
    """What the briefs say to the successors, territory by territory."""
    found: dict[str, list[Any]] = {}
    for area, successor in gone.items():
        by = played.names.people[successor]
        found |= await briefs(deployment.store, ground, keys, played.names.areas[area], by)
    return dict(sorted(found.items()))


def _counted(product: Mapping[str, list[Any]], plain: Mapping[str, list[Any]]) -> Compared:
    """Compared step by step, told as how many there are and what they come to."""
    told = [
        {"products": len(found), "steps": sum(map(len, found.values()))}
        | {
            name: sum(step[at] for steps in found.values() for step in steps)
            for at, name in ((2, "delivered"), (3, "sold"), (4, "expected"), (5, "found"))
        }
        for found in (product, plain)
    ]
    return Compared(product == plain, told[0], told[1], _differing(product, plain))


def _by_area(product: Mapping[str, str], plain: Mapping[str, str]) -> Compared:
    """Compared outlet by outlet, told as how many each territory and the pool have."""
    told = [dict(sorted(Counter(found.values()).items())) for found in (product, plain)]
    return Compared(product == plain, told[0], told[1], _differing(product, plain))


def _cased(product: Mapping[str, list[int]], refused: Mapping[str, int], plain: Mapping[str, Any]) -> Compared:
    """Compared outlet by outlet, told as sums, with what was refused."""
    names = ("opened", "closed", "overdue_when_opened")
    told, calculated = _totals(product, names), _totals(plain["outlets"], names)
    unlike = _differing(product, plain["outlets"]) | _differing(refused, plain["refused"])
    return Compared(not unlike, told | {"refused": refused}, calculated | {"refused": plain["refused"]}, unlike)


def _taken(product: Mapping[str, list[Any]], plain: Mapping[str, list[Any]]) -> Compared:
    """Compared outlet by outlet, told as sums."""
    told = [
        {
            "outlets": len(found),
            "days_of_care": sum(len(one[0]) for one in found.values()),
            "promises": sum(one[1] for one in found.values()),
            "owes": sum(one[2] for one in found.values()),
        }
        for found in (product, plain)
    ]
    return Compared(product == plain, told[0], told[1], _differing(product, plain))


def _held(product: Mapping[str, Any], plain: Mapping[str, Any]) -> Compared:
    return Compared(product == plain, product, plain, _differing(product, plain))


def _summed(product: Mapping[str, list[int]], plain: Mapping[str, list[int]], names: Sequence[str]) -> Compared:
    """Compared outlet by outlet, told as sums."""
    return Compared(product == plain, _totals(product, names), _totals(plain, names), _differing(product, plain))


def _totals(found: Mapping[str, list[int]], names: Sequence[str]) -> dict[str, int]:
    sums = {name: sum(each[at] for each in found.values()) for at, name in enumerate(names)}
    return {"outlets": len(found)} | sums


def _differing(product: Mapping[str, Any], plain: Mapping[str, Any]) -> dict[str, list[Any]]:
    keys = sorted(product.keys() | plain.keys())
    found = {key: [product.get(key), plain.get(key)] for key in keys if product.get(key) != plain.get(key)}
    return dict(list(found.items())[:10])

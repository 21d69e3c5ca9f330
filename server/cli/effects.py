"""`saojie departure`: what a departure came to."""

from __future__ import annotations

from datetime import timedelta

import rich_click as click

from server.cli.deployment import Deployment, acting
from server.cli.talk import Failure
from server.field.effect.reading import WINDOWS, Effect, departures_of, effect_of, is_over, reached
from server.field.tasks import day_of

__all__ = ["departure"]


@click.group()
def departure() -> None:
    """离职前后对比 · What a departure came to, before and after."""


@departure.command("effect")
@click.argument("person", metavar="STAFF")
@click.option("--days", type=click.IntRange(1, 365), help="离职前后各多少天 · So many days before and after.")
@acting
async def effect(deployment: Deployment, person: str, days: int | None) -> None:
    """离职前后对比 · Purchases and visits before and after, against comparable outlets elsewhere."""
    zone, now = deployment.settings.time_zone, deployment.sources.now()
    async with deployment.store.read() as tx:
        who = await deployment.person(tx, person)
        left = await departures_of(tx, who.id)
        if not left:
            raise Failure("no_departure", f"{who.name} has handed nothing over", f"{who.name} 没有交接记录")
        chosen = days or reached(left[-1], now, zone)
        if chosen is None or not is_over(left[-1], chosen, now, zone):
            ready = day_of(left[-1].planned_at, zone) + timedelta(days=chosen or WINDOWS[0])
            raise Failure("too_early", f"it can be seen from {ready} on", f"{ready} 起才能对比")
        found = await effect_of(tx, left[-1], chosen, zone, deployment.settings.effect_loss)
    _tell(deployment, found)
    deployment.talk.result(_facts(found))


def _facts(found: Effect) -> dict[str, object]:
    compared = found.compared
    return {
        "staff": found.left.leaver,
        "left_on": found.day.isoformat(),
        "days": found.days,
        "basis": found.basis,
        "bought": compared.bought,
        "expected": compared.expected,
        "effect": compared.effect,
        "percent": compared.percent,
        "visits": compared.visits,
        "expected_visits": compared.expected_visits,
        "alone": compared.alone,
        "groups": compared.groups,
        "losses": compared.losses,
    }


def _tell(deployment: Deployment, found: Effect) -> None:
    talk, compared = deployment.talk, found.compared
    headings = [
        ("类别", "Class"),
        ("等级", "Grade"),
        ("终端", "Outlets"),
        ("之前", "Before"),
        ("之后", "After"),
        ("应为", "Expected"),
        ("对照终端", "Comparable"),
        ("对照之前", "Theirs before"),
        ("对照之后", "Theirs after"),
    ]
    rows = [
        (
            one.outlet_class,
            one.grade,
            one.outlets,
            one.ours.before,
            one.ours.after,
            one.expected,
            one.comparable,
            one.theirs.before,
            one.theirs.after,
        )
        for one in compared.groups
    ]
    talk.table(headings, rows)
    talk.say(
        f"离职日 {found.day}，前后各 {found.days} 天（{found.basis.zh}）。"
        "同类同级、其他片区的终端同期怎样变化，这些终端就应怎样变化："
        f"应进货 {compared.expected}，实际 {compared.bought.after}，相差 {compared.effect}。",
        f"Left on {found.day}, {found.days} days before and after ({found.basis.en}). Had these outlets gone the way "
        f"of outlets of the same class and grade elsewhere, they would have bought {compared.expected}; they bought "
        f"{compared.bought.after}: {compared.effect:+}.",
    )
    talk.say(
        f"拜访 {compared.visits.after} 次，应为 {compared.expected_visits} 次。明显下滑 {len(compared.losses)} 家。",
        f"Visits: {compared.visits.after}, expected {compared.expected_visits}. Losses: {len(compared.losses)}.",
    )
    if compared.alone:
        talk.say(
            f"{compared.alone} 家没有可比的终端，与自身之前相比。",
            f"{compared.alone} outlets have nothing to be compared with, and are held against themselves.",
        )
    for one in compared.losses[:40]:
        talk.say(
            f"  {one.name}（{one.grade}）：{one.bought.before} → {one.bought.after}，应为 {one.expected}",
            f"  {one.name} ({one.grade}): {one.bought.before} → {one.bought.after}, expected {one.expected}",
        )

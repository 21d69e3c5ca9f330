"""Section 12: what lies between any two counts of a product at an outlet."""

from __future__ import annotations

from datetime import date, timedelta

from server.cli.month.plain.world import World

__all__ = ["stock_figures"]

_NEXT = timedelta(days=1)


def stock_figures(world: World) -> dict[str, list[list[object]]]:
    """By outlet and product, from each count to the next: day, the count before, delivered, sold, expected, found."""
    found = {}
    for outlet, product in sorted(_counted(world)):
        steps = _steps(world, outlet, product)
        if steps:
            found[f"{outlet} {product}"] = steps
    return found


def _counted(world: World) -> set[tuple[str, str]]:
    return {(world.end_of(one["outlet"]), line[0]) for one in world.visits for line in one.get("stock", ())}


def _steps(world: World, outlet: str, product: str) -> list[list[object]]:
    told = _told(world, outlet, product)
    came = _deliveries(world, outlet, product)
    unused = [pieces for _, pieces in came]
    steps: list[list[object]] = []
    before: tuple[date, int] | None = None
    sold = 0
    for day in sorted(told):
        sold += told[day][1]
        count = told[day][0]
        if count is None:
            continue
        if before is not None:
            last, there = before
            open_to = [at for at, (when, _) in enumerate(came) if last <= when <= day + _NEXT]
            delivered = sum(unused[at] for at in open_to)
            expected = there + delivered - sold
            steps.append([str(day), there, delivered, sold, expected, count])
            need = count - there + sold
            for at in open_to:
                used = max(0, min(need, unused[at]))
                unused[at] -= used
                need -= used
        before, sold = (day, count), 0
    return steps


def _told(world: World, outlet: str, product: str) -> dict[date, tuple[int | None, int]]:
    """By day: the last count, and the most that one person says was sold."""
    found: dict[date, tuple[int | None, int]] = {}
    logs = [one for one in world.visits if world.end_of(one["outlet"]) == outlet and one["heard"] < 1 << 62]
    for day in {one["day"] for one in logs}:
        lines = [
            (one["began"], one["who"], line[1], line[2])
            for one in logs
            if one["day"] == day
            for line in one.get("stock", ())
            if line[0] == product
        ]
        counts = [(began, count) for began, _, count, _ in lines if count is not None]
        by_person = {who: sum(each for _, one, _, each in lines if one == who) for _, who, _, _ in lines}
        if lines:
            found[day] = (max(counts)[1] if counts else None, max(by_person.values()))
    return found


def _deliveries(world: World, outlet: str, product: str) -> list[tuple[date, int]]:
    """Day and pieces, the oldest first; what was delivered a day after a count may have been there for it."""
    return sorted(
        (one["day"], line[1])
        for one in world.deliveries
        if world.end_of(one["outlet"]) == outlet
        for line in one["lines"]
        if line[0] == product
    )

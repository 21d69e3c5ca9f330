"""`saojie month`: a month in the life of the sample district, replayed and worked out a second time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import rich_click as click

from server.cli.deployment import speaking
from server.cli.talk import Failure, Talk

if TYPE_CHECKING:
    from server.cli.month.whole import Outcome

__all__ = ["month"]


@click.command()
@speaking
def month(talk: Talk) -> None:
    """重放样例片区的一个月，各报表与直白重算对照 · Replay the sample month; each report beside a plain calculation."""
    from server.cli.month.history import DISTRICT, HISTORY, read_events, read_planted
    from server.cli.month.whole import replay

    if not DISTRICT.exists() or not HISTORY.exists():
        raise Failure(
            "month_without_fixtures", "the month needs the fixtures of the source tree; run it there",
            "重放需要源代码目录中的样例数据，请在该目录运行",
        )  # fmt: skip
    talk.both("重放样例片区的一个月，需数分钟", "The sample month is replayed; it takes some minutes")
    found = asyncio.run(replay(talk, read_events(HISTORY), read_planted(HISTORY)))
    _tell(talk, found)
    talk.result(_result(found))
    if found.unlike or found.missed_too_much:
        raise Failure("month_unlike", f"not as worked out: {found.summary}", f"与重算不符：{found.summary}")


def _tell(talk: Talk, found: Outcome) -> None:
    for name, one in found.reports.items():
        mark = "=" if one.matches_plain_calculation else "≠"
        talk.say(f"{mark} {name}: {one.product}", f"{mark} {name}: {one.product}")
        if not one.matches_plain_calculation:
            talk.say(f"    重算 {one.plain}", f"    worked out plainly: {one.plain}")
    for kind, planted in found.planted.planted.items():
        seen = found.planted.found[kind]
        talk.say(f"{kind}：埋设 {planted}，查出 {seen}", f"{kind}: {planted} planted, {seen} found")
    false = len(found.planted.false)
    talk.say(f"误问 {false}；用时 {found.seconds} 秒", f"{false} false questions; it took {found.seconds} s")


def _result(found: Outcome) -> dict[str, object]:
    return {
        "events": found.events,
        "seconds": found.seconds,
        "reports": {
            name: {
                "matches_plain_calculation": one.matches_plain_calculation,
                "product": one.product,
                "plain": one.plain,
                "differing": one.differing,
            }
            for name, one in found.reports.items()
        },
        "counts": found.counts,
        "planted": found.planted.planted,
        "found": found.planted.found,
        "missed": list(found.planted.missed),
        "false": list(found.planted.false),
        "refused": list(found.refused),
        "unsent": list(found.unsent),
        "matches_plain_calculation": not found.unlike,
    }

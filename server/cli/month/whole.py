"""The month from its beginning to its end: the company is set up, the history replayed, every report compared."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from server.cli.deployment import Deployment
from server.cli.founding import establish
from server.cli.lists import Wanted, bring_in
from server.cli.month.compare import Compared, compared, counted, reproduced
from server.cli.month.finding import Planted, held_against
from server.cli.month.history import DISTRICT, OPENED, Clock, Event
from server.cli.month.replay import ON_PHONES, Replay
from server.cli.month.serving import served
from server.cli.talk import Talk
from server.cli.trial.processes import Driven
from server.ports import REAL, Sources
from server.settings import Settings

__all__ = ["Outcome", "replay"]

MOST_MISSED, MOST_FALSE = 3, 3
_LEASE_MS = 7 * 24 * 3_600_000


class Outcome(msgspec.Struct, frozen=True):
    """What came of a replay. `refused` is what a phone or the desk did not do, `unsent` the syncs that failed."""

    events: int
    seconds: float
    refused: tuple[str, ...]
    unsent: tuple[str, ...]
    reports: dict[str, Compared]
    planted: Planted
    counts: dict[str, dict[str, int]]

    @property
    def unlike(self) -> tuple[str, ...]:
        """The reports in which product and plain calculation differ."""
        return tuple(name for name, one in self.reports.items() if not one.matches_plain_calculation)

    @property
    def missed_too_much(self) -> bool:
        """Whether more than 3 of 25 were missed, or more than 3 questions were false."""
        planted, found = self.planted.total
        return planted - found > MOST_MISSED or len(self.planted.false) > MOST_FALSE

    @property
    def summary(self) -> str:
        """What is wrong, in a line."""
        planted, found = self.planted.total
        return f"{', '.join(self.unlike) or '-'}; {found}/{planted}, {len(self.planted.false)} false"


async def replay(
    talk: Talk, events: Sequence[Event], planted: dict[str, list[Any]], place: Path | None = None
) -> Outcome:
    """Replay a history in an empty directory of its own, which is removed unless it is given as `place`."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="saojie-month-") as made:
        home = place or Path(made)
        settings = Settings(home / "company", lease_locks_after=_LEASE_MS, lease_erases_after=4 * _LEASE_MS)
        clock = Clock(settings.time_zone)
        clock.reach(clock.at(f"{OPENED}T08:00"))
        sources = Sources(clock.read, REAL.random)
        means, _ = await establish(Talk(talk.language, is_quiet=True), settings, "云澜商贸", "刘经理", sources)
        try:
            deployment = Deployment(Talk(talk.language, is_quiet=True), settings, means)
            await bring_in(deployment, Wanted(DISTRICT))
            with (
                served(settings, sources) as url,
                Driven("phones", "client_sdk.terminal.district", home / "phones") as phones,
            ):
                played = Replay(deployment, url, phones, clock)
                clock.reach(clock.at(f"{events[0]['t'][:10]}T06:00"))
                await played.begin(_carriers(events))
                await played.play(events)
                reports = await compared(deployment, played, events)
                again = await reproduced(deployment, played, events[0]["t"][:7])
                reports |= {"appraisal_from_the_journal": again} if again is not None else {}
                counts = await counted(deployment, played)
                found = await held_against(deployment, played, planted)
        finally:
            await means.close()
    refused = (*played.refused, *played.office.refused)
    seconds = round(time.monotonic() - began, 1)
    return Outcome(len(events), seconds, refused, tuple(played.unsent), reports, found, counts)


def _carriers(events: Sequence[Event]) -> list[str]:
    """Whoever does something on a phone, or meets somebody who does."""
    found: dict[str, None] = {}
    for event in events:
        if event["do"] in ON_PHONES:
            found[event["who"]] = None
            found |= dict.fromkeys(event.get("with", ()))
        if event["do"] == "leave":
            found[event["person"]] = None
    return list(found)

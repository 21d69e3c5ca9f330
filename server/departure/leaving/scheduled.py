"""Cut-offs that were scheduled are carried out at their hour: by the regular job, and at a start before anything is
answered. Once, whoever else does it at the same time; one that was withdrawn meanwhile is not.
"""

from __future__ import annotations

from server.departure.cutoff import NotDue, offboard
from server.departure.departures_file import Departure
from server.departure.leaving import notice
from server.departure.means import Means

__all__ = ["carry_out_due"]


async def carry_out_due(means: Means) -> list[Departure]:
    """Cut off everybody whose last hour has come, and say the departures."""
    async with means.store.read() as tx:
        due = await notice.due(tx, means.sources.now())
    done = []
    for one in due:
        try:
            done.append(await offboard(means, one.staff, one.reason, scheduled=one.id))
        except NotDue:
            continue
    return done

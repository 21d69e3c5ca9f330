"""Cut-offs that were scheduled are carried out at their hour: by the regular job, and at a start before anything is
answered. Once, whoever else does it at the same time; one that was withdrawn meanwhile is not.

Nobody waits for the plan of another: what follows from the departures is for the caller to set going.
"""

from __future__ import annotations

from server.departure.cutoff import NotDue, cut_off
from server.departure.departures_file import Departure
from server.departure.leaving import notice
from server.departure.means import Means

__all__ = ["cut_off_due"]


async def cut_off_due(means: Means) -> list[Departure]:
    """Cut off everybody whose last hour has come, and say the departures. Whoever cannot be cut off holds up nobody
    else; what stopped the first is raised at the end.
    """
    async with means.store.read() as tx:
        due = await notice.due(tx, means.sources.now())
    done: list[Departure] = []
    stopped: list[Exception] = []
    for one in due:
        try:
            done.append(await cut_off(means, one.staff, one.reason, scheduled=one.id))
        except NotDue:
            continue
        except Exception as error:  # noqa: BLE001  # one person's trouble must not keep the others' hour waiting
            stopped.append(error)
    if stopped:
        raise stopped[0]
    return done

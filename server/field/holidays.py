"""Days on which nothing is due: the public holidays of China, make-up working days considered, out of the package
`chinesecalendar`, and what a company adds or leaves out.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

import chinese_calendar

from server.field.policies import policies_of, set_policy
from server.master.scoping import lock_scopes
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.policies.work import HOLIDAYS

__all__ = ["Unknown", "add_year", "change_days", "holidays_of"]


class Unknown(ValueError):
    """Raised for a year whose holidays the package does not know yet; they are announced late in the year before."""


def holidays_of(year: int) -> list[str]:
    """The days off of a year that are named holidays (weekends as such are none), in order. Raises Unknown."""
    day, found = date(year, 1, 1), []
    try:
        while day.year == year:
            is_off, name = chinese_calendar.get_holiday_detail(day)
            if is_off and name:
                found.append(str(day))
            day += timedelta(days=1)
    except NotImplementedError as error:
        raise Unknown(f"the holidays of {year} are not known") from error
    return found


async def add_year(tx: Tx, year: int, sources: Sources, by: UUID | None = None) -> tuple[list[str], frozenset[str]]:
    """Put a year's public holidays in place of the days that the company has of that year; those days, and the scopes
    that changed. Raises Unknown.
    """
    days = holidays_of(year)
    await lock_scopes(tx, {scopes.COMPANY})
    kept = [one for one in (await policies_of(tx)).of(HOLIDAYS) if not one.startswith(f"{year}-")]
    return days, await set_policy(tx, HOLIDAYS.key, ",".join([*kept, *days]), sources, by)


async def change_days(
    tx: Tx, sources: Sources, by: UUID | None = None, *, add: Collection[date] = (), drop: Collection[date] = ()
) -> frozenset[str]:
    """Add days and leave days out, whatever others add and leave out at the same time; the scopes that changed."""
    await lock_scopes(tx, {scopes.COMPANY})
    days = (await policies_of(tx)).of(HOLIDAYS)
    held = set(days)
    wanted = (held | set(map(str, add))) - set(map(str, drop))
    if wanted == held:
        return frozenset()
    return await set_policy(tx, HOLIDAYS.key, ",".join(sorted(wanted)), sources, by)

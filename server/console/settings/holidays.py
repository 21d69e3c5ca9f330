"""Holidays (放假): days on which no visit is due, by year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from server.console.settings.changing import Hand
from server.field.holidays import Unknown, add_year, change_days, holidays_of
from server.field.policies import policies_of
from server.master.store import Tx
from server.values import Unfit
from sync.policies.work import HOLIDAYS

__all__ = ["Year", "add_day", "drop_day", "take_year", "years"]


class Year(msgspec.Struct, frozen=True):
    """The days of one year; `is_known` where its public holidays can be taken in."""

    year: int
    days: Sequence[date]
    is_known: bool


async def years(tx: Tx, today: date) -> list[Year]:
    """This year and the next, and every other of which there are days."""
    days = [date.fromisoformat(one) for one in (await policies_of(tx)).of(HOLIDAYS)]
    shown = sorted({today.year, today.year + 1} | {one.year for one in days})
    return [Year(year, [one for one in days if one.year == year], _is_known(year)) for year in shown]


def _is_known(year: int) -> bool:
    try:
        holidays_of(year)
    except Unknown:
        return False
    return True


def _day(typed: str) -> date:
    try:
        found = date.fromisoformat(typed)
    except ValueError as error:
        raise Unfit(f"a day is written as 2026-10-01, not {typed}", f"日期写作 2026-10-01，不是 {typed}") from error
    return found


async def add_day(hand: Hand, typed: str) -> frozenset[str]:
    """Add a day; the scopes that changed. Raises Unfit for what is no day."""
    return await change_days(hand.tx, hand.sources, hand.by, add=[_day(typed)])


async def drop_day(hand: Hand, typed: str) -> frozenset[str]:
    """Leave a day out; the scopes that changed. Raises Unfit for what is no day."""
    return await change_days(hand.tx, hand.sources, hand.by, drop=[_day(typed)])


async def take_year(hand: Hand, year: int) -> tuple[int, frozenset[str]]:
    """Take in a year's public holidays; how many, and the scopes that changed. Raises Unfit where nobody has announced
    them.
    """
    try:
        days, changed = await add_year(hand.tx, year, hand.sources, hand.by)
    except Unknown as error:
        raise Unfit(
            f"the holidays of {year} are not announced yet; add the days by hand",
            f"{year} 年的放假安排尚未公布，请逐日添加",
        ) from error
    return len(days), changed

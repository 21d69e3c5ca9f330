"""Money, days and dates as people write them. Each reader gives a value, or None for what cannot be read."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from server.field.names import tidy

__all__ = ["read_credit_days", "read_day", "read_money", "read_signed_money"]

_CURRENCY = re.compile(r"元|圆|块|人民币|rmb|cny|eur|usd|[¥€$\s,]", re.IGNORECASE)
_TIMES = {"万": 10_000, "千": 1_000, "k": 1_000, "w": 10_000}
_BELOW = re.compile(r"[-−负]\s*(.+)|\((.+)\)")
_DAYS = {"现结": 0, "现款": 0, "现金": 0, "款到发货": 0, "周结": 7, "半月结": 15, "月结": 30, "季结": 90}
_MOST_DAYS = 366
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?[日号月]?(?:[ T].*)?")
_YEAR_LAST = re.compile(r"(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)")
_TOGETHER = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_YEAR = re.compile(r"((?:19|20)\d\d)年?")
_SERIAL = re.compile(r"[2-7]\d{4}")
_SERIAL_ZERO = date(1899, 12, 30)
_LARGEST = 1 << 53


def read_money(cell: str, minor_digits: int) -> int | None:
    """An amount in minor units: 5,000元, ¥5000.00, 1.5万. None for anything else, and for what is below nothing."""
    text = _CURRENCY.sub("", tidy(cell)).casefold()
    times = _TIMES.get(text[-1:], 1)
    try:
        amount = Decimal(text if times == 1 else text[:-1]) * times * 10**minor_digits
    except InvalidOperation:
        return None
    whole = amount.is_finite() and 0 <= amount <= _LARGEST and amount == amount.to_integral_value()
    return int(amount) if whole else None


def read_signed_money(cell: str, minor_digits: int) -> int | None:
    """An amount that may be below nothing: -50元, (50.00), 负50."""
    text = tidy(cell)
    found = _BELOW.fullmatch(text)
    amount = read_money((found[1] or found[2]) if found else text, minor_digits)
    return -amount if found and amount is not None else amount


def read_credit_days(cell: str) -> int | None:
    """How many days may pass until payment: 30, 30天, 月结. At most a year."""
    text = tidy(cell).removesuffix("天").removesuffix("日").strip()
    days = int(text) if text.isdecimal() and len(text) <= 3 else _DAYS.get(text)
    return days if days is not None and days <= _MOST_DAYS else None


def read_day(cell: str) -> str | None:
    """A day as YYYY-MM-DD from 2024-3-5, 2024年3月5日, 20240305, 5.3.2024 or a spreadsheet's day number.

    Where only the month or the year is written, its first day.
    """
    text = tidy(cell)
    if _SERIAL.fullmatch(text):
        return (_SERIAL_ZERO + timedelta(days=int(text))).isoformat()
    last = _YEAR_LAST.fullmatch(text)
    if last:
        return _day(last[3], last[2], last[1])
    found = _YEAR_FIRST.fullmatch(text) or _TOGETHER.fullmatch(text)
    if found:
        return _day(found[1], found[2], found[3] or "1")
    year = _YEAR.fullmatch(text)
    return _day(year[1], "1", "1") if year else None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None

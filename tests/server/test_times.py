"""The company's days and hours as server times."""

from __future__ import annotations

from datetime import date

import pytest

from server.times import day_of, midnight, read_local

GAP = ("America/Havana", date(2026, 3, 8))
"""Clocks go from midnight to one in the morning."""


def test_a_day_begins_at_midnight_of_the_companys_zone() -> None:
    """One millisecond before it is the day before."""
    at = midnight(date(2026, 10, 1), "Asia/Shanghai")
    assert at == read_local("2026-10-01 00:00", "Asia/Shanghai")
    assert day_of(at - 1, "Asia/Shanghai") == "2026-09-30"


def test_a_day_begins_also_where_there_is_no_midnight() -> None:
    """Nobody can write that hour; the day begins all the same, at its first moment."""
    zone, day = GAP
    with pytest.raises(ValueError, match="there is no"):
        read_local(f"{day} 00:00", zone)
    assert (day_of(midnight(day, zone), zone), day_of(midnight(day, zone) - 1, zone)) == (str(day), "2026-03-07")

"""The company's days and hours as server times."""

from __future__ import annotations

from datetime import date

import pytest

from server.times import day_of, midnight, offsets, read_local

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


def test_the_offsets_of_a_time_say_when_clocks_are_changed() -> None:
    """Every hour of a year comes to the day that `day_of` has; where clocks stay, there is one offset."""
    for zone, count in (("Asia/Shanghai", 1), ("Europe/Berlin", 3), ("Australia/Lord_Howe", 3), ("Asia/Kolkata", 1)):
        since, until = midnight(date(2026, 1, 1), zone), midnight(date(2027, 1, 1), zone)
        found = offsets(since, until, zone)
        assert len(found) == count
        for at in range(since, until, 1_800_000):
            ahead = next(offset for end, offset in found if at < end)
            assert str(date.fromordinal((at + ahead) // 86_400_000 + 719_163)) == day_of(at, zone)

"""What was recorded of the real server, played back: the day is the one that the company in memory makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from client_sdk.testing import RECORDED, Unrecorded, World, furnish, playback
from client_sdk.testing.bad_days import DAYS
from tests.client_sdk.testing.looking import after, seen
from tests.client_sdk.testing.record import UNRECORDED


def test_every_day_that_a_server_has_a_part_in_was_recorded() -> None:
    """By the names of the fixtures."""
    assert set(RECORDED) == DAYS.keys() - UNRECORDED


@pytest.mark.parametrize("name", RECORDED)
def test_a_phone_sees_what_it_saw_of_the_real_server(name: str, world: World, tmp_path: Path) -> None:
    """The day and its way out."""
    furnish(world)
    made_up, played = DAYS[name](world, world.phone()), playback(name, tmp_path / "played")
    assert seen(played) == seen(made_up)
    assert after(played) == after(made_up)


def test_what_was_not_recorded_is_told(tmp_path: Path) -> None:
    """Other work than then, and more than then."""
    day = playback("refused", tmp_path / "one")
    day.replica.visits.log(day.other.id, notes="not then")
    with pytest.raises(Unrecorded, match="is not the /sync"):
        day.sync()
    day = playback("conflict", tmp_path / "two")
    with pytest.raises(Unrecorded, match="nothing was recorded after"):
        day.sync()
    with pytest.raises(KeyError):
        playback("a_good_day", tmp_path / "three")

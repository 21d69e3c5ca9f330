"""Stamps come from ages and bounds, and a phone's date proves nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.clock import Bounds, Moment, Stamp, bound, next_stamp
from tests.sync.builders import NOON, any_of, moment, quick

HOUR = 3_600_000
YEAR = 365 * 24 * HOUR


@pytest.mark.parametrize("error", [0, HOUR, -HOUR, YEAR, -YEAR], ids=["right", "hour+", "hour-", "year+", "year-"])
def test_within_one_boot_a_wrong_date_changes_nothing(error: int) -> None:
    """The age by the monotonic clock decides; what the wall clock says does not come into it."""
    event, told = moment(1000, claimed=NOON + error), moment(61_000, claimed=NOON + error + 60_000)
    assert bound(event, told, NOON, 0) == Bounds(NOON - 60_000, NOON - 60_000, NOON - 60_000)


def test_a_date_that_was_set_between_event_and_contact_changes_nothing() -> None:
    """A person who sets the clock back an hour before syncing does not move what happened."""
    event, told = moment(0, claimed=NOON), moment(10_000, claimed=NOON - HOUR)
    assert bound(event, told, NOON, 0).estimate == NOON - 10_000


@pytest.mark.parametrize("error", [0, HOUR, -HOUR, YEAR, -YEAR])
def test_after_a_reboot_the_time_is_a_bound(error: int) -> None:
    """Between the last contact and now; a clock that is steadily wrong is corrected by its measured offset."""
    event = moment(5, "boot-1", NOON - HOUR + error)
    found = bound(event, moment(5, "boot-2", NOON + error), NOON, NOON - 2 * HOUR)
    assert found == Bounds(NOON - 2 * HOUR, NOON, NOON - HOUR)
    assert not found.is_exact


@pytest.mark.parametrize(("claimed", "estimate"), [(NOON + YEAR, NOON), (NOON - YEAR, NOON - HOUR)])
def test_after_a_reboot_the_claim_is_cut_to_the_bounds(claimed: int, estimate: int) -> None:
    """A clock that jumped cannot put an event before the last contact or after now."""
    event = moment(5, "boot-1", claimed)
    assert bound(event, moment(5, "boot-2", NOON), NOON, NOON - HOUR).estimate == estimate


def test_a_monotonic_reading_from_the_future_is_not_believed() -> None:
    """The same boot id with a later reading than the request's own is another run of the phone."""
    found = bound(moment(20_000), moment(10_000), NOON, NOON - HOUR)
    assert (found.earliest, found.latest) == (NOON - HOUR, NOON)


def test_a_phone_that_names_no_boots_proves_nothing_by_its_monotonic_clock() -> None:
    """Two empty boot ids are not one boot: the phone may have been restarted between the two readings."""
    found = bound(moment(1000, ""), moment(2000, ""), NOON, NOON - HOUR)
    assert (found.earliest, found.latest) == (NOON - HOUR, NOON)


def test_nothing_happened_before_the_contact_that_came_before_it() -> None:
    """An age that reaches back behind the last contact is cut to it."""
    assert bound(moment(0), moment(2 * HOUR), NOON, NOON - HOUR).estimate == NOON - HOUR


@quick
@given(any_of(Moment), any_of(Moment), st.integers(0, 1 << 52), st.integers(0, 1 << 52))
def test_bounds_are_always_in_order(event: Moment, told: Moment, now: int, contact: int) -> None:
    """Whatever a phone claims, and even if the server's own clock went back: earliest, estimate, latest, now."""
    found = bound(event, told, now, contact)
    assert 0 <= found.earliest <= found.estimate <= found.latest <= now


@quick
@given(st.lists(st.tuples(st.integers(-YEAR, NOON + YEAR), st.integers(0, 1000)), min_size=2, max_size=30))
def test_stamps_rise_within_an_outbox_and_never_pass_now(events: list[tuple[int, int]]) -> None:
    """Estimates may jump as they like: each stamp is later than the one before, and none is from the future."""
    last, now = Stamp(0), NOON
    for number, (estimate, passes) in enumerate(events, start=1):
        now += passes
        made = next_stamp(last, estimate, now, b"A", number)
        assert last < made
        assert made.ms <= now
        last = made


def test_a_stamp_from_the_future_is_cut_to_now() -> None:
    """A phone a year ahead does not win every tie for a year."""
    assert next_stamp(Stamp(0), NOON + YEAR, NOON, b"A", 1).ms == NOON


def test_cut_stamps_are_told_apart_by_the_counter() -> None:
    """Two operations of one phone with one time keep their order."""
    first = next_stamp(Stamp(0), NOON + 5, NOON, b"A", 1)
    second = next_stamp(first, NOON + 3, NOON, b"A", 2)
    assert (first, second) == (Stamp(NOON, 0, b"A", 1), Stamp(NOON, 1, b"A", 2))


def test_a_tie_between_phones_is_broken_by_who() -> None:
    """Two stamps are never equal unless they are of one operation."""
    assert Stamp(NOON, 0, b"A", 9) < Stamp(NOON, 0, b"B", 1)

"""Server time on the phone: exact within a boot, bounded after it, and never set back."""

from __future__ import annotations

from client_sdk.timekeeping import Anchor, anchored, carried_on, server_now, server_time_of
from sync.clock import Moment
from tests.client_sdk.peer.company import HOUR, Time
from tests.client_sdk.world import PhoneClock


def anchor_now(clock: PhoneClock, time: Time) -> Anchor:
    """The anchor that a contact sets now."""
    return anchored(Moment(clock.boot(), clock.elapsed(), clock.wall()), time.now)


def test_before_the_first_contact_the_phones_date_is_all_there_is() -> None:
    """It is used, and proves nothing."""
    clock = PhoneClock(Time(5000))
    clock.ahead = 7
    assert server_now(None, clock) == 5007


def test_within_a_boot_the_date_is_never_looked_at() -> None:
    """An hour fast, an hour slow, changed on the way: time is the server's."""
    time = Time()
    clock = PhoneClock(time)
    anchor = anchor_now(clock, time)
    time.now += HOUR
    for ahead in (-HOUR, 0, HOUR, 1000 * HOUR):
        clock.ahead = ahead
        assert server_now(anchor, clock) == time.now


def test_after_a_boot_the_date_tells_how_much_has_passed() -> None:
    """By its difference, so a date that is always wrong by the same does no harm."""
    time = Time()
    clock = PhoneClock(time)
    clock.ahead = 500 * HOUR
    anchor = anchor_now(clock, time)
    time.now += 3 * HOUR
    clock.reboot()
    assert server_now(anchor, clock) == time.now


def test_time_never_falls_behind_the_high_water_mark() -> None:
    """Reboots with the date set further and further back: time goes on with each boot's own clock."""
    time = Time()
    clock = PhoneClock(time)
    anchor = anchor_now(clock, time)
    time.now += HOUR
    anchor = carried_on(anchor, clock)
    began = server_now(anchor, clock)
    for _ in range(4):
        clock.reboot()
        clock.ahead -= 900 * HOUR
        anchor = carried_on(anchor, clock)
        time.now += HOUR
    assert server_now(anchor, clock) == began + HOUR
    anchor = carried_on(anchor, clock)
    assert anchor.high == began + HOUR
    assert anchor.contact < began


def test_a_moment_of_another_boot_is_placed_by_its_date() -> None:
    """As well as it is known: what the phone claimed, shifted by how wrong its date was at the contact."""
    time = Time()
    clock = PhoneClock(time)
    clock.ahead = HOUR
    moment = Moment(clock.boot(), clock.elapsed(), clock.wall())
    clock.reboot()
    anchor = anchor_now(clock, time)
    assert server_time_of(anchor, moment) == time.now

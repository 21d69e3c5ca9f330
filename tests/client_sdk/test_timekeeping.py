"""Server time on the phone: exact within a boot, bounded after it, and no way to gain by date or reboot."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from client_sdk.storage.disk import Disk
from client_sdk.testing.clocks import DAY, HOUR, PhoneClock, Time
from client_sdk.testing.world import World
from client_sdk.timekeeping import (
    REBOOT_MS,
    Anchor,
    anchored,
    carried_on,
    estimated,
    informed,
    moment_of,
    proved,
    reckoned,
    server_time_of,
)
from sync.clock import Moment


def anchor_now(clock: PhoneClock, time: Time) -> Anchor:
    """The anchor that a contact sets now."""
    return anchored(moment_of(clock), time.now)


def test_before_the_first_contact_the_phones_date_is_all_there_is() -> None:
    """It is used, and proves nothing."""
    clock = PhoneClock(Time(5000))
    clock.ahead = 7
    assert estimated(None, clock) == 5007


def test_within_a_boot_the_date_is_never_looked_at() -> None:
    """An hour fast, an hour slow, changed on the way: time is the server's."""
    time = Time()
    clock = PhoneClock(time)
    anchor = anchor_now(clock, time)
    time.now += HOUR
    for ahead in (-HOUR, 0, HOUR, 1000 * HOUR):
        clock.ahead = ahead
        assert estimated(anchor, clock) == reckoned(anchor, clock) == proved(anchor, clock) == time.now


def test_after_a_boot_the_date_tells_how_much_has_passed() -> None:
    """By its difference, so a date that is always wrong by the same does no harm; the boot costs its penalty."""
    time = Time()
    clock = PhoneClock(time)
    clock.ahead = 500 * HOUR
    anchor = anchor_now(clock, time)
    time.now += 3 * HOUR
    clock.reboot()
    assert estimated(anchor, clock) == time.now
    assert reckoned(anchor, clock) == time.now + REBOOT_MS


def test_after_a_boot_only_its_own_run_is_proved() -> None:
    """Whatever the date says."""
    time = Time()
    clock = PhoneClock(time)
    anchor = anchor_now(clock, time)
    began = time.now
    time.now += 3 * HOUR
    clock.reboot()
    clock.ahead = 900 * HOUR
    time.now += HOUR
    assert proved(anchor, clock) == began + HOUR
    assert proved(carried_on(anchor, clock), clock) == began + HOUR


def test_time_never_falls_behind_the_high_water_mark() -> None:
    """Reboots with the date set further and further back: each boot's run counts, and each costs its penalty."""
    time = Time()
    clock = PhoneClock(time)
    anchor = anchor_now(clock, time)
    time.now += HOUR
    anchor = carried_on(anchor, clock)
    began = reckoned(anchor, clock)
    for number in range(1, 5):
        clock.reboot()
        clock.ahead -= 900 * HOUR
        time.now += HOUR
        anchor = carried_on(anchor, clock)
        assert reckoned(anchor, clock) == anchor.high == began + number * (HOUR + REBOOT_MS)
    assert anchor.contact < began


def test_something_that_the_company_signed_proves_that_its_time_has_come() -> None:
    """It moves all times forward, none backward, and is no contact."""
    time = Time()
    clock = PhoneClock(time)
    anchor = anchor_now(clock, time)
    clock.reboot()
    clock.ahead = -30 * DAY
    later = informed(anchor, clock, time.now + 9 * HOUR)
    assert (later.server, later.high, later.proved) == (time.now + 9 * HOUR,) * 3
    earlier = informed(later, clock, time.now)
    assert (earlier.high, earlier.proved, earlier.contact) == (later.high, later.proved, anchor.contact)


def test_a_moment_of_another_boot_is_placed_by_its_date() -> None:
    """As well as it is known: what the phone claimed, shifted by how wrong its date was at the contact."""
    time = Time()
    clock = PhoneClock(time)
    clock.ahead = HOUR
    moment = Moment(clock.boot(), clock.elapsed(), clock.wall())
    clock.reboot()
    anchor = anchor_now(clock, time)
    assert server_time_of(anchor, moment) == time.now


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("run"), st.integers(0, 3 * HOUR)),
        st.tuples(st.just("off"), st.integers(0, 3 * DAY)),
        st.tuples(st.just("date"), st.integers(-400 * DAY, 400 * DAY)),
        st.tuples(st.just("seen"), st.just(0)),
        st.tuples(st.just("contact"), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS)
def test_no_sequence_of_reboots_and_dates_stretches_a_lease(steps: list[tuple[str, int]]) -> None:
    """Reckoned time never falls, and is never less than all the time that the phone ran since the contact, with what
    each boot costs. Proved time has really come. A contact heals everything.
    """
    time = Time()
    clock = PhoneClock(time)
    anchor = anchor_now(clock, time)
    ran = boots = last = 0
    for what, much in steps:
        if what == "run":
            time.now += much
            ran += much
        elif what == "off":
            anchor = carried_on(anchor, clock)
            time.now += much
            clock.reboot()
            boots += 1
        elif what == "date":
            clock.ahead += much
        elif what == "contact":
            anchor, ran, boots, last = anchor_now(clock, time), 0, 0, 0
            assert estimated(anchor, clock) == reckoned(anchor, clock) == proved(anchor, clock) == time.now
        else:
            anchor = carried_on(anchor, clock)
        seen = reckoned(anchor, clock)
        anchor = carried_on(anchor, clock)
        assert seen >= last
        assert seen >= anchor.contact + ran + boots * REBOOT_MS
        assert anchor.contact <= proved(anchor, clock) <= time.now
        last = seen


def kept(steps: list[str]) -> list[str]:
    """How each of the facts that were stored was made to last: FULL waits for the storage."""
    found, last = [], ""
    for step in steps:
        if step.startswith("PRAGMA synchronous="):
            last = step.removeprefix("PRAGMA synchronous=")
        elif step.startswith("INSERT OR REPLACE INTO fact"):
            found.append(last)
    steps.clear()
    return found


def test_a_contact_waits_for_the_storage_only_where_a_restart_could_gain_by_it(world: World) -> None:
    """The first of a process, one that moves the mark by a minute, and whatever the server says that is new."""
    world.outlet()
    world.phone().close()
    steps: list[str] = []
    replica = world.opened(disk=Disk(steps.append))
    replica.sync()
    assert "FULL" in kept(steps)
    for seconds, lasts in ((1, {"NORMAL"}), (58, {"NORMAL"}), (2, {"FULL", "NORMAL"}), (59, {"NORMAL"})):
        world.time.now += seconds * 1000
        replica.sync()
        assert set(kept(steps)) == lasts, seconds
    world.company.suspend(world.device(replica))
    replica.sync()
    # The last is how the sync went, for diagnostics: it may be lost.
    *contact, course = kept(steps)
    assert (set(contact), course) == ({"FULL"}, "NORMAL")

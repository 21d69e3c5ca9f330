"""What time it is by the server, without trusting the phone's date. Pure: moments in, server milliseconds out.

Three times are kept apart. The *estimate* is the best guess, for people. The *reckoned* time is what a lease is held
against: it only rises between contacts. The *proved* time has surely come: signed server time and the monotonic clock,
nothing else. Within one boot all three go on with the monotonic clock. A boot that begins without a contact proves
only how long it has run; the date says the rest, never less than that, and the boot costs `REBOOT_MS` besides, so that
turning the date back and starting the phone again and again gains nothing. A contact sets all three to what the server
says: a date that ran ahead does no harm after it.
"""

from __future__ import annotations

import msgspec

from client_sdk.ports import Clock
from sync.clock import Moment

__all__ = [
    "REBOOT_MS",
    "Anchor",
    "anchored",
    "carried_on",
    "estimated",
    "informed",
    "moment_of",
    "proved",
    "reckoned",
    "server_time_of",
]

REBOOT_MS = 30 * 60_000
"""What a boot without a contact costs: the reckoned time moves on by so much beyond what date and mark say."""


class Anchor(msgspec.Struct, array_like=True, frozen=True):
    """A moment of the phone's, with the server's time at it in milliseconds; `contact` is that of the last contact.

    `server` is the estimate at the moment, `high` the reckoned time, `proved` what has surely come.
    """

    moment: Moment
    server: int
    high: int
    contact: int
    proved: int = 0


def moment_of(clock: Clock) -> Moment:
    """Now, in the phone's own terms."""
    return Moment(clock.boot(), clock.elapsed(), clock.wall())


def anchored(asked: Moment, server_time: int) -> Anchor:
    """The anchor that a contact sets: to the moment of asking, so that a slow answer gains nothing."""
    return Anchor(asked, server_time, server_time, server_time, server_time)


def server_time_of(anchor: Anchor | None, moment: Moment) -> int:
    """A moment of this phone in server time, as well as it is known; the phone's date before the first contact."""
    if anchor is None:
        return moment.claimed
    if moment.boot == anchor.moment.boot:
        return anchor.server + moment.elapsed - anchor.moment.elapsed
    return anchor.server + moment.claimed - anchor.moment.claimed


def estimated(anchor: Anchor | None, clock: Clock) -> int:
    """Now in server time, for people: no boot is charged for."""
    now = moment_of(clock)
    if anchor is None:
        return now.claimed
    return max(server_time_of(anchor, now), anchor.server + _run_since(anchor, now))


def reckoned(anchor: Anchor, clock: Clock) -> int:
    """Now in the time that a lease is held against: never behind the mark, and later by what a boot costs."""
    now = moment_of(clock)
    at_least = anchor.high + _run_since(anchor, now)
    if now.boot == anchor.moment.boot:
        return at_least
    return max(at_least, server_time_of(anchor, now)) + REBOOT_MS


def proved(anchor: Anchor, clock: Clock) -> int:
    """The server time that has surely come: no date has a part in it."""
    return anchor.proved + _run_since(anchor, moment_of(clock))


def carried_on(anchor: Anchor, clock: Clock) -> Anchor:
    """The anchor at the present moment: what was reckoned and proved until now stays so, whatever happens next."""
    return Anchor(
        moment_of(clock), estimated(anchor, clock), reckoned(anchor, clock), anchor.contact, proved(anchor, clock)
    )


def informed(anchor: Anchor, clock: Clock, signed: int) -> Anchor:
    """The anchor after something that the company signed at the server time `signed` was seen: it is no earlier now.

    No contact: nothing moves backwards.
    """
    now = carried_on(anchor, clock)
    return Anchor(now.moment, max(now.server, signed), max(now.high, signed), anchor.contact, max(now.proved, signed))


def _run_since(anchor: Anchor, now: Moment) -> int:
    """How long the monotonic clock has surely run since the anchor: in a later boot, since that boot began."""
    began = anchor.moment.elapsed if now.boot == anchor.moment.boot else 0
    return max(0, now.elapsed - began)

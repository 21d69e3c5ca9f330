"""What time it is by the server, without trusting the phone's date. Pure: moments in, server milliseconds out.

Within one boot the monotonic clock carries the server's time on exactly. After a reboot the phone's date says how
much time has passed since then, never less than none: the high-water mark only rises until the next contact, which
sets it to what the server says, so a date that once ran ahead does not lock a phone for longer than that.
"""

from __future__ import annotations

import msgspec

from client_sdk.ports import Clock
from sync.clock import Moment

__all__ = ["Anchor", "anchored", "carried_on", "moment_of", "server_now", "server_time_of"]


class Anchor(msgspec.Struct, array_like=True, frozen=True):
    """A moment of the phone's with the server's time at it. `contact` is the server's time at the last contact.

    `high` is the high-water mark: the latest server time that this phone has reckoned with since then.
    """

    moment: Moment
    server: int
    high: int
    contact: int


def moment_of(clock: Clock) -> Moment:
    """Now, in the phone's own terms."""
    return Moment(clock.boot(), clock.elapsed(), clock.wall())


def anchored(asked: Moment, server_time: int) -> Anchor:
    """The anchor that a contact sets: to the moment of asking, so that a slow answer gains nothing."""
    return Anchor(asked, server_time, server_time, server_time)


def server_time_of(anchor: Anchor | None, moment: Moment) -> int:
    """A moment of this phone in server time, as well as it is known; the phone's date before the first contact."""
    if anchor is None:
        return moment.claimed
    if moment.boot == anchor.moment.boot:
        return anchor.server + moment.elapsed - anchor.moment.elapsed
    return anchor.server + moment.claimed - anchor.moment.claimed


def server_now(anchor: Anchor | None, clock: Clock) -> int:
    """Now in server time, never behind the high-water mark."""
    now = server_time_of(anchor, moment_of(clock))
    return max(now, anchor.high) if anchor is not None else now


def carried_on(anchor: Anchor, clock: Clock) -> Anchor:
    """The anchor with the mark raised to now; after a reboot it moves into the new boot, so that time goes on."""
    now = server_now(anchor, clock)
    if clock.boot() == anchor.moment.boot:
        return Anchor(anchor.moment, anchor.server, now, anchor.contact)
    return Anchor(moment_of(clock), now, now, anchor.contact)

"""Time without trusting a phone's date: hybrid logical stamps in server time.

A phone says how old an operation is (boot id and monotonic reading); the server turns the age into
its own time. After a reboot the age is not known, and the time is a bound between two contacts.
Time only breaks ties; what is concurrent is decided by revisions.
"""

from __future__ import annotations

import msgspec

from sync.bounded import Duration, Label, WallClock

__all__ = ["Bounds", "Moment", "Stamp", "bound", "next_stamp"]


class Moment(msgspec.Struct, array_like=True, frozen=True):
    """When something happened, in a phone's own terms.

    `boot` names the phone's current run since power-on; `elapsed` is milliseconds of its monotonic
    clock in that run; `claimed` is what its wall clock said, in milliseconds UTC, and proves nothing.
    """

    boot: Label
    elapsed: Duration
    claimed: WallClock


class Stamp(msgspec.Struct, array_like=True, frozen=True, order=True):
    """A hybrid logical stamp: server milliseconds, a counter for ties, then who and which number.

    Stamps compare in field order, so two stamps are never equal unless they are of one operation.
    """

    ms: int
    count: int = 0
    origin: bytes = b""
    number: int = 0


class Bounds(msgspec.Struct, array_like=True, frozen=True):
    """When something happened, in server milliseconds: no sooner than `earliest`, no later than `latest`.

    `estimate` lies between them: exact within one boot, else what the phone claimed, cut to the bounds.
    """

    earliest: int
    latest: int
    estimate: int

    @property
    def is_exact(self) -> bool:
        """True when the monotonic clock proves the time."""
        return self.earliest == self.latest


def bound(event: Moment, told: Moment, now: int, contact: int) -> Bounds:
    """Turn a phone's moment into server time.

    `told` is the phone's moment when it sent the request, `now` the server's time on receiving it,
    `contact` the server's time of the last contact that proves the event to be later (0 for none). A phone that
    does not name its boots proves nothing by its monotonic clock.
    """
    contact = min(contact, now)
    if event.boot and event.boot == told.boot and event.elapsed <= told.elapsed:
        at = max(min(now - (told.elapsed - event.elapsed), now), contact)
        return Bounds(at, at, at)
    offset = now - told.claimed
    estimate = min(max(event.claimed + offset, contact), now)
    return Bounds(contact, now, estimate)


def next_stamp(last: Stamp, estimate: int, now: int, origin: bytes, number: int) -> Stamp:
    """The stamp of an outbox's next operation: cut to the server's `now`, and rising within the outbox."""
    ms = min(estimate, now)
    if ms > last.ms:
        return Stamp(ms, 0, origin, number)
    return Stamp(last.ms, last.count + 1, origin, number)

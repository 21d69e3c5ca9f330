"""What a sandbox is asked for, and what it answers: the acts and their results as they go over its control address."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = [
    "ACT_PATH",
    "CLOCK_PATH",
    "Act",
    "Clock",
    "Code",
    "Confirm",
    "Conflict",
    "Cut",
    "Done",
    "Fail",
    "Lock",
    "Mark",
    "Mend",
    "People",
    "Refuse",
    "Restore",
    "Slow",
    "State",
    "Unlock",
    "Wipe",
    "Words",
]

ACT_PATH = "/sandbox/act"
"""Where acts are asked for, with the token that lies in the sandbox's home."""
CLOCK_PATH = "/sandbox/clock"
"""Where anybody hears what time it is in the sandbox."""


class People(msgspec.Struct, frozen=True, tag="people"):
    """Who works here, and their phones."""


class Code(msgspec.Struct, frozen=True, tag="code"):
    """A code with which a phone becomes somebody's; `confirm` whether it waits for its six digits."""

    who: str
    confirm: bool | None = None


class Confirm(msgspec.Struct, frozen=True, tag="confirm"):
    """Somebody's phone that waits for its six digits is confirmed; `digits` are compared where they are given."""

    who: str
    digits: str | None = None


class Lock(msgspec.Struct, frozen=True, tag="lock"):
    """Somebody's phones are suspended, and the time comes when their leases are over; or not, with `keep_time`."""

    who: str
    keep_time: bool = False


class Unlock(msgspec.Struct, frozen=True, tag="unlock"):
    """Somebody's suspended phones are answered again."""

    who: str


class Refuse(msgspec.Struct, frozen=True, tag="refuse"):
    """The next work of somebody's at an outlet (at `outlet`, where one is named) is refused: the outlet is taken away
    just before. With `back` those that were taken away come back.
    """

    who: str
    outlet: str | None = None
    back: bool = False


class Conflict(msgspec.Struct, frozen=True, tag="conflict"):
    """The office changes what somebody's next edit of an outlet (of `outlet`, where one is named) changes."""

    who: str
    outlet: str | None = None


class Wipe(msgspec.Struct, frozen=True, tag="wipe"):
    """Somebody leaves, and `to` follows them."""

    who: str
    to: str | None = None


class Fail(msgspec.Struct, frozen=True, tag="fail"):
    """Phones hear 503 and to come back in `after` seconds, so many times, or until it is mended."""

    times: int | None = None
    after: int = 2


class Slow(msgspec.Struct, frozen=True, tag="slow"):
    """The link is slow: `kbit` a second each way, `delay` milliseconds one way, a share `loss` of packets late."""

    kbit: int = 64
    delay: int = 400
    loss: float = 0.02


class Cut(msgspec.Struct, frozen=True, tag="cut"):
    """There is no network: connections end, and new ones are refused."""


class Mend(msgspec.Struct, frozen=True, tag="mend"):
    """The network and the server are well again, and nothing lies in wait for anybody's work."""


class Clock(msgspec.Struct, frozen=True, tag="clock"):
    """The time is set: `+2d`, `2026-12-01T08:00`, `real`."""

    to: str


class Mark(msgspec.Struct, frozen=True, tag="mark"):
    """A copy of the company as it is now, to come back to."""

    name: str = "mark"


class Restore(msgspec.Struct, frozen=True, tag="restore"):
    """The company goes back to a copy (None: the newest); what came after it is lost to the server."""

    name: str | None = None


class State(msgspec.Struct, frozen=True, tag="state"):
    """How the sandbox is: its time, its network, what lies in wait, its copies."""


Act = (
    People | Code | Confirm | Lock | Unlock | Refuse | Conflict | Wipe | Fail | Slow | Cut | Mend | Clock | Mark
    | Restore | State
)  # fmt: skip


class Words(msgspec.Struct, frozen=True):
    """A sentence in both languages."""

    zh: str
    en: str


class Done(msgspec.Struct, frozen=True):
    """What was done, what a phone shows at its next contact, and the facts for programs."""

    did: Words
    shows: Words | None = None
    facts: dict[str, Any] = {}

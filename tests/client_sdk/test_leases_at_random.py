"""Leases under whatever a phone may be put through: the real SDK, with time, dates, reboots, networks at random."""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest

from client_sdk.errors import LetterRefused
from client_sdk.testing.clocks import DAY, HOUR
from client_sdk.testing.world import World
from client_sdk.timekeeping import REBOOT_MS
from sync.codec import encode
from sync.machine import State

STEPS = (
    ("run", (HOUR // 2, 5 * HOUR, DAY)),
    ("off", (HOUR, 3 * DAY, 12 * DAY)),
    ("boots", (1, 5, 40)),
    ("ahead", (2 * DAY, 20 * DAY, 400 * DAY)),
    ("date", (-30 * DAY, -HOUR, HOUR)),
    ("log", (0,)),
    ("letter", (HOUR, 2 * DAY)),
    ("sync", (0,)),
)


@pytest.mark.parametrize("seed", range(24))
def test_whatever_is_done_to_a_phone_its_lease_holds_and_a_contact_heals(world: World, seed: int) -> None:
    """Open only as long as running time and boots since the word of the company allow; erased only after time that has
    really passed; work that was added is never lost; one contact opens it again.
    """
    draw = Random(seed)
    life = _Life(world)
    for _ in range(16):
        what, choices = draw.choice(STEPS)
        getattr(life, what)(draw.choice(choices))
        life.check()
    life.heal()


class _Life:
    """One phone, and what is known of it from outside."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.outlet = world.outlet()
        self.replica = world.phone()
        self.ran = self.started = self.added = 0
        self.erases = 0
        self.told(world.time.now + DAY)

    def told(self, ends: int) -> None:
        """The company gave a lease now, until `ends`."""
        self.left = ends - self.world.time.now
        self.erases = ends + 7 * DAY
        self.ran = self.started = 0

    def run(self, ms: int) -> None:
        """The phone runs."""
        self.world.time.now += ms
        self.ran += ms

    def off(self, ms: int) -> None:
        """It is switched off, having been looked at, and started again later."""
        self.replica.status()
        self.replica.close()
        self.world.time.now += ms
        self.world.clock().reboot()
        self.started += 1
        self.replica = self.world.opened()

    def date(self, ms: int) -> None:
        """Somebody changes the date."""
        self.world.clock().ahead += ms

    def boots(self, times: int) -> None:
        """Somebody starts the phone again and again, with the date set further back each time."""
        for _ in range(times):
            self.date(-DAY)
            self.off(0)
            self.check()

    def ahead(self, ms: int) -> None:
        """The date runs ahead, and the phone is started again."""
        self.date(ms)
        self.off(0)

    def log(self, _much: int) -> None:
        """A rep logs a visit, in whatever way is left."""
        if self.replica.status().state is State.OPEN:
            self.replica.visits.log(self.outlet.id)
        else:
            self.replica.letterbox.visit(self.outlet.id)
        self.added += 1

    def letter(self, much: int) -> None:
        """The manager sends a letter, and the phone takes it where it is not over by what the phone reckons."""
        signed = encode(self.world.company.letter_for(self.world.device(self.replica), much))
        with suppress(LetterRefused):
            self.replica.accept(signed)
            self.told(self.world.time.now + much)

    def sync(self, _much: int) -> None:
        """A network."""
        assert self.replica.sync().ended == "done"
        status = self.replica.status()
        assert status.lease_ends is not None
        self.told(status.lease_ends)

    def check(self) -> None:
        """What must hold at any time."""
        state = self.replica.status().state
        if state is State.OPEN:
            assert self.ran + self.started * REBOOT_MS < self.left, "the lease was stretched"
        if state is State.ERASED:
            assert self.world.time.now >= self.erases, "erased before its time"
        pending = self.replica.status().pending
        arrived = len(self.world.company.master.outcomes)
        assert pending + arrived >= self.added

    def heal(self) -> None:
        """One contact, and everything is as it should be."""
        self.sync(0)
        assert self.replica.status().state is State.OPEN
        assert len(self.world.company.master.outcomes) == self.added
        assert self.replica.status().pending == 0
        self.replica.close()

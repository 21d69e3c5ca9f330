"""What an exchange is carried out with, given by whoever puts the rooms together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from server.departure.means import Means as DepartureMeans
from server.exchange.lookout import Lookout
from server.field.ground import Ground
from server.identity.terms import LeaseSetting
from server.master.guard import GuardSetting

__all__ = ["Means"]


@dataclass(frozen=True, slots=True)
class Means:
    """What departures are carried out with (store, keys, announcer, sources), and what to do when a device proves
    that history was lost. `lease` are the company's terms, `phone_region` two letters, `call` whom to call, in words.
    `guard` says from when on mass changes are only proposed; `lookout` when the rules look at large pushes.
    """

    departure: DepartureMeans
    recover: Callable[[], Awaitable[None]]
    lease: LeaseSetting
    phone_region: str = "CN"
    call: str = ""
    guard: GuardSetting | None = None
    lookout: Lookout = field(default_factory=Lookout)

    @property
    def rules(self) -> Ground:
        """What the rules stand on that look at what a push brought."""
        return Ground(self.departure.sources, self.departure.zone, self.phone_region)

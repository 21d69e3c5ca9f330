"""What every rule of the business stands on: clock and randomness, the company's time zone, settings and country."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date

from server.master.store import Tx
from server.ports import Sources
from server.times import DEFAULT_ZONE, day_of
from sync.policies import Policies

__all__ = ["Ground", "Work"]

Work = Callable[[Tx], Awaitable[frozenset[str]]]
"""What a rule writes once it has read what it stands on: it says which scopes changed, and may be run again."""


@dataclass(frozen=True, slots=True)
class Ground:
    """`zone` is an IANA name, `region` two letters for phones that are written without a country code."""

    sources: Sources
    zone: str = DEFAULT_ZONE
    region: str = "CN"
    policies: Policies = field(default_factory=Policies)

    @property
    def today(self) -> date:
        """The company's day."""
        return self.day_of(self.sources.now())

    def day_of(self, ms: int) -> date:
        """The company's day on which a server time falls."""
        return date.fromisoformat(day_of(ms, self.zone))

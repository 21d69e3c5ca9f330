"""What a benchmark is given: how much to measure and how often, where files go, and companies to measure on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from server.cli.bench.companies import Companies
from server.cli.bench.filling import Filled, Shape
from server.cli.deployment import Deployment
from server.cli.talk import Talk
from server.cli.trial.processes import ServerProcess
from server.departure.means import Means
from server.identity import enrolment
from server.identity.codes import payload
from server.settings import Settings
from sync.signing import fingerprint

__all__ = ["Bench", "Stand"]

T = TypeVar("T")

_CODE_LASTS_MS = 900_000
_UNBOUNDED: dict[str, Any] = {
    "enrolments_per_minute": 1_000_000,
    "budget_burst": 100_000,
    "budget_per_minute": 1_000_000,
}
"""Everything comes from one address here, and a device asks more often than a person would."""


@dataclass(frozen=True, slots=True)
class Stand:
    """One company that is measured on: its open deployment, and what its store was filled with."""

    deployment: Deployment
    filled: Filled

    @property
    def means(self) -> Means:
        """Store, keys, clock."""
        return self.deployment.means

    @property
    def unbounded(self) -> Settings:
        """The company's settings, with the bounds on what one device may ask lifted."""
        return replace(self.deployment.settings, **_UNBOUNDED)

    def server(self, **settings: str) -> ServerProcess:
        """A server process of this company with these settings; the bounds on what one device may ask are lifted."""
        where = self.deployment.settings
        lifted = {name: str(value) for name, value in _UNBOUNDED.items()}
        return ServerProcess(where.home, **{"database_url": where.database} | lifted | settings)

    async def code(self, person: UUID, url: str) -> str:
        """What a QR code for this person holds, for a server at `url`; its phone needs no confirmation."""
        means = self.means
        async with means.store.write() as tx:
            issued = await enrolment.issue(tx, person, means.sources, lifetime=_CODE_LASTS_MS, confirm=False)
        keys = means.keys
        return payload(issued.code, url, fingerprint(keys.signing_public[0]), fingerprint(keys.opening_public))


@dataclass(frozen=True, slots=True)
class Bench:
    """How much is measured: at small size (`is_small`: what the tests run), as usual, or in full, each figure
    `repetitions` times. Files go to `folder`, on the disk that is measured.
    """

    talk: Talk
    folder: Path
    companies: Companies
    repetitions: int = 3
    is_small: bool = False
    is_full: bool = False

    @property
    def store(self) -> str:
        """What the master store is called."""
        return "SQLite" if self.companies.store is None else "PostgreSQL"

    @property
    def few(self) -> int:
        """How often what takes half a minute is repeated: about half as often as the rest."""
        return (self.repetitions + 1) // 2

    def pick(self, small: T, usual: T, full: T | None = None) -> T:
        """The one for the size of this run; in full as usual, where nothing else is said."""
        if self.is_small:
            return small
        return full if self.is_full and full is not None else usual

    @asynccontextmanager
    async def stand(self, shape: Shape | None = None) -> AsyncIterator[Stand]:
        """A company of its own, filled like this, gone when the block ends."""
        async with self.companies.of(shape or Shape()) as one:
            quiet = Talk(self.talk.language, is_quiet=True)
            yield Stand(Deployment(quiet, one.settings, one.means), one.filled)

"""What a departure is carried out with, given by whoever puts the rooms together."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from server.departure.departures_file import DeparturesFile
from server.identity.keys import CompanyKeys, load_keys
from server.identity.locks import FileLocks, HandOver
from server.identity.session_locks import SessionLocks
from server.live.announce import Announcer
from server.live.bell import Bell, BellError, NoBell
from server.live.redis_bell import RedisBell
from server.master.notify import PostgresBell
from server.master.photos import PhotoFiles
from server.master.store import Store
from server.ports import REAL, Sources
from server.settings import Settings
from server.times import DEFAULT_ZONE

__all__ = ["Means", "means_of"]


@dataclass(frozen=True, slots=True)
class Means:
    """The store, the locks between processes, the company's keys, the departures file, whom to tell, the company's
    time zone, how other nodes hear of what was committed here, and where photos are kept, beside the departures file.
    """

    store: Store
    locks: HandOver
    keys: CompanyKeys
    file: DeparturesFile
    announcer: Announcer
    sources: Sources = REAL
    zone: str = DEFAULT_ZONE
    bell: Bell = field(default_factory=NoBell)

    async def close(self) -> None:
        """Let go of everything that is open; whoever wrote and did not tell the other nodes yet does so first."""
        if self.store.commits:
            with suppress(BellError):
                await self.bell.ring()
        await self.bell.close()
        await self.locks.close()
        await self.store.close()

    @property
    def photos(self) -> PhotoFiles:
        """Photos' files."""
        return PhotoFiles(self.file.path.parent / "photos")


def means_of(settings: Settings, sources: Sources = REAL) -> Means:
    """The means of the deployment that the settings name; no connection is opened yet. Raises KeyFileError."""
    keys = load_keys(settings.keys)
    file = DeparturesFile(settings.departures, keys)
    store = Store(settings.database)
    locks = FileLocks(settings.locks) if store.is_sqlite else SessionLocks(store.url)
    return Means(store, locks, keys, file, Announcer(), sources, settings.time_zone, _bell(settings, store))


def _bell(settings: Settings, store: Store) -> Bell:
    node = REAL.random(8).hex()
    if store.is_sqlite:
        return NoBell()
    return RedisBell(settings.broker_url, node) if settings.broker_url else PostgresBell(store.url, node)

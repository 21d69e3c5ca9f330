"""What every route is given: put together once when the application is built, and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.x509 import Certificate

from server.departure.channels import Channel
from server.exchange.means import Means
from server.identity.admission import Desk
from server.identity.keys import CompanyKeys
from server.identity.locks import HandOver
from server.live.announce import Announcer
from server.live.wake import Waker
from server.logs import Logger
from server.master.photos import PhotoFiles
from server.master.store import Store
from server.ports import Sources
from server.routes.budget import Budget, Room
from server.routes.gate import Gate
from server.routes.meters import Meters
from server.settings import Settings

__all__ = ["Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """The store and the keys, who admits, what an exchange takes, who is told, what is counted.

    `channels` are the ways out by which a manager hears of something, by name. `roots` are the authorities whose
    attestations of device keys are believed. `budget` is each device's; `strangers` that of an address that asks
    without a device, as in enrolling; `unsigned` that of requests that were not rightly signed. `operations` is the
    token of whoever watches the server.
    """

    settings: Settings
    store: Store
    keys: CompanyKeys
    sources: Sources
    announcer: Announcer
    waker: Waker
    channels: Mapping[str, Channel]
    locks: HandOver
    desk: Desk
    roots: tuple[Certificate, ...]
    exchange: Means
    photos: PhotoFiles
    budget: Budget
    strangers: Budget
    unsigned: Budget
    syncs: Gate
    room: Room
    meters: Meters
    operations: str
    log: Logger

"""What a replica is opened with: the address that its directory holds, and everything impure."""

from __future__ import annotations

from pathlib import Path

from client_sdk.clock import SystemClock
from client_sdk.device import readable
from client_sdk.entropy import SystemRandom
from client_sdk.errors import NotEnrolled
from client_sdk.keys import Keys
from client_sdk.keystore import FileKeyStore
from client_sdk.places import Places, Ports
from client_sdk.ports import Clock, KeyStore, Random, Surroundings, Transport
from client_sdk.storage.disk import Disk
from client_sdk.surroundings import Unlimited
from client_sdk.transport import HttpTransport

__all__ = ["address_of", "ports_of"]


def address_of(directory: Path, disk: Disk) -> str:
    """Where the replica in a directory syncs to. Raises NotEnrolled, ReplicaCorrupt (`keys.db`)."""
    places = Places(directory)
    if not places.keys.exists():
        raise NotEnrolled(directory.name)
    with readable("keys.db"):
        keys = Keys(places.keys, disk)
    try:
        enrolment = keys.enrolment
    finally:
        keys.close()
    if enrolment is None:
        raise NotEnrolled(directory.name)
    return enrolment.url


def ports_of(  # noqa: PLR0913  # one for each
    directory: Path,
    url: str,
    *,
    keystore: KeyStore | None,
    transport: Transport | None,
    clock: Clock | None,
    random: Random | None,
    surroundings: Surroundings | None,
    disk: Disk | None,
) -> Ports:
    """What was given, and the real ones for what was not."""
    used = disk or Disk()
    return Ports(
        clock=clock or SystemClock(),
        random=random or SystemRandom(),
        keystore=keystore or FileKeyStore(Places(directory).keystore, used),
        transport=transport or HttpTransport(url),
        surroundings=surroundings or Unlimited(),
        disk=used,
    )

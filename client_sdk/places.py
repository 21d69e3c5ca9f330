"""Where the files of a replica stand, and what the SDK was given from outside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from client_sdk.ports import Clock, KeyStore, Random, Surroundings, Transport
from client_sdk.storage.disk import Disk

__all__ = ["Places", "Ports"]


@dataclass(frozen=True, slots=True)
class Places:
    """The files in the directory of one replica."""

    directory: Path

    @property
    def keys(self) -> Path:
        """Enrolment, pinned keys, state, wrapped data key. Plain."""
        return self.directory / "keys.db"

    @property
    def replica(self) -> Path:
        """The archive. Encrypted under the data key."""
        return self.directory / "replica.db"

    @property
    def outbox(self) -> Path:
        """What is pending. Plain, each row sealed by itself."""
        return self.directory / "outbox.db"

    @property
    def photos(self) -> Path:
        """One file for each photo, sealed."""
        return self.directory / "photos"

    @property
    def keystore(self) -> Path:
        """The default key store."""
        return self.directory / "keystore"


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything impure."""

    clock: Clock
    random: Random
    keystore: KeyStore
    transport: Transport
    surroundings: Surroundings
    disk: Disk

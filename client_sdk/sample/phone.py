"""The phone behind the screens: the replica in a folder, syncing in the background, and where the phone is."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from threading import Lock

from client_sdk import Clock, NotEnrolled, Position, Replica
from client_sdk.platforms.here import ports

__all__ = ["Phone"]


class Phone:
    """One phone. `replica` is None until somebody enrolled. Key store, clock and surroundings are the platform's.

    A desk has no receiver for positions: `here` is where an option or a tap on the map put it, to begin with at the
    first outlet. On a phone this is the one place that asks the platform (docs/phones.md).
    """

    def __init__(self, folder: Path, *, clock: Clock | None = None, here: Position | None = None) -> None:
        self.replica: Replica | None = None
        self._here = here
        self._folder = folder
        self._brought = ports(folder)
        if clock is not None:
            self._brought["clock"] = clock
        self._live = ExitStack()
        self._turns = Lock()

    def open(self) -> None:
        """Go on with the replica that is on this phone, if there is one."""
        try:
            self._begin(Replica.open(self._folder, **self._brought))
        except NotEnrolled:
            return

    def enrol(self, code: str, url: str) -> None:
        """Enrol with what a QR code says, or with a typed code and the server's address, unless another window did
        meanwhile. Raises EnrolmentRefused, NoNetwork.
        """
        with self._turns:
            if self.replica is None:
                self._begin(Replica.enrol(url, code=code, directory=self._folder, **self._brought))

    @property
    def here(self) -> Position | None:
        """Where the phone is."""
        if self._here is None and self.replica is not None:
            first = self.replica.outlets.list(size=1)
            self._here = first[0].position if first else None
        return self._here

    @here.setter
    def here(self, position: Position) -> None:
        self._here = position

    def close(self) -> None:
        """Let go of the replica."""
        self._live.close()
        if self.replica is not None:
            self.replica.close()
            self.replica = None

    def _begin(self, replica: Replica) -> None:
        self.replica = replica
        self._live.enter_context(replica.live())

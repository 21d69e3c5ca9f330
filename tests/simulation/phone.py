"""One phone of the world: a disk that stays, a clock that anybody may set, processes that die between two acts."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from client_sdk.keys import LeaseTerms
from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from tests.simulation.loop import StillLoop
from tests.simulation.network import Network

__all__ = ["Phone", "PhoneDied", "Promise"]

_HEAD_BYTES = 20
"""A row's own tag and id, by which it is found, are in columns of their own as well."""
_URL = "http://world"
_HOURS = timezone(timedelta(hours=8))


class PhoneDied(BaseException):
    """The phone's process is gone, wherever it was."""


class Promise(msgspec.Struct, frozen=True):
    """Work that a call returned for: its mark stands in the fields, so that it is found wherever it has gone. `field`
    is what an edit wrote, `at` the world's time.
    """

    mark: str
    collection: str
    record: UUID
    field: str = ""
    at: int = 0


class PhoneClock:
    """A clock that is wrong by as much as somebody set it, and begins again when the phone does."""

    def __init__(self, loop: StillLoop) -> None:
        self._loop = loop
        self._began = loop.now_ms
        self._runs = 1
        self.ahead_ms = 0

    def wall(self) -> int:
        """The date on the screen."""
        return self._loop.now_ms + self.ahead_ms

    def elapsed(self) -> int:
        """Since power-on."""
        return self._loop.now_ms - self._began

    def boot(self) -> str:
        """The run since power-on."""
        return f"run-{self._runs}"

    def reboot(self) -> None:
        """Power off and on."""
        self._runs += 1
        self._began = self._loop.now_ms

    def day_of(self, ms: int) -> str:
        """The day in China."""
        return datetime.fromtimestamp(ms / 1000, UTC).astimezone(_HOURS).date().isoformat()


class _Drawn:
    def __init__(self, random: Random) -> None:
        self._random = random

    def bytes(self, count: int) -> bytes:
        """Randomness of the seed."""
        return self._random.randbytes(count)


class Phone:
    """A phone of `staff`, in a directory. `promised` is the work that calls on it returned for, oldest first.

    `is_copied`: another phone has the same keys, so the two of them may have been suspended. `is_forgotten`: the server
    was restored to a time before it knew this phone. `ended` is how the last sync did, `put_back_at` when a copy of it
    was put in its place. `tells_time`: its clock has run on all the while and nothing of its came late, so that the
    server can know when its work was done.
    """

    def __init__(self, directory: Path, staff: UUID, loop: StillLoop, network: Network, random: Random) -> None:
        self.directory = directory
        self.staff = staff
        self.network = network
        self.clock = PhoneClock(loop)
        self._loop = loop
        self.promised: list[Promise] = []
        self.is_copied = False
        self.is_forgotten = False
        self.ended = ""
        self.put_back_at = 0
        self.copies = 0
        self.tells_time = True
        self._random = random
        self._dies_after: int | None = None
        self._acts = 0
        self._replica: Replica | None = None

    @property
    def replica(self) -> Replica:
        """The replica, opened by the process that runs now."""
        if self._replica is None:
            self._replica = Replica.open(self.directory, disk=Disk(self._step), **self._ports())
        return self._replica

    @property
    def device(self) -> UUID:
        """The device's id."""
        return self.replica._device.enrolment.device

    def enrol(self, code: str) -> None:
        """Enrol with a code."""
        ports = self._ports()
        self._replica = Replica.enrol(_URL, code=code, directory=self.directory, disk=Disk(self._step), **ports)

    @property
    def is_suspended(self) -> bool:
        """Whether the server has found two live copies of it, and answers neither."""
        return self.is_copied and self.ended == "device_suspended"

    @property
    def lease_is_over(self) -> bool:
        """Whether its lease has run out, and its own clock, which nobody has touched, says so."""
        terms = self.replica._device.keys.get(LeaseTerms)
        is_right = self.tells_time and not self.clock.ahead_ms
        return is_right and terms is not None and terms.locks_at <= self._loop.now_ms

    def dying(self, acts: int, work: Callable[[], Any]) -> None:
        """Do some work, and die before so many acts on the disk are done; then a new process opens the disk."""
        self._dies_after, self._acts = acts, 0
        try:
            work()
        except PhoneDied:
            self._dies_after = None
            self.die()
        finally:
            self._dies_after = None

    def beside(self) -> Replica:
        """The same replica, opened by another process that runs at the same time."""
        return Replica.open(self.directory, disk=Disk(self._step), **self._ports())

    def die(self) -> None:
        """The process is gone without a word: what it had not committed never was."""
        if self._replica is not None:
            device = self._replica._device
            for one in (device._open, device._outbox):
                if one is not None:
                    one.file.close()
            device.keys.close()
        self._replica = None
        gc.collect(1)

    def spoil(self) -> str:
        """Another byte in one of the rows, and the process is gone; whose row. Raises what the SDK raises."""
        with self.replica._device.serving(is_gated=False) as replica:
            found = replica.file.run("SELECT id, record, packed FROM row WHERE packed IS NOT NULL ORDER BY record")
            if not found:
                return ""
            number, record, packed = self._random.choice(found)
            at = self._random.randrange(_HEAD_BYTES, len(packed))
            spoiled = packed[:at] + bytes([packed[at] ^ 1 << self._random.randrange(8)]) + packed[at + 1 :]
            with replica.change():
                replica.file.run("UPDATE row SET packed=? WHERE id=?", (spoiled, number))
        self.die()
        return UUID(bytes=record).hex

    def restart(self) -> None:
        """The process is gone; the next call is a new one's."""
        if self._replica is not None:
            self._replica.close()
        self._replica = None
        # A process that died while it opened its files left them open in this one.
        gc.collect(1)

    def copy(self) -> Path:
        """Take a copy of the whole directory, as a backup of the phone does."""
        self.restart()
        self.copies += 1
        place = self.directory.with_name(f"{self.directory.name}-copy-{self.copies}")
        shutil.copytree(self.directory, place)
        return place

    def cloned(self, directory: Path, network: Network) -> Phone:
        """Another phone with all that is on this one, as a thief or a careless backup makes it."""
        self.restart()
        shutil.copytree(self.directory, directory)
        other = Phone(directory, self.staff, self._loop, network, self._random)
        other.clock.ahead_ms = self.clock.ahead_ms
        self.is_copied = other.is_copied = True
        other.tells_time = False
        other.is_forgotten = self.is_forgotten
        return other

    def put_back(self, copy: Path) -> None:
        """Put a copy where the directory was."""
        self.restart()
        self.put_back_at = self._loop.now_ms
        shutil.rmtree(self.directory)
        shutil.copytree(copy, self.directory)

    def _ports(self) -> dict[str, Any]:
        return {"transport": self.network, "clock": self.clock, "random": _Drawn(self._random)}

    def _step(self, what: str) -> None:
        del what
        self._acts += 1
        if self._dies_after is not None and self._acts > self._dies_after:
            raise PhoneDied

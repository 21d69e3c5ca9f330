"""The hand-over lock: an answer with records leaves under it, shared; a cut-off takes it, alone.

One lock a device, held across all processes on this machine by `flock` on files that stay empty. A process that dies
lets go of its locks. Waiting never blocks the event loop and always has an end: the cut-off waits longer than a
sender may hold.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

__all__ = ["SEND_WITHIN_S", "HandOver", "LockTimeoutError"]

SEND_WITHIN_S = 5.0
"""A sender gives up after this many seconds, with the lock and with the answer; a cut-off waits six."""

_FIRST_PAUSE_S = 0.002
_LONGEST_PAUSE_S = 0.05


class LockTimeoutError(TimeoutError):
    """Raised where the lock on a device could not be had in time."""


class HandOver:
    """The locks whose files are in `folder`, which is made where it is missing.

    `send_within_s` is how long a sender may take, with the lock in its hands.
    """

    def __init__(self, folder: Path, send_within_s: float = SEND_WITHIN_S) -> None:
        self.send_within_s = send_within_s
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @asynccontextmanager
    async def shared(self, device: UUID, wait_s: float | None = None) -> AsyncIterator[None]:
        """Hold the device's lock with other senders. Raises LockTimeoutError after `wait_s` seconds, or after as long
        as a sender may take.
        """
        wait_s = self.send_within_s if wait_s is None else wait_s
        handle = self._open(device)
        try:
            if not await _taken(handle, fcntl.LOCK_SH, _ends_at(wait_s)):
                raise LockTimeoutError(f"the hand-over lock of {device} could not be had in {wait_s} s")
            yield
        finally:
            os.close(handle)

    @asynccontextmanager
    async def exclusive(self, devices: Iterable[UUID], wait_s: float) -> AsyncIterator[bool]:
        """Hold the locks of `devices` alone. After `wait_s` seconds it goes on with those that could be had, and
        says False: what is still being sent then was on the wire.
        """
        handles = [self._open(one) for one in sorted(set(devices))]
        ends_at = _ends_at(wait_s)
        try:
            yield all([await _taken(handle, fcntl.LOCK_EX, ends_at) for handle in handles])
        finally:
            for handle in handles:
                os.close(handle)

    def _open(self, device: UUID) -> int:
        return os.open(self._folder / f"{device.hex}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _ends_at(wait_s: float) -> float:
    return asyncio.get_running_loop().time() + wait_s


async def _taken(handle: int, kind: int, ends_at: float) -> bool:
    pause = _FIRST_PAUSE_S
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            left = ends_at - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 2, _LONGEST_PAUSE_S)
        else:
            return True

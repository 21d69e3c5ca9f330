"""The hand-over lock: an answer with records leaves under it, shared; a cut-off takes it, alone.

One lock a device. What every kind of lock has to do is said here, with the kind that holds across all processes on one
machine: `flock` on files that stay empty. Where many machines share a PostgreSQL, `session_locks` holds across them.
A process that dies lets go of its locks. Waiting never blocks the event loop and always has an end: the cut-off waits
longer than a sender may hold.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol
from uuid import UUID

__all__ = ["SEND_WITHIN_S", "Alone", "FileLocks", "HandOver", "Hold", "LockTimeoutError", "clock_s"]

SEND_WITHIN_S = 5.0
"""A sender gives up after this many seconds, with the lock and with the answer; a cut-off waits six."""

_FIRST_PAUSE_S = 0.002
_LONGEST_PAUSE_S = 0.05
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def clock_s() -> float:
    """Seconds on a clock that goes on while the machine sleeps: a sender that wakes up late has to know."""
    return time.clock_gettime(_CLOCK)


class LockTimeoutError(TimeoutError):
    """Raised where the lock on a device could not be had in time, or is not held any more."""


class Hold:
    """What a sender holds: a device's lock, until it is `ends_at` by `clock_s` and as long as `is_held` says."""

    def __init__(self, ends_at: float, is_held: Callable[[], bool] = lambda: True) -> None:
        self._ends_at = ends_at
        self._is_held = is_held

    def check(self) -> None:
        """Called right before anything is given to the network: a process that was stopped, or that lost its lock, in
        the meantime gives nothing. Raises LockTimeoutError.
        """
        if clock_s() >= self._ends_at:
            raise LockTimeoutError("the time to hand over is over")
        if not self._is_held():
            raise LockTimeoutError("the hand-over lock was lost")


class Alone:
    """What a cut-off holds. True where it has all the locks that it asked for."""

    def __init__(self, is_alone: bool, is_still: Callable[[], Awaitable[bool]] | None = None) -> None:
        self._is_alone = is_alone
        self._is_still = is_still

    def __bool__(self) -> bool:
        return self._is_alone

    async def is_still_held(self) -> bool:
        """Whether what it has was not lost in the meantime."""
        return self._is_still is None or await self._is_still()


class HandOver(Protocol):
    """The locks of all devices. `send_within_s` is how long a sender may take, with the lock in its hands."""

    send_within_s: float

    def shared(self, device: UUID, wait_s: float | None = None) -> AbstractAsyncContextManager[Hold]:
        """Hold the device's lock with other senders. Raises LockTimeoutError after `wait_s` seconds, or after as long
        as a sender may take; and TimeoutError into a block that takes longer than that with the lock in its hands.
        """
        ...

    def exclusive(self, devices: Iterable[UUID], wait_s: float) -> AbstractAsyncContextManager[Alone]:
        """Hold the locks of `devices` alone. After `wait_s` seconds it goes on with those that could be had, and
        says False: what is still being sent then was on the wire.
        """
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...


class FileLocks:
    """The locks of one machine, whose files are in `folder`, which is made where it is missing."""

    def __init__(self, folder: Path, send_within_s: float = SEND_WITHIN_S) -> None:
        self.send_within_s = send_within_s
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @asynccontextmanager
    async def shared(self, device: UUID, wait_s: float | None = None) -> AsyncIterator[Hold]:
        """See `HandOver`."""
        wait_s = self.send_within_s if wait_s is None else wait_s
        handle = self._open(device)
        try:
            if not await _taken(handle, fcntl.LOCK_SH, _ends_at(wait_s)):
                raise LockTimeoutError(f"the hand-over lock of {device} could not be had in {wait_s} s")
            async with asyncio.timeout(self.send_within_s):
                yield Hold(clock_s() + self.send_within_s)
        finally:
            os.close(handle)

    @asynccontextmanager
    async def exclusive(self, devices: Iterable[UUID], wait_s: float) -> AsyncIterator[Alone]:
        """See `HandOver`."""
        handles = [self._open(one) for one in sorted(set(devices))]
        ends_at = _ends_at(wait_s)
        try:
            yield Alone(all([await _taken(handle, fcntl.LOCK_EX, ends_at) for handle in handles]))
        finally:
            for handle in handles:
                os.close(handle)

    async def close(self) -> None:
        """Nothing is held between two uses."""

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

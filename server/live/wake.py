"""Waking a phone that holds no stream: what a push service has to be able to do, and one that does nothing.

A wake says "ask" and nothing else: no name, no reason, no data. It may be lost, and nothing depends on it but speed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

__all__ = ["NoWaker", "Waker", "Woken"]


class Woken(StrEnum):
    """What came of a wake."""

    SENT = "sent"
    GONE = "gone"
    """The push service does not know this address any more: it is of no further use."""
    FAILED = "failed"
    """Another attempt may work."""


class Waker(Protocol):
    """Wakes phones at addresses that a push service gave them."""

    @property
    def key(self) -> str:
        """The public key that a phone gives its push service when it subscribes; empty where there is none."""
        ...

    def serves(self, address: str) -> bool:
        """Whether the company wakes phones at such addresses. Nothing is ever sent to any other."""
        ...

    async def wake(self, address: str, now: int) -> Woken:
        """Wake the phone at this address; `now` is server milliseconds. Raises nothing that a network can cause."""
        ...


class NoWaker:
    """A company without a push service."""

    key = ""

    def serves(self, address: str) -> bool:
        """None."""
        del address
        return False

    async def wake(self, address: str, now: int) -> Woken:
        """Nobody is woken."""
        del address, now
        return Woken.FAILED

"""A bell that a node rings after a commit and all other nodes hear: time to look. It carries nothing else.

A ring may be lost, and nothing depends on it but speed: who hears nothing looks every two seconds all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from server.live.announce import Announcer

__all__ = ["CHANNEL", "Bell", "BellError", "NoBell", "hear_on", "ring_on"]

CHANNEL = "saojie"
_LEAST_PAUSE_S = 0.02
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 15.0

Failed = Callable[[Exception], None]


class BellError(Exception):
    """Raised where the bell could not be rung or is heard no more."""


class Bell(Protocol):
    """Rings, and hears other nodes ring."""

    async def ring(self) -> None:
        """Tell all other nodes that it is time to look. Raises BellError."""
        ...

    async def hear(self, heard: Callable[[], None]) -> None:
        """Call `heard` once as soon as nothing is missed any more, and then for every ring of another node. Ends by
        being cancelled, or raises BellError.
        """
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...


class NoBell:
    """For a store that nobody else is told about: an SQLite file says by itself that it has changed."""

    async def ring(self) -> None:
        """Nobody is there to hear it."""

    async def hear(self, heard: Callable[[], None]) -> None:
        """Nothing, for ever."""
        del heard
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is held."""


async def ring_on(announcer: Announcer, bell: Bell, failed: Failed) -> None:
    """Ring for what is announced here, until cancelled; all that is announced within 20 ms is one ring."""
    while True:
        await announcer.untold.wait()
        announcer.untold.clear()
        try:
            await bell.ring()
        except BellError as error:
            failed(error)
        await asyncio.sleep(_LEAST_PAUSE_S)


async def hear_on(announcer: Announcer, bell: Bell, failed: Failed, drawn: Callable[[], float]) -> None:
    """Look whenever another node rings, until cancelled. Where the bell is heard no more, it is listened for again
    after a pause that grows and is drawn by `drawn` (from 0 to 1), and looked once for what was missed.
    """
    pause = _FIRST_PAUSE_S
    is_heard = False

    def heard() -> None:
        nonlocal is_heard
        is_heard = True
        announcer.heard()

    while True:
        is_heard = False
        try:
            await bell.hear(heard)
        except BellError as error:
            failed(error)
        pause = _FIRST_PAUSE_S if is_heard else min(pause * 2, _LONGEST_PAUSE_S)
        await asyncio.sleep(pause * (0.5 + drawn()))

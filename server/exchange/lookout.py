"""When the rules look at what a push brought: before its answer where that is a day's work, and otherwise as soon as
large pushes pause, so that a fleet which comes back at once does not wait for its own judgement.
"""

from __future__ import annotations

import asyncio

__all__ = ["A_DAYS_WORK", "Lookout"]

A_DAYS_WORK = 64
"""So many operations are looked at before their answer."""
_PAUSE_S = 0.25
_MOST_PAUSES = 20


class Lookout:
    """Tells whoever lets the rules look that large pushes have brought something."""

    def __init__(self) -> None:
        self._told = asyncio.Event()

    def tell(self) -> None:
        """Something was brought whose answer does not wait for the rules."""
        self._told.set()

    async def paused(self) -> None:
        """Wait until something was brought and then nothing more for a moment, or until that has lasted long."""
        await self._told.wait()
        for _ in range(_MOST_PAUSES):
            if not self._told.is_set():
                return
            self._told.clear()
            await asyncio.sleep(_PAUSE_S)

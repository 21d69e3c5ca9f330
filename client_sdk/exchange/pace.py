"""How large a page this phone asks for: a large one where the network has shown that it is quick, a small one again as
soon as an answer was slow or did not come. What is short shows nothing.
"""

from __future__ import annotations

__all__ = ["MOST", "Pace"]

MOST = 4
_SHOWING = 65_536
"""Bytes of an answer that is long enough to show how quick the network is."""
_QUICK_MS, _SLOW_MS = 1_000, 4_000


class Pace:
    """`times` as much as the smallest page is what the next one may be."""

    def __init__(self) -> None:
        self.times = 1

    def came(self, size: int, ms: int) -> None:
        """An answer of so many bytes was there so many milliseconds after it was asked for."""
        if ms > _SLOW_MS:
            self.times = 1
        elif size >= _SHOWING and ms <= _QUICK_MS:
            self.times = min(MOST, 2 * self.times)

    def broke(self) -> None:
        """No answer came, or not all of one."""
        self.times = 1

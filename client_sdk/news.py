"""Word that something was committed, from whoever commits to the one thread that watches.

Telling never waits and, where nobody listens, costs one look at a flag.
"""

from __future__ import annotations

import threading

__all__ = ["News"]


class News:
    """One bell for one listener. However often it is rung before the listener looks, it is heard once."""

    def __init__(self) -> None:
        self._is_news = False
        self._bell = threading.Event()

    def tell(self) -> None:
        """Say that an answer may be another from now on: called after the commit, from any thread."""
        if not self._is_news:
            self._is_news = True
            self._bell.set()

    def wake(self) -> None:
        """Have the listener look up, though nothing has happened."""
        self._bell.set()

    def wait(self, seconds: float) -> bool:
        """Wait for word, at most so long; whether there is news. That nothing was heard for so long is news as well:
        time has passed. What is told from now on is heard by the next wait.
        """
        has_rung = self._bell.wait(seconds)
        # The bell first: who rings in between is heard now, or by the next wait, and never by neither. What is taken
        # down is only news that was seen: news that came after the look stays up.
        self._bell.clear()
        if not self._is_news:
            return not has_rung
        self._is_news = False
        return True

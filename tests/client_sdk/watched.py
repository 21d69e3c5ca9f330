"""What tests of watches hear with."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from client_sdk.replica import Replica
from tests.client_sdk.test_worker import PATIENCE_S

__all__ = ["Counted", "Heard", "names"]


class Heard:
    """What a watch told, in order; errors among it."""

    def __init__(self) -> None:
        self._all: SimpleQueue[Any] = SimpleQueue()

    def __call__(self, answer: Any) -> None:
        """Hear an answer or an error."""
        self._all.put(answer)

    def next(self) -> Any:
        """The next that is told, waited for."""
        return self._all.get(timeout=PATIENCE_S)

    def until(self, answer: Any) -> None:
        """Hear on until it is this."""
        while self.next() != answer:
            pass

    def nothing(self) -> bool:
        """Whether nothing more was told."""
        try:
            self._all.get_nowait()
        except Empty:
            return True
        return False


class Counted:
    """A query that says how often it was run."""

    def __init__(self, query: Callable[[], Any]) -> None:
        self._query = query
        self.times = 0

    def __call__(self) -> Any:
        """Run it."""
        found = self._query()
        self.times += 1
        return found


def names(replica: Replica) -> list[str]:
    """The outlets by name."""
    return sorted(one.name for one in replica.outlets.list())

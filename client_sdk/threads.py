"""Which thread may do what: the gate that every call passes, and the threads on which nothing may be waited for.

The gate lets one thread in at a time, nobody after `close`, and nobody in a process that was forked: what that holds
is a copy of another process's connections, and using it, or even closing it, can damage the files.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from client_sdk.errors import ReplicaClosed, WrongThread

__all__ = ["Gate", "Threads", "hand_to_hook"]


class Gate:
    """A lock that a thread may take again while it has it. Entering raises ReplicaClosed after `close`, and in a
    process that was forked.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._is_closed = False

    @property
    def is_over(self) -> bool:
        """Whether nobody is let in any more: after `close`, or in a process that was forked."""
        return self._is_closed or self._is_forked

    def close(self) -> None:
        """Let nobody in any more. Whoever calls is inside."""
        self._is_closed = True

    def __enter__(self) -> bool:
        # Before anything is waited for: the lock of a forked process may be held by a thread that it does not have.
        if self._is_forked:
            raise ReplicaClosed("replica_forked")
        self._lock.acquire()
        if self._is_closed:
            self._lock.release()
            raise ReplicaClosed
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    @property
    def _is_forked(self) -> bool:
        return os.getpid() != self._process


class Threads:
    """The threads of one replica. `screen` is the one that draws what the person sees (`threading.get_ident()`)."""

    def __init__(self, screen: int | None = None) -> None:
        self._screen = screen
        self._mine = threading.local()

    @contextmanager
    def telling(self) -> Iterator[None]:
        """What runs inside is the application's, on a thread of the SDK's own, which must not wait for itself. What it
        raises ends nothing: it goes where what a thread raises goes.
        """
        with self._doing("own_thread"):
            try:
                yield
            except BaseException as error:  # noqa: BLE001  # as on a thread of the application's own
                hand_to_hook(error)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """What runs inside is a watched query, which is run again and again: it only reads."""
        with self._doing("query_thread"):
            yield

    def check_network(self) -> None:
        """Before a call that waits for a network. Raises WrongThread."""
        if self._screen == threading.get_ident():
            raise WrongThread("screen_thread")
        self.check_waiting()

    def check_waiting(self) -> None:
        """Before a call that waits for a thread of the SDK's own. Raises WrongThread."""
        if self._now:
            raise WrongThread(self._now)

    def check_recording(self) -> None:
        """Before anything is recorded, and before an opening is counted. Raises WrongThread."""
        if self._now == "query_thread":
            raise WrongThread("query_thread")

    @property
    def _now(self) -> str:
        return getattr(self._mine, "now", "")

    @contextmanager
    def _doing(self, what: str) -> Iterator[None]:
        before, self._mine.now = self._now, what
        try:
            yield
        finally:
            self._mine.now = before


def hand_to_hook(error: BaseException) -> None:
    """Have `threading.excepthook` hear an error of the application's own; not that the replica was closed meanwhile."""
    if not isinstance(error, ReplicaClosed):
        threading.excepthook(
            threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
        )

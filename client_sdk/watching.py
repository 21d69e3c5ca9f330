"""Watching: a query of the replica is run again after each commit, and its answer is told when it is another one.

One thread runs the queries of all watches of a replica, one after the other. Commits only ring a bell: none of them
waits, however many there are before the thread looks they are one run, and the last state is always told. A lease that
lapses by time alone is waited for. Once a minute the queries are run though nobody rang: a day begins, another process
commits, and "5 minutes ago" is six.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from client_sdk.device import Device
from client_sdk.errors import ReplicaClosed, SaojieError
from client_sdk.keys import LeaseTerms
from client_sdk.storage.driver import Damaged
from client_sdk.threads import hand_to_hook
from client_sdk.timekeeping import Anchor, proved, reckoned
from sync.machine import State

__all__ = ["Failed", "Query", "Through", "Watch", "Watches"]

T = TypeVar("T")
Query = Callable[[], T]
Failed = Callable[[SaojieError], object]
Through = Callable[[Callable[[], None]], object]
"""Takes a call to the thread on which the application wants it, and returns at once."""

LOOK_S = 60.0
"""So long at most between two looks. A phone that sleeps stops whoever waits: what time brings is late by so much at
most when it wakes.
"""
_SOONEST_S = 0.25
"""A lock that is due and cannot be stored is tried again after so long."""
_LONGEST_REST_S = 1.0
_END_S = 2.0
"""Nobody waits longer for the thread to end: what is told may wait for whoever waits here."""


class Watch:
    """A query that is watched, until `stop` or the end of a `with` block."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop

    def stop(self) -> None:
        """Watch no longer; may be called from within `told`, from any thread, and again. A call of `told` that is
        running on another thread goes on; whoever stops on the thread on which `told` is called hears nothing more.
        """
        self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Watched(Generic[T]):
    """One query that is watched, what was last seen of it, and the call that is on its way to the application."""

    def __init__(
        self,
        device: Device,
        query: Query[T],
        told: Callable[[T], object],
        failed: Failed | None,
        through: Through | None,
    ) -> None:
        self._device = device
        self._query, self._told, self._failed, self._through = query, told, failed, through
        self._lock = threading.Lock()
        self._seen: object = None
        self._waiting: Callable[[], object] | None = None
        self.is_new = True
        self.is_stopped = False

    def stop(self) -> None:
        """Tell nothing more."""
        with self._lock:
            self.is_stopped, self._waiting = True, None
        self._device.news.wake()

    def look(self) -> None:
        """Run the query, and have its answer told, or what hindered it, where that is another than before. Raises
        ReplicaClosed, and whatever else the application's own calls raise.
        """
        self.is_new = False
        try:
            with self._device.threads.asking():
                answer = self._query()
        except ReplicaClosed:
            raise
        except SaojieError as error:
            self._came((type(error), dict(vars(error))), partial(self._failed or _nothing, error))
        else:
            self._came(("answer", _kept(answer)), partial(self._told, answer))

    def _came(self, seen: object, call: Callable[[], object]) -> None:
        if seen == self._seen:
            return
        self._seen = seen
        with self._lock:
            if self.is_stopped:
                return
            is_on_its_way, self._waiting = self._waiting is not None, call
        if self._through is None:
            with self._device.threads.telling():
                self._deliver()
        elif not is_on_its_way:
            self._hand_over(self._through)

    def _hand_over(self, through: Through) -> None:
        """Where the application's loop takes nothing, the answer is told with the next change."""
        try:
            through(self._deliver)
        except BaseException:
            with self._lock:
                self._seen, self._waiting = None, None
            raise

    def _deliver(self) -> None:
        """Tell the newest; what came between is passed over."""
        with self._lock:
            call, self._waiting = self._waiting, None
        if call is not None:
            call()


class Watches:
    """The watches of one replica, and the thread that runs them: begun with the first, ended with the last."""

    def __init__(self, device: Device, look_s: float = LOOK_S) -> None:
        self._device = device
        self._look_s = look_s
        self._lock = threading.Lock()
        self._watches: list[_Watched[Any]] = []
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    def add(
        self,
        query: Query[T],
        told: Callable[[T], object],
        failed: Failed | None = None,
        through: Through | None = None,
    ) -> Watch:
        """Begin to watch. Raises ReplicaClosed."""
        watch = _Watched(self._device, query, told, failed, through)
        with self._device.lock, self._lock:
            self._watches.append(watch)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="saojie-watch", daemon=True)
                self._thread.start()
        self._device.news.wake()
        return Watch(watch.stop)

    def stop(self) -> None:
        """Stop all of them, for good, and wait for the thread."""
        with self._lock:
            thread, watches = self._thread, list(self._watches)
        self._ending.set()
        for watch in watches:
            watch.stop()
        if thread is not None:
            thread.join(_END_S)

    def _work(self) -> None:
        clock = self._device.ports.clock
        while True:
            is_news = self._device.news.wait(self._patience_s())
            watches = self._standing()
            if not watches:
                return
            began = clock.elapsed()
            for watch in watches:
                if watch.is_new or is_news:
                    _look(watch)
            # As long as it worked: a phone with much to tell has half of its time for everything else.
            self._ending.wait(min((clock.elapsed() - began) / 1000, _LONGEST_REST_S))

    def _standing(self) -> list[_Watched[Any]]:
        """The watches that were not stopped; where there are none, the thread ends."""
        with self._lock:
            self._watches = [one for one in self._watches if not one.is_stopped]
            if not self._watches:
                self._thread = None
            return list(self._watches)

    def _patience_s(self) -> float:
        """How long nothing happens by time alone."""
        with suppress(SaojieError, Damaged):
            until = _until_lapse(self._device)
            return self._look_s if until is None else min(self._look_s, max(_SOONEST_S, until / 1000))
        return self._look_s


def _until_lapse(device: Device) -> int | None:
    """In how many milliseconds a lease locks, or a lock erases; None where neither is to come."""
    with device.lock:
        anchor, terms, state = device.keys.get(Anchor), device.keys.get(LeaseTerms), device.keys.state
        if anchor is None or terms is None or state not in {State.OPEN, State.LOCKED}:
            return None
        if state is State.OPEN:
            return terms.locks_at - reckoned(anchor, device.ports.clock)
        return terms.locks_at + terms.erases_after - proved(anchor, device.ports.clock)


def _look(watch: _Watched[Any]) -> None:
    """Whatever a query raises ends no other watch."""
    try:
        watch.look()
    except ReplicaClosed:
        watch.stop()
    except BaseException as error:  # noqa: BLE001  # the application's own, as on a thread of its own
        hand_to_hook(error)


def _kept(answer: Any) -> Any:
    """The answer as it is now: what is told is the application's to change."""
    return answer.copy() if isinstance(answer, list | dict | set) else answer


def _nothing(_error: SaojieError) -> None:
    """Nobody asked to hear it."""

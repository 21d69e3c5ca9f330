"""How things went on this phone: the last syncs, and errors by their codes. Codes, times and counts, nothing else.

Kept in `keys.db`, so that it is told in every state. What is dull (a sync that brought nothing) waits in memory until
something else is to be written: it costs no write of its own, and is lost with a kill.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import msgspec

from client_sdk.errors import SaojieError
from client_sdk.keys import Keys
from client_sdk.storage.driver import Damaged
from sync.diagnostics import MOST_SYNCS, SyncNote

__all__ = ["Course", "Courses"]

_MOST_CODES = 100
_MOST = 1 << 53


class Course(msgspec.Struct, array_like=True, frozen=True):
    """The last syncs, the newest last, and how often calls and syncs ended with which code."""

    syncs: tuple[SyncNote, ...] = ()
    met: dict[str, int] = {}

    def with_more(self, syncs: tuple[SyncNote, ...], met: Mapping[str, int]) -> Course:
        """This, and what went on since."""
        counts = dict(self.met)
        for code, count in met.items():
            if code in counts or len(counts) < _MOST_CODES:
                counts[code] = min(counts.get(code, 0) + count, _MOST)
        return Course((*self.syncs, *syncs)[-MOST_SYNCS:], counts)


class Courses:
    """What went on, as stored and since. Used with the device's lock held."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._syncs: list[SyncNote] = []
        self._met: dict[str, int] = {}

    def count(self, code: str) -> None:
        """A call ended with this code."""
        self._met[code] = self._met.get(code, 0) + 1

    def note(self, sync: SyncNote, *, is_dull: bool) -> None:
        """A sync ended. Nothing that hinders the writing is told: the sync itself went as it went."""
        self._syncs = [*self._syncs, sync][-MOST_SYNCS:]
        if sync.ended != "done":
            self.count(sync.ended)
        if not is_dull:
            self.store()

    def so_far(self) -> Course:
        """All that is known of it."""
        return (self._keys.get(Course) or Course()).with_more(tuple(self._syncs), self._met)

    def store(self) -> None:
        """Keep what went on since it was kept last."""
        if self._syncs or self._met:
            with suppress(SaojieError, Damaged):
                self._keys.put(self.so_far(), durable=False)
                self._syncs, self._met = [], {}

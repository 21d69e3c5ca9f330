"""Streams, and telling them. Nothing in here waits for a device: words to one stream that mean the same become one.

A stream knows the marks of the scopes that its device had last (`seen`); a word is owed where a mark moved, a scope
came or a scope went. Who announces only says that it is time to look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

__all__ = ["Announcer", "Sight", "Stream", "Word"]

Word = tuple[str, str]
"""One event of a stream: its name (changed, order, bye) and its data (a scope's name, a signed order, or nothing)."""

BYE: Word = ("bye", "")
ORDER: Word = ("order", "")
STREAMS_OF_A_DEVICE = 2


@dataclass(frozen=True, slots=True)
class Sight:
    """What a device can see right now: marks by scope, each rising with every change of its scope.

    `is_over` is set where the device may have no stream any more, `is_ordered` where an order waits for it; `orders`
    are the orders themselves, encoded and signed, in hexadecimal.
    """

    marks: Mapping[str, int]
    is_over: bool = False
    is_ordered: bool = False
    orders: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class Stream:
    """One device's open stream. Words wait in order, each at most once."""

    device: UUID
    seen: dict[str, int]
    waiting: dict[Word, None] = field(default_factory=dict)
    is_ending: bool = False
    told_orders: set[str] = field(default_factory=set)
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self, sight: Sight) -> None:
        """Owe the words that tell the difference between what was seen last and `sight`."""
        came_or_moved = {name for name, mark in sight.marks.items() if self.seen.get(name) != mark}
        for name in sorted(came_or_moved | (self.seen.keys() - sight.marks.keys())):
            self._owe(("changed", name))
        self.seen = dict(sight.marks)
        for signed in sight.orders:
            self.order(signed)
        if sight.is_ordered and not self.told_orders:
            self.order()
        if sight.is_over:
            self.end()

    def order(self, signed: str = "") -> None:
        """Owe an order, or the word that one waits; each once."""
        if signed not in self.told_orders:
            self.told_orders.add(signed)
            self._owe((ORDER[0], signed))

    def end(self) -> None:
        """Owe the last word."""
        self.is_ending = True
        self._owe(BYE)

    def _owe(self, word: Word) -> None:
        self.waiting[word] = None
        self._rung.set()

    async def words(self, wait_s: float) -> list[Word]:
        """The words that are owed, waiting for one up to `wait_s` seconds; none where nothing happened."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), wait_s)
        self._rung.clear()
        words, self.waiting = list(self.waiting), {}
        return words


class Announcer:
    """The open streams of this process. In a process without streams, such as a command, announcing does nothing."""

    def __init__(self) -> None:
        self._streams: dict[UUID, list[Stream]] = {}
        self.is_ending = False
        self.opened = asyncio.Event()
        self.looked_for = asyncio.Event()
        self.untold = asyncio.Event()

    def __len__(self) -> int:
        return sum(map(len, self._streams.values()))

    @property
    def devices(self) -> tuple[UUID, ...]:
        """The devices with a stream."""
        return tuple(self._streams)

    def open(self, device: UUID, seen: Mapping[str, int]) -> Stream:
        """A new stream of a device that has seen these marks. The device's oldest ends where it has too many."""
        streams = self._streams.setdefault(device, [])
        for old in streams[: len(streams) + 1 - STREAMS_OF_A_DEVICE]:
            old.end()
        stream = Stream(device, dict(seen))
        streams.append(stream)
        if self.is_ending:
            stream.end()
        self.opened.set()
        return stream

    def close(self, stream: Stream) -> None:
        """Forget a stream."""
        streams = self._streams.get(stream.device, [])
        if stream in streams:
            streams.remove(stream)
        if not streams:
            self._streams.pop(stream.device, None)
        if not self._streams:
            self.opened.clear()

    def announce(self, scopes: Iterable[str]) -> None:
        """Something was committed in `scopes`: time to look, and to tell other nodes."""
        if any(True for _ in scopes):
            self.untold.set()
            self.heard()

    def heard(self) -> None:
        """Something was committed somewhere: time to look."""
        if self._streams:
            self.looked_for.set()

    def announce_orders(self, devices: Iterable[UUID]) -> None:
        """An order was committed for each of `devices`: their streams are told at once."""
        for device in devices:
            for stream in self._streams.get(device, ()):
                stream.order()
        self.untold.set()
        self.heard()

    def look(self, sights: Mapping[UUID, Sight]) -> None:
        """Compare every stream with what its device can see now."""
        for device, sight in sights.items():
            for stream in self._streams.get(device, ()):
                stream.look(sight)

    def end(self) -> None:
        """End all streams, and every one that is opened from now on."""
        self.is_ending = True
        for streams in self._streams.values():
            for stream in streams:
                stream.end()

"""Streams, and telling them. Nothing in here waits for a device: words to one stream that mean the same become one.

A stream knows the marks of the scopes that its device had last (`seen`); a word is owed where a mark moved, a scope
came or a scope went. Who announces only says that it is time to look, and at which scopes.

While a device is asking, its answer tells it what changed: its stream waits with such words until the answer is
handed over, and owes those alone that the answer did not hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

__all__ = ["Announcer", "Sight", "Stream", "Word"]

Word = tuple[str, str]
"""One event of a stream: its name (changed, order, bye) and its data (a scope's name, a signed order, or nothing)."""

BYE: Word = ("bye", "")
ORDER: Word = ("order", "")
_CHANGED = "changed"
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
    asking: int = 0
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self, sight: Sight) -> None:
        """Owe the words that tell the difference between what was seen last and `sight`."""
        if sight.marks != self.seen:
            came_or_moved = {name for name, mark in sight.marks.items() if self.seen.get(name) != mark}
            for name in sorted(came_or_moved | (self.seen.keys() - sight.marks.keys())):
                self._owe((_CHANGED, name))
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

    def answered(self, marks: Mapping[str, int]) -> None:
        """The device has been given all that its scopes held up to these marks: nothing of that is owed."""
        for name, mark in marks.items():
            if name in self.seen and self.seen[name] <= mark:
                self.seen[name] = mark
                self.waiting.pop((_CHANGED, name), None)

    def end(self) -> None:
        """Owe the last word."""
        self.is_ending = True
        self._owe(BYE)

    def ring(self) -> None:
        """Say what waits, unless an answer that is on its way may say it."""
        if self.waiting and not (self.asking and all(name == _CHANGED for name, _ in self.waiting)):
            self._rung.set()

    def _owe(self, word: Word) -> None:
        self.waiting[word] = None
        self.ring()

    async def words(self, wait_s: float) -> list[Word]:
        """The words that are owed, waiting for one up to `wait_s` seconds; none where nothing happened."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), wait_s)
        self._rung.clear()
        words, self.waiting = list(self.waiting), {}
        return words


class Announcer:
    """The open streams of this process. In a process without streams, such as a command, announcing does nothing.

    `looks` counts how often it was taken what to look at, `rings` how often something was heard from elsewhere;
    `is_all_due` says that all devices are to be looked at.
    """

    def __init__(self) -> None:
        self._streams: dict[UUID, list[Stream]] = {}
        self.is_ending = False
        self.opened = asyncio.Event()
        self.looked_for = asyncio.Event()
        self.untold = asyncio.Event()
        self.looks = self.rings = 0
        self.is_all_due = False
        self._due_scopes: set[str] = set()
        self._due_devices: set[UUID] = set()

    def __len__(self) -> int:
        return sum(map(len, self._streams.values()))

    @property
    def devices(self) -> tuple[UUID, ...]:
        """The devices with a stream."""
        return tuple(self._streams)

    @property
    def is_any_due(self) -> bool:
        """Whether something was announced by name that was not looked at yet."""
        return bool(self._due_scopes or self._due_devices)

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
            self.take_due(whole=True)

    @contextmanager
    def asking(self, device: UUID) -> Iterator[None]:
        """While the block runs, an answer to this device is on its way."""
        streams = tuple(self._streams.get(device, ()))
        for stream in streams:
            stream.asking += 1
        try:
            yield
        finally:
            for stream in streams:
                stream.asking -= 1
                stream.ring()

    def answered(self, device: UUID, marks: Mapping[str, int]) -> None:
        """A device was given all that its scopes held up to these marks."""
        for stream in self._streams.get(device, ()):
            stream.answered(marks)

    def announce(self, scopes: Iterable[str]) -> None:
        """Something was committed in `scopes`: time to look at who has them, and to tell other nodes."""
        names = set(scopes)
        if names:
            self.untold.set()
            self.moved(names)

    def moved(self, scopes: Iterable[str]) -> None:
        """Scopes were seen to have changed, by whomever: time to look at who has them."""
        self._due_scopes.update(scopes)
        if self._due_scopes:
            self._rouse()

    def heard(self) -> None:
        """Something was committed somewhere: time to look at all."""
        self.is_all_due = True
        self.rings += 1
        self._rouse()

    def announce_orders(self, devices: Iterable[UUID]) -> None:
        """An order was committed for each of `devices`: their streams are told at once."""
        named = set(devices)
        for device in named:
            for stream in self._streams.get(device, ()):
                stream.order()
        self.untold.set()
        self._due_devices |= named
        self._rouse()

    def look_at(self, device: UUID) -> None:
        """Time to look at one device."""
        self._due_devices.add(device)
        self._rouse()

    def take_due(self, *, whole: bool) -> tuple[UUID, ...]:
        """The devices to look at now: those that something was announced for, or all of them."""
        scopes, devices = self._due_scopes, self._due_devices
        self._due_scopes, self._due_devices = set(), set()
        self.looked_for.clear()
        self.looks += 1
        if whole:
            self.is_all_due = False
            return tuple(self._streams)
        return tuple(
            device
            for device, streams in self._streams.items()
            if device in devices or not all(scopes.isdisjoint(one.seen) for one in streams)
        )

    def _rouse(self) -> None:
        if self._streams:
            self.looked_for.set()
        else:
            self.take_due(whole=True)

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

"""This phone: its files, its keys, its time. The one place that opens the replica, and only where the state allows it.

Every call asks here first. The state stands in `keys.db` and is read each time, so what one process stored (an order, a
lock) holds for every process from that moment on. Nothing here speaks to the network.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from client_sdk import lifecycle, vault
from client_sdk.course import Courses
from client_sdk.errors import (
    AppTooOld,
    NotConfirmed,
    NotEnrolled,
    NoticeUnread,
    ReplicaCorrupt,
    ReplicaLocked,
    ReplicaWiped,
    SaojieError,
)
from client_sdk.keys import ENDING, Enrolment, Health, Keys, LeaseTerms, WrappedKey
from client_sdk.local.notices import unread
from client_sdk.local.opened import OpenReplica
from client_sdk.news import News
from client_sdk.outbox import Outbox
from client_sdk.outbox_rows import oldest_opening
from client_sdk.places import Places, Ports
from client_sdk.storage.driver import Damaged
from client_sdk.threads import Gate, Threads
from client_sdk.timekeeping import Anchor, carried_on, estimated, moment_of, proved, reckoned, server_time_of
from sync.clock import Moment
from sync.machine import Event, State, answers_calls
from sync.messages import KeysHeld

__all__ = ["UNREADABLE", "Device", "readable"]

UNREADABLE = (Damaged, ReplicaCorrupt, AppTooOld)
"""What is raised for a file that is damaged or of a later version: neither may hold up a lock or an order."""

_MARK_MS = 60_000
"""The high-water mark is written when it has risen by this much: a restart can gain no more."""


class Built(msgspec.Struct, array_like=True, frozen=True):
    """How often `replica.db` was begun: another process that has an earlier one open lets it go. `damaged` counts those
    that were begun because the one before was damaged.
    """

    times: int = 0
    damaged: int = 0


class Device:
    """One directory with what it holds.

    `lock` is held by whoever touches a file, never while the network is awaited. `work` is set when there is
    something to sync, for a background worker to see, `turned` when what it may do may have changed. `news` hears of
    each commit, for whoever watches; `threads` says what may be done on which thread.
    """

    def __init__(self, directory: Path, ports: Ports, screen: int | None = None) -> None:
        self.places = Places(directory)
        self.ports = ports
        self.lock = Gate()
        self.threads = Threads(screen)
        self.work = threading.Event()
        self.turned = threading.Event()
        self.news = News()
        if not self.places.keys.exists():
            raise NotEnrolled(directory.name)
        with readable("keys.db"):
            self.keys = Keys(self.places.keys, ports.disk)
        self.keys.file.told = self.news.tell
        enrolment = self.keys.enrolment
        if enrolment is None:
            self.keys.close()
            raise NotEnrolled(directory.name)
        self.enrolment: Enrolment = enrolment
        self.course = Courses(self.keys)
        self._calls = 0
        self._outbox: Outbox | None = None
        self._open: OpenReplica | None = None
        self._marked: Anchor | None = None
        self._opened_as: tuple[bytes, int, int] = (b"", 0, 0)

    # ---- time --------------------------------------------------------

    def moment(self) -> Moment:
        """Now, in the phone's own terms."""
        return moment_of(self.ports.clock)

    def now(self) -> int:
        """Now in server milliseconds, as well as the phone can know it. What a lease is held against is stricter."""
        with self.lock:
            return estimated(self.keys.get(Anchor), self.ports.clock)

    def time_of(self, moment: Moment) -> int:
        """A moment of this phone in server milliseconds."""
        with self.lock:
            return server_time_of(self.keys.get(Anchor), moment)

    def note_contact(self, anchor: Anchor, *facts: Any, is_news: bool) -> None:
        """Store the anchor that a contact set, with what was heard. It is worth a write that waits for the storage when
        it `is_news`, or when the mark has risen as far as a restart may gain.
        """
        before = self._marked
        is_same_run = before is not None and before.moment.boot == anchor.moment.boot
        is_near = before is not None and 0 <= anchor.high - before.high < _MARK_MS
        durable = is_news or not (is_same_run and is_near)
        self.keys.put(anchor, *facts, durable=durable)
        if durable:
            self._marked = anchor

    # ---- state --------------------------------------------------------

    def state(self) -> State:
        """The stored state, after time had its say: a lease that is over locks, one that is long over erases."""
        with self.lock:
            self._watch_time()
            return self.keys.state or State.AWAITING

    def settle(self) -> State:
        """Perform what the stored state owes, as far as it needs no network; the state then."""
        with self.lock:
            self._watch_time()
            return lifecycle.settle(self)

    @contextmanager
    def serving(self, *, is_gated: bool = True) -> Iterator[OpenReplica]:
        """The open replica for one call. Raises what the state demands, ReplicaCorrupt when the file is damaged, and
        NoticeUnread while a notice holds the archive: it holds every call that reads or adds to it (`is_gated`).
        """
        with self.lock:
            self._admit()
            replica = self.replica()
            self._calls += 1
            try:
                if is_gated:
                    _check_notices(replica)
                yield replica
            except SaojieError as error:
                if self._calls == 1:
                    self.course.count(error.code)
                raise
            except Damaged as error:
                self.rebuild()
                raise ReplicaCorrupt("replica.db") from error
            finally:
                self._calls -= 1

    def admit_adding(self) -> None:
        """Raise what the state demands of work that is only added: a lapsed lease is no hindrance, an order is."""
        state = self.state()
        if state in ENDING:
            raise ReplicaWiped
        if state is State.AWAITING:
            raise NotConfirmed

    def replica(self) -> OpenReplica:
        """The replica, opened if it is not. Only in a state that answers calls."""
        if self._open is not None and self._opened_as != self._to_open():
            self.let_go()
        if self._open is None:
            self._open = self._opened()
            # Known only now: a first opening makes the key, and a damaged file is begun again.
            self._opened_as = self._to_open()
        return self._open

    def _to_open(self) -> tuple[bytes, int, int]:
        """What tells the replica that is to be open from an earlier one."""
        wrapped, built = self.keys.get(WrappedKey), self.keys.get(Built) or Built()
        return wrapped.replica if wrapped else b"", built.times, self.opening.number

    @property
    def opened(self) -> OpenReplica | None:
        """The replica where this process has it open and calls are answered; it is not opened for that."""
        is_served = self._open is not None and answers_calls(self.keys.state or State.AWAITING)
        return self._open if is_served else None

    @property
    def opening(self) -> vault.OpeningKey:
        """The company's key that outboxes are sealed to."""
        pins = self.keys.pins
        return vault.OpeningKey(pins.opening, pins.since)

    def keys_held(self) -> KeysHeld:
        """What a request says of the company's keys that this phone follows."""
        pins = self.keys.pins
        with self.lock:
            sealed: int | None = 0
            # What lies in an outbox that cannot be read may be sealed to any of them.
            with suppress(*UNREADABLE):
                sealed = oldest_opening(self.outbox.file) if self.places.outbox.exists() else None
        return KeysHeld(pins.number, pins.last, pins.since if sealed is None else sealed)

    @property
    def outbox(self) -> Outbox:
        """The outbox; unlocked only while the replica is open."""
        if self._outbox is None:
            with readable("outbox.db"):
                self._outbox = Outbox(self.places.outbox, self.ports.disk, self.ports.random)
            self._outbox.file.told = self.news.tell
        return self._outbox

    def pending_count(self) -> int:
        """How many operations the server has not acknowledged; also while the replica is locked. One where the outbox
        cannot be read: there may be something in it.
        """
        return self._counted(Outbox.pending_count, 1)

    def work_count(self) -> int:
        """How many of them are work of the rep's, and not counts of openings."""
        return self._counted(Outbox.work_count, 1)

    def photos_pending(self) -> int:
        """How many photos' bytes the server has not got; also while the replica is locked."""
        return self._counted(Outbox.photos_pending, 0)

    def rebuild(self, *, is_damaged: bool = True) -> None:
        """Begin an empty replica in place of the one that is there. The outbox is kept, a sync fills the rows. Raises
        ReplicaCorrupt where it is the outbox that is damaged: then the replica stays.
        """
        if is_damaged and self.places.outbox.exists():
            with readable("outbox.db"):
                self.outbox.file.check()
        self.let_go()
        self.ports.disk.remove_database(self.places.replica)
        built = self.keys.get(Built) or Built()
        self.keys.put(Built(built.times + 1, built.damaged + is_damaged), Health(rebuilt=is_damaged))

    def let_go(self) -> None:
        """Drop the open replica without touching its file, and forget every key that opens it."""
        if self._open is not None:
            self._open.file.let_go()
            self._open = None
        if self._outbox is not None:
            self._outbox.lock()

    def remove_outbox(self) -> None:
        """Remove the outbox and the photos: the company has what was in them."""
        if self._outbox is not None:
            self._outbox.close()
            self._outbox = None
        self.ports.disk.remove_database(self.places.outbox)
        self.remove_photos()

    def remove_photos(self) -> None:
        """Remove every photo's file."""
        if self.places.photos.is_dir():
            for path in sorted(self.places.photos.iterdir()):
                self.ports.disk.remove(path)

    def close(self) -> None:
        """Let go of every file, for good."""
        with self.lock:
            self.lock.close()
            self.course.store()
            if self._open is not None:
                with suppress(Damaged, SaojieError):
                    self._open.leave_word()
                self._open.file.close()
                self._open = None
            self.let_go()
            if self._outbox is not None:
                self._outbox.close()
                self._outbox = None
            self.keys.close()

    # ---- inside --------------------------------------------------------

    def _counted(self, count: Callable[[Outbox], int], otherwise: int) -> int:
        """A count of the outbox. That it cannot be read may hold up no lock and no order: `otherwise` is said then."""
        with self.lock:
            try:
                return count(self.outbox) if self.places.outbox.exists() else 0
            except UNREADABLE:
                return otherwise

    def _watch_time(self) -> None:
        anchor, terms = self.keys.get(Anchor), self.keys.get(LeaseTerms)
        if anchor is None:
            return
        clock = self.ports.clock
        now = reckoned(anchor, clock)
        if now - anchor.high >= _MARK_MS or anchor.moment.boot != clock.boot():
            # Before anything is answered: no process that dies now gives the next one time back.
            self.keys.put(carried_on(anchor, clock))
        state = self.keys.state
        if terms is None or state not in {State.OPEN, State.LOCKED}:
            return
        if state is State.OPEN and now >= terms.locks_at:
            self.keys.advance(Event.LEASE_LAPSED, terms.locks_at)
            lifecycle.settle(self)
        # A date may lock, because a contact undoes that; it may not erase.
        if proved(anchor, clock) >= terms.locks_at + terms.erases_after:
            self.keys.advance(Event.ERASING_DUE, self.now())
            lifecycle.settle(self)

    def _admit(self) -> None:
        state = self.state()
        if answers_calls(state):
            return
        self.let_go()
        if state in ENDING:
            lifecycle.settle(self)
            raise ReplicaWiped
        if state is State.AWAITING:
            raise NotConfirmed
        raise ReplicaLocked

    def _opened(self) -> OpenReplica:
        if self.ports.keystore.get(lifecycle.LEASE_SHARE) is None:
            # The key store did not come along, or lost it: that is a lock, and is stored as one.
            self.keys.advance(Event.LEASE_LAPSED, self.now())
            lifecycle.settle(self)
            raise ReplicaLocked("the lease share is not on this phone")
        key = self._data_key() or lifecycle.begin_replica(self)
        self.outbox.unlock(key, self.opening)
        try:
            return self._open_file(key)
        except Damaged:
            self.rebuild()
            self.outbox.unlock(key, self.opening)
            return self._open_file(key)

    def _open_file(self, key: bytes) -> OpenReplica:
        disk, staff = self.ports.disk, self.enrolment.staff
        opened = OpenReplica(self.places.replica, key, disk, self.outbox, staff, self.time_of)
        opened.file.told = self.news.tell
        return opened

    def _data_key(self) -> bytes | None:
        """The data key; None when a share is not there any more or is another one, so that nothing opens it."""
        wrapped, store = self.keys.get(WrappedKey), self.ports.keystore
        device_share, lease_share = store.get(lifecycle.DEVICE_SHARE), store.get(lifecycle.LEASE_SHARE)
        if wrapped is None or device_share is None or lease_share is None:
            return None
        try:
            key = vault.wrapping_key(device_share, lease_share, wrapped.replica)
            return vault.open_box(key, wrapped.wrapped, wrapped.replica)
        except vault.Unopened:
            return None


def _check_notices(replica: OpenReplica) -> None:
    replica.catch_up()
    if holding := unread(replica):
        raise NoticeUnread(holding)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Say which file it is that cannot be read. Raises ReplicaCorrupt."""
    try:
        yield
    except Damaged as error:
        raise ReplicaCorrupt(name) from error

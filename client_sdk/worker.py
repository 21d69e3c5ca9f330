"""The background worker: one thread that syncs, and one that listens for word that there is something to sync.

It syncs at once when the application logs something or the server says that something changed, else every few
minutes, or every half hour while the battery is saved. After a failure it waits, longer each time; how long is stored,
so that a restart does not begin to hammer. The live stream carries nothing of any record and may be lost, or not be
held at all (`settings`): nothing depends on it but speed. A wipe is carried through like any sync.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

from client_sdk.backoff import after_failure
from client_sdk.device import Device
from client_sdk.errors import SaojieError
from client_sdk.exchange.conversation import Refused
from client_sdk.exchange.orders import obey
from client_sdk.exchange.report import Ended, SyncReport
from client_sdk.exchange.rounds import Exchange
from client_sdk.keys import Attempts
from client_sdk.photos import Upload
from client_sdk.ports import Unreachable
from client_sdk.settings import may_listen, pause_ms
from client_sdk.storage.driver import Damaged
from sync.codec import DecodeError, decode
from sync.machine import State
from sync.signing import Signed

__all__ = ["Worker"]

AGAIN_S = 5.0
_LONGEST_WAIT_MS = 60 * 60_000
"""No wait is longer, so that one that was reckoned while the date ran ahead ends when the date is right again."""

_MAY_PASS = frozenset(
    {Ended.NO_NETWORK, Ended.CUT_OFF, "busy", "unavailable", "server_full", "internal", "not_signed_in"}
)


class Uploads(Protocol):
    """What the worker needs of `replica.photos`."""

    def upload(self) -> Upload:
        """Send what waits and may go."""
        ...


Told = Callable[[SyncReport], None]


class Worker:
    """Works from `start` to `stop`. `last` is the report of the newest sync; the status tells what is the case.

    `told` hears each report as soon as there is one, on the worker's thread.
    """

    def __init__(self, device: Device, exchange: Exchange, photos: Uploads, told: Told | None = None) -> None:
        self._device = device
        self._exchange = exchange
        self._photos = photos
        self._told = told
        self._stopped = threading.Event()
        self._heard = threading.Event()
        self._threads: list[threading.Thread] = []
        self.last: SyncReport | None = None

    def start(self) -> None:
        """Begin."""
        for name, work in (("saojie-sync", self._work), ("saojie-live", self._listen)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End, after the sync that is running. Raises WrongThread in what this worker tells."""
        self._device.threads.check_waiting()
        self._stopped.set()
        self._heard.set()
        self._device.work.set()
        self._device.turned.set()
        self._device.ports.transport.hang_up()
        for thread in self._threads:
            thread.join()

    # ---- syncing --------------------------------------------------------

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                if self._took_last_turn():
                    return
            except (SaojieError, Damaged):
                # A full disk, a file that somebody holds: the worker outlives it, as orders come through it.
                self._stopped.wait(AGAIN_S)
                continue
            self._device.work.wait(pause_ms(self._device) / 1000)

    def _took_last_turn(self) -> bool:
        """Sync once when it is time; whether nothing follows."""
        self._wait_for_turn()
        if self._stopped.is_set():
            return True
        self._device.work.clear()
        self._heard.clear()
        self.last = self._exchange.sync()
        if self._told is not None:
            with self._device.threads.telling():
                self._told(self.last)
        self._note(self.last)
        if self.last.ended == Ended.DONE:
            self._photos.upload()
        return self.last.state is State.WIPED

    def _wait_for_turn(self) -> None:
        """Wait out what a failure or the server imposed. Where only the network was missing, a word ends the wait."""
        with self._device.lock:
            attempts, now = self._device.keys.get(Attempts), self._device.now()
        if attempts is not None and attempts.not_before > now:
            was_away = self.last is not None and self.last.ended in {Ended.NO_NETWORK, Ended.CUT_OFF}
            wait_ms = min(attempts.not_before - now, _LONGEST_WAIT_MS)
            (self._heard if was_away else self._stopped).wait(wait_ms / 1000)

    def _note(self, report: SyncReport) -> None:
        """Store how long to wait. After a failure there is work at once, when the wait is over."""
        with self._device.lock:
            before = self._device.keys.get(Attempts) or Attempts()
            if report.ended in _MAY_PASS or report.wait_ms:
                draw = self._device.ports.random.bytes(1)[0]
                self._device.keys.put(after_failure(before, self._device.now(), draw, report.wait_ms))
                self._device.work.set()
            elif before.failed:
                self._device.keys.put(Attempts())

    # ---- listening --------------------------------------------------------

    def _listen(self) -> None:
        while self._goes_on():
            with suppress(Unreachable, Refused, SaojieError, Damaged):
                if not may_listen(self._device):
                    self._device.turned.wait(pause_ms(self._device) / 1000)
                    continue
                if self._listened_last():
                    return
            self._device.turned.wait(AGAIN_S)

    def _goes_on(self) -> bool:
        """Whether to listen on. What is turned after this is seen: who stops says so first, and turns it then."""
        self._device.turned.clear()
        return not self._stopped.is_set()

    def _listened_last(self) -> bool:
        """Listen while the stream lasts; whether nothing is to be heard any more."""
        with self._device.lock:
            if self._device.keys.state is State.WIPED:
                return True
        with self._exchange.conversation.listen("/live") as (status, lines):
            if status == 200:
                self._hear(lines)
            elif status == 401:
                # The token is over: a sync brings another.
                self._device.work.set()
        return False

    def _hear(self, lines: Iterator[str]) -> None:
        """An order that came whole is obeyed first. Otherwise every word means the same: there may be something, so
        sync. The first comment says that the stream stands.
        """
        event = ""
        for line in lines:
            if self._stopped.is_set() or not may_listen(self._device):
                return
            if not line:
                event = ""
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
                continue
            if line.startswith("data:") and event == "order":
                self._obey(line.removeprefix("data:").strip())
            if line == ":" or line.startswith("data:"):
                self._heard.set()
                self._device.work.set()

    def _obey(self, text: str) -> None:
        """Do what an order in hexadecimal says, if it is one by the company for this device; else the sync asks."""
        with suppress(ValueError, DecodeError, SaojieError, Damaged):
            order = decode(bytes.fromhex(text), Signed)
            with self._device.lock:
                obey(self._device, [order])

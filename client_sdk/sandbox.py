"""A clock for a phone that is tried out against a sandbox: it follows the sandbox's time, also when that is set.

Never for a phone in somebody's hand: it believes whatever answers at the address. Nothing else of the SDK loads it.
"""

from __future__ import annotations

import http.client
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from client_sdk.clock import SystemClock

__all__ = ["SandboxClock"]

_PATH = "/sandbox/clock"
_HOLDS_MS = 5
"""So long an answer holds: a moment is read in one piece, and a clock that was set is noticed before the next sync."""
_WAIT_S = 2.0
_ON_THE_WAY_MS = 1000
"""Less than so much between two answers is the time that they took to come, and no clock that was set."""


class _Told(msgspec.Struct, frozen=True):
    """What a sandbox says: its time, since when it never went back, and where it says so past a bad network."""

    now: int
    began: int
    at: str


class _Heard(msgspec.Struct, frozen=True):
    """The sandbox is `ahead` milliseconds of this machine; it never went back since `began`; ask it at `at`."""

    ahead: int
    began: int
    at: str


class SandboxClock:
    """The sandbox's time; pass it as `clock=`. `url` is where the sandbox answers phones. With `memory`, a file, what
    was heard last outlives the process, and holds without a network. Until something was heard it is this machine's.
    """

    def __init__(self, url: str, memory: Path | str | None = None) -> None:
        self._url = url
        self._memory = Path(memory) if memory is not None else None
        self._machine = SystemClock()
        self._lock = threading.Lock()
        self._asked: int | None = None
        self._heard = self._remembered()

    def wall(self) -> int:
        """The date in the sandbox, milliseconds since 1970 UTC."""
        heard = self._now_heard()
        return self._machine.wall() + (heard.ahead if heard is not None else 0)

    def elapsed(self) -> int:
        """Milliseconds since the sandbox's time began to run without going back."""
        heard = self._now_heard()
        if heard is None:
            return self._machine.elapsed()
        return max(0, self._machine.wall() + heard.ahead - heard.began)

    def boot(self) -> str:
        """A run of the sandbox's time: another one once it was set back."""
        heard = self._now_heard()
        return self._machine.boot() if heard is None else f"sandbox-{heard.began}"

    def day_of(self, ms: int) -> str:
        """The calendar day where this machine is."""
        return self._machine.day_of(ms)

    def _now_heard(self) -> _Heard | None:
        """What holds now."""
        with self._lock:
            now = time.monotonic_ns() // 1_000_000
            if self._asked is None or now - self._asked >= _HOLDS_MS:
                self._asked = now
                self._listen()
            return self._heard

    def _listen(self) -> None:
        told = (self._heard is not None and _ask(self._heard.at)) or _ask(self._url)
        if not told:
            return
        ahead, old = told.now - self._machine.wall(), self._heard
        if old is not None and old.began == told.began and abs(old.ahead - ahead) < _ON_THE_WAY_MS:
            ahead = old.ahead
        heard = _Heard(ahead, told.began, told.at)
        if heard != old:
            self._heard = heard
            self._remember(heard)

    def _remembered(self) -> _Heard | None:
        if self._memory is None:
            return None
        try:
            return msgspec.json.decode(self._memory.read_bytes(), type=_Heard)
        except (OSError, msgspec.DecodeError):
            return None

    def _remember(self, heard: _Heard) -> None:
        if self._memory is not None:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            self._memory.write_bytes(msgspec.json.encode(heard))


def _ask(url: str) -> _Told | None:
    """What the sandbox at this address says; None where none answers."""
    at = urlsplit(url)
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=_WAIT_S)
    try:
        connection.request("GET", _PATH)
        return msgspec.json.decode(connection.getresponse().read(), type=_Told)
    except (OSError, http.client.HTTPException, msgspec.DecodeError):
        return None
    finally:
        connection.close()

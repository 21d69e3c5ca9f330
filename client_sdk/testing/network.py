"""The way between phones and the server in memory: whole, cut, slow or refused, as a test wants it in the middle.

Nothing here waits: what takes time moves the world's time on.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

import msgspec

from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.testing.ahead import begun
from client_sdk.testing.clocks import Time
from client_sdk.testing.denied import Denied
from sync.errors import ERRORS

__all__ = ["Fault", "Network"]

Fault = Callable[[Request, Reply], Reply]


class _Failing(msgspec.Struct):
    """What requests are refused with, and how many there are still to be; None for all."""

    code: str
    times: int | None


class _Slow(msgspec.Struct):
    """How many bytes come in a second, which of the answers break off (0 for none), and how many there were."""

    per_second: int
    breaks_every: int
    answers: int = 0


class Network(ABC):
    """A transport (`client_sdk.Transport`) for any number of phones. `fault` gets every request with its reply, after
    the server has done its work: it gives the reply that arrives, or raises Unreachable; None for none.
    """

    def __init__(self, time: Time) -> None:
        self.fault: Fault | None = None
        self._time = time
        self._is_cut = False
        self._failing: _Failing | None = None
        self._slow: _Slow | None = None
        self._streams: list[SimpleQueue[str | None]] = []
        self._lock = threading.Lock()
        self._opened = threading.Condition()

    # ---- what a test does to it --------------------------------------------------------

    def cut(self) -> None:
        """No network: nothing arrives, and streams end, until `mend`."""
        self._is_cut = True
        self.hang_up()

    def fail(self, times: int | None = None, code: str = "unavailable") -> None:
        """Requests are refused with this code of `sync.errors` (503 for `unavailable`): the next `times` of them, or
        all until `mend`. The server does none of their work. Raises ValueError for less than 1 and for another code.
        """
        if code not in ERRORS or (times is not None and times < 1):
            raise ValueError("a code of sync.errors, and at least one request")
        self._failing = _Failing(code, times)

    def slow(self, bytes_per_second: int = 20, breaks_every: int = 3) -> None:
        """A slow link until `mend`: an answer takes as much of the world's time as its bytes need, and of so many
        answers the last breaks off near its beginning (0: none does). Requests always arrive. Raises ValueError for a
        link on which nothing would.
        """
        if bytes_per_second < 1 or breaks_every < 0 or breaks_every == 1:
            raise ValueError("a link that brings nothing is `cut`")
        self._slow = _Slow(bytes_per_second, breaks_every)

    def mend(self) -> None:
        """All is well again: ends `cut`, `fail` and `slow`. `fault` is the test's own, and stays."""
        self._is_cut, self._failing, self._slow = False, None, None

    # ---- the transport --------------------------------------------------------

    def send(self, request: Request) -> Reply:
        """One request and its reply. Raises Unreachable while the network is cut."""
        self._reach()
        with self._lock:
            try:
                self._let_fail()
                reply = self.answered(request)
            except Denied as denied:
                reply = self.denied(denied)
            reply = self._slowed(reply)
        return self.fault(request, reply) if self.fault is not None else reply

    def begin(self, request: Request) -> Callable[[], Reply]:
        """The next request, ahead of its time: answered at once, heard when it is waited for."""
        return begun(self.send, request)

    @contextmanager
    def listen(self, request: Request) -> Iterator[tuple[int, Iterator[str]]]:
        """A live stream of the words that `say` says. Raises Unreachable while the network is cut."""
        self._reach()
        with self._lock:
            status = self._heard(request)
        words: SimpleQueue[str | None] = SimpleQueue()
        words.put(":")
        with self._opened:
            self._streams.append(words)
            self._opened.notify_all()
        try:
            yield status, iter(words.get, None)
        finally:
            self._streams.remove(words)

    def hang_up(self) -> None:
        """End every stream."""
        for words in list(self._streams):
            words.put(None)

    def close(self) -> None:
        """Nothing to let go of but streams."""
        self.hang_up()

    # ---- streams --------------------------------------------------------

    @property
    def listeners(self) -> int:
        """How many streams are open."""
        return len(self._streams)

    def wait_for_stream(self, seconds: float = 30.0) -> None:
        """Wait until a phone holds a stream (`replica.live`), so that it hears what is said from then on. Raises
        TimeoutError.
        """
        with self._opened:
            if not self._opened.wait_for(lambda: self._streams, seconds):
                raise TimeoutError(f"no phone opened a stream within {seconds} s")

    def say(self, word: str, data: str = "") -> None:
        """Send a word to every open stream, as the server does when something has changed (`changed`)."""
        for words in list(self._streams):
            words.put(f"event: {word}")
            words.put(f"data: {data}")

    # ---- the server behind it --------------------------------------------------------

    @abstractmethod
    def answered(self, request: Request) -> Reply:
        """The server's reply to a request that reached it. Raises Denied."""

    @abstractmethod
    def denied(self, denied: Denied) -> Reply:
        """The reply to a request that the server refuses."""

    @abstractmethod
    def admit(self, request: Request) -> object:
        """Whose request it is. Raises Denied."""

    # ---- inside --------------------------------------------------------

    def _reach(self) -> None:
        if self._is_cut:
            raise Unreachable("the network is cut")

    def _heard(self, request: Request) -> int:
        try:
            self._let_fail()
            self.admit(request)
        except Denied as denied:
            return self.denied(denied).status
        return 200

    def _let_fail(self) -> None:
        failing = self._failing
        if failing is None:
            return
        if failing.times is not None:
            failing.times -= 1
            if not failing.times:
                self._failing = None
        raise Denied(failing.code)

    def _slowed(self, reply: Reply) -> Reply:
        slow = self._slow
        if slow is None:
            return reply
        slow.answers += 1
        if slow.breaks_every and slow.answers % slow.breaks_every == 0:
            reply = msgspec.structs.replace(reply, body=reply.body[: len(reply.body) // 8], whole=False)
        self._time.now += len(reply.body) * 1000 // slow.per_second
        return reply

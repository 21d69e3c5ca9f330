"""Many live streams held by one process: `python -m server.cli.bench.listeners DIRECTORY`, driven by lines of JSON. A
stream is a socket that has sent its request; nothing of a phone is behind it.

    open    host, port, requests (each the bytes of one request, as text)    → open: how many have their first comment
    hear    wanted, within_s, after_s    → heard: [stream, nanoseconds on the clock of the machine, scope or word]
"""

from __future__ import annotations

import re
import selectors
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

__all__ = ["Listeners"]

_AT_ONCE = 50
_READ = 1 << 16
_COMMENT = b":\n\n"
_WORD = re.compile(rb"event: (\w+)\r?\n(?:[0-9a-f]+\r\n)?data: ([^\r\n]*)")
_OPENS_WITHIN_S = 30.0


class Listeners:
    """The streams, in the order in which they were opened."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._streams: list[socket.socket] = []

    def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do one command. Raises KeyError for one that there is none of."""
        acts: dict[str, Callable[..., dict[str, Any]]] = {"open": self._open, "hear": self._hear}
        return acts[command.pop("do")](**command)

    def _open(self, host: str, port: int, requests: Sequence[str]) -> dict[str, Any]:
        """Open a stream for each request, some at once."""
        for first in range(0, len(requests), _AT_ONCE):
            some = requests[first : first + _AT_ONCE]
            lines = [socket.create_connection((host, port)) for _ in some]
            for line, request in zip(lines, some, strict=True):
                line.sendall(request.encode("ascii"))
            for line in lines:
                _opened(line)
                self._selector.register(line, selectors.EVENT_READ, len(self._streams))
                self._streams.append(line)
        return {"open": len(self._streams)}

    def _hear(self, wanted: int, within_s: float, after_s: float) -> dict[str, Any]:
        """What is said until so many streams were told something, and for `after_s` seconds more."""
        ends_at, heard, told = time.monotonic() + within_s, [], set[int]()
        while (left := ends_at - time.monotonic()) > 0:
            for at, stream, word in self._said(left):
                heard.append((stream, at, word))
                told.add(stream)
                if len(told) == wanted:
                    ends_at = min(ends_at, time.monotonic() + after_s)
        return {"heard": heard}

    def _said(self, within_s: float) -> Iterator[tuple[int, int, str]]:
        for key, _ in self._selector.select(within_s):
            line: Any = key.fileobj
            data, at = line.recv(_READ), time.monotonic_ns()
            if not data:
                self._selector.unregister(line)
            for name, what in _WORD.findall(data):
                yield at, key.data, (what or name).decode()


def _opened(line: socket.socket) -> None:
    """Read until the first comment. Raises ValueError for an answer that is no stream, TimeoutError."""
    line.settimeout(_OPENS_WITHIN_S)
    read = b""
    while _COMMENT not in read:
        data = line.recv(_READ)
        read += data
        if not data or not read.startswith(b"HTTP/1.1 200 "[: len(read)]):
            raise ValueError(read[:200].decode(errors="replace"))


def main() -> None:
    """Answer every line until there are no more."""
    listeners = Listeners()
    for line in sys.stdin.buffer:
        try:
            answer = listeners.do(msgspec.json.decode(line))
        except (OSError, ValueError) as error:
            answer = {"error": type(error).__name__, "detail": str(error)}
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

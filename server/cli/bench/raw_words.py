"""The least that telling a few of many listeners could take on this machine: a word to some of many idle sockets."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from tempfile import mkdtemp

from server.cli.trial.processes import Driven

__all__ = ["raw_words"]

_OPENED = b"HTTP/1.1 200 OK\r\n\r\n:\n\n"
_WORD = b"event: changed\ndata: raw\n\n"


def raw_words(folder: Path, streams: int, told: int) -> float:
    """Milliseconds from the first word to the last of `told` that hear one, of so many streams in another process."""
    place = Path(mkdtemp(prefix="words-", dir=folder))
    with (
        socket.create_server(("127.0.0.1", 0), backlog=streams) as door,
        Driven("listeners", "server.cli.bench.listeners", place / "listeners") as listeners,
    ):
        listeners.tell("open", host="127.0.0.1", port=door.getsockname()[1], requests=["-"] * streams)
        lines = []
        for _ in range(streams):
            lines.append(door.accept()[0])
            lines[-1].sendall(_OPENED)
        listeners.answer()
        listeners.tell("hear", wanted=told, within_s=10.0, after_s=0.0)
        began = time.monotonic_ns()
        for line in lines[:told]:
            line.sendall(_WORD)
        last: int = max(at for _, at, _ in listeners.answer()["heard"])
        for line in lines:
            line.close()
    return (last - began) / 1e6

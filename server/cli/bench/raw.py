"""The least that a departure could take on this machine: one word to each of so many open sockets, and one secret of
32 bytes destroyed for each, durably, by as many processes as the phones are spread over.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

__all__ = ["raw_departure"]

# Holds so many connections, and for the first byte on each overwrites a file with zeros, removes it and waits for the
# disk; then says when each was gone.
_HOLDER = """
import os, selectors, socket, sys, time
port, count, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
selector, place = selectors.DefaultSelector(), os.open(folder, os.O_RDONLY)
for at in range(count):
    path = f"{folder}/{at}"
    with open(path, "wb") as file:
        file.write(b"s" * 32)
    selector.register(socket.create_connection(("127.0.0.1", port)), selectors.EVENT_READ, path)
print("ready", flush=True)
left, gone = count, []
while left:
    for key, _ in selector.select():
        key.fileobj.recv(64)
        with open(key.data, "r+b") as file:
            file.write(bytes(32))
            file.flush()
            os.fsync(file.fileno())
        os.unlink(key.data)
        os.fsync(place)
        gone.append(time.monotonic_ns())
        selector.unregister(key.fileobj)
        left -= 1
print(*gone, flush=True)
"""
_WORD = b"event: order\ndata: \n\n"


def raw_departure(devices: int, processes: int) -> list[float]:
    """Milliseconds from the first word to each secret's end."""
    shares = [devices // processes + (at < devices % processes) for at in range(processes)]
    with tempfile.TemporaryDirectory(prefix="saojie-raw-") as place, socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(devices)
        holders = [_holder(door, count, Path(place) / str(at)) for at, count in enumerate(shares)]
        sockets = [door.accept()[0] for _ in range(devices)]
        for holder in holders:
            _line(holder)
        began = time.monotonic_ns()
        for one in sockets:
            one.sendall(_WORD)
        gone = [int(at) for holder in holders for at in holder.communicate()[0].split()]
        for one in sockets:
            one.close()
    return [(at - began) / 1e6 for at in gone]


def _holder(door: socket.socket, count: int, folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(0o700)
    arguments = [sys.executable, "-c", _HOLDER, str(door.getsockname()[1]), str(count), str(folder)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE)  # noqa: S603  # this program, with arguments of ours


def _line(holder: subprocess.Popen[bytes]) -> bytes:
    assert holder.stdout is not None  # noqa: S101  # it was asked for as a pipe
    return holder.stdout.readline()

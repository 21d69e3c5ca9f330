"""HTTP clients that replay given requests over connections that are kept, in a process of their own.

`fire` gives them what to send and says how long each answer took. `python -m server.cli.bench.load` is that process:
a job on standard input, what came of it on standard output.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from server.cli.talk import Failure
from server.cli.trial.processes import environment_of

__all__ = ["Answer", "Fired", "fire", "request_of"]

_READ = 1 << 18
_END = b"\r\n\r\n"


class Answer(msgspec.Struct, array_like=True):
    """One answer: its client, its status, milliseconds from the first byte sent to the last received, its size with
    headers, and its body where bodies are kept.
    """

    client: int
    status: int
    ms: float
    size: int
    body: bytes = b""


class Fired(msgspec.Struct):
    """What came of it: the answers in the order in which they came, seconds from the first request to the last answer,
    and the processor seconds that the clients took themselves.
    """

    answers: list[Answer]
    took_s: float
    cpu_s: float

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.answers) / self.took_s


class _Job(msgspec.Struct):
    """`clients` are the requests of each client, in order; they go round until `seconds` are over, if that is given."""

    host: str
    port: int
    clients: list[list[bytes]]
    seconds: float | None
    keeps: bool


def request_of(url: str, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request to a server."""
    said = {"Host": urlsplit(url).netloc, "Content-Length": str(len(body)), **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join(lines).encode("ascii") + _END + body


def fire(url: str, clients: Sequence[Sequence[bytes]], *, seconds: float | None = None, keeps: bool = False) -> Fired:
    """Each client connects, and when all have, each sends its requests one after another, each after the answer to the
    one before. With `seconds` they begin again until these are over; with `keeps` bodies come along. Raises Failure.
    """
    parts = urlsplit(url)
    job = _Job(parts.hostname or "", parts.port or 80, [list(one) for one in clients], seconds, keeps)
    done = subprocess.run(  # noqa: S603  # this program, with arguments of ours
        [sys.executable, "-m", __name__], env=environment_of(), input=msgspec.msgpack.encode(job), capture_output=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise Failure("load_ended", f"the clients ended early: {why}", f"客户端意外结束：{why}")
    return msgspec.msgpack.decode(done.stdout, type=Fired)


class _Clients:
    """The clients of a job while they run."""

    def __init__(self, job: _Job) -> None:
        self._job = job
        self._ends: float | None = None
        self._answers: list[Answer] = []

    async def run(self) -> Fired:
        job = self._job
        lines = [await asyncio.open_connection(job.host, job.port, limit=_READ) for _ in job.clients]
        began = time.perf_counter()
        self._ends = None if job.seconds is None else began + job.seconds
        await asyncio.gather(*(self._client(at, *line) for at, line in enumerate(lines)))
        took = time.perf_counter() - began
        for _, going in lines:
            going.close()
        return Fired(self._answers, took, time.process_time())

    async def _client(self, at: int, coming: asyncio.StreamReader, going: asyncio.StreamWriter) -> None:
        while True:
            for request in self._job.clients[at]:
                sent = time.perf_counter()
                if self._ends is not None and sent >= self._ends:
                    return
                going.write(request)
                head = await coming.readuntil(_END)
                size = _length(head)
                body = await coming.readexactly(size) if size else b""
                ms = (time.perf_counter() - sent) * 1000
                kept = body if self._job.keeps else b""
                self._answers.append(Answer(at, int(head[9:12]), ms, len(head) + size, kept))
            if self._ends is None:
                return


def _length(head: bytes) -> int:
    """The length of the body that an answer's head tells. Raises ValueError where it tells none."""
    lower = head.lower()
    found = lower.find(b"\r\ncontent-length:")
    if found < 0:
        raise ValueError(f"an answer without a length: {head!r}")
    return int(lower[found + 17 : lower.index(b"\r\n", found + 17)])


if __name__ == "__main__":
    given = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Job)
    sys.stdout.buffer.write(msgspec.msgpack.encode(asyncio.run(_Clients(given).run())))

"""Conversations of phones with the real server on bad days, and their being played back to a phone.

Each was recorded once, with the phone's randomness and clock seeded as in every `World`. Played back, the same phone
does the same, asks the same, and hears what the server said then: its signatures, leases, orders and digests. Whoever
does anything else than what was recorded is told so; for that there is the company in memory, which answers anything.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from client_sdk.ports import Reply, Request
from client_sdk.testing.bad_days import DAYS, BadDay
from client_sdk.testing.company import Company
from client_sdk.testing.district import furnish
from client_sdk.testing.server import Server
from client_sdk.testing.world import World
from sync.codec import encode
from sync.frames import read_request

__all__ = ["RECORDED", "Line", "Unrecorded", "playback", "written"]

_FOLDER = Path(__file__).parent / "transcripts"
RECORDED = tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))
"""The days of which there is a recording, by the names of their fixtures."""
_KEPT = frozenset({"content-type", "retry-after"})


class Unrecorded(LookupError):
    """The phone asked for something that was not recorded: the test did something else than the recording."""


class Line(msgspec.Struct, frozen=True):
    """A request and its reply. `asked` is a digest of what the reply depends on; `body` is base64."""

    path: str
    asked: str
    status: int
    headers: dict[str, str]
    body: str

    @classmethod
    def of(cls, request: Request, reply: Reply) -> Line:
        """What was said."""
        headers = {name: value for name, value in reply.headers.items() if name in _KEPT}
        return cls(request.path, _asked(request), reply.status, headers, base64.b64encode(reply.body).decode())


def written(said: Iterable[tuple[Request, Reply]]) -> bytes:
    """A conversation as a file: JSON, one line for each request."""
    lines = [msgspec.json.encode(Line.of(request, reply)) for request, reply in said]
    return b"[\n" + b",\n".join(lines) + b"\n]\n"


def playback(day: str, directory: Path) -> BadDay:
    """A bad day of `RECORDED` as it was with the real server; the phone is in `directory`, an empty one. Its way out
    (`unlock`, `mend`, …) was recorded too. Raises KeyError for another name, Unrecorded later.
    """
    kind = DAYS[day]
    world = World(directory)
    world.server = _Played(world.company, day)
    furnish(world)
    return kind(world, world.phone())


class _Played(Server):
    """Says what was recorded, in order."""

    def __init__(self, company: Company, day: str) -> None:
        super().__init__(company)
        self._day = day
        self._lines = msgspec.json.decode((_FOLDER / f"{day}.json").read_bytes(), type=list[Line])
        self._next = 0

    def answered(self, request: Request) -> Reply:
        """The reply to the next request. Raises Unrecorded."""
        number, self._next = self._next, self._next + 1
        if number >= len(self._lines):
            raise Unrecorded(f"{self._day}: nothing was recorded after request {number}")
        line = self._lines[number]
        if (line.path, line.asked) != (request.path, _asked(request)):
            raise Unrecorded(f"{self._day}: request {number + 1} is not the {line.path} that was recorded")
        return Reply(line.status, line.headers, base64.b64decode(line.body))


def _asked(request: Request) -> str:
    """What a reply depends on. Signatures, sealed bodies and new keys are different each time, and decide nothing."""
    if request.path != "/sync":
        return ""
    read = read_request(request.body)
    rows = tuple(one.number for one in read.sealed.rows) if read.sealed is not None else ()
    told = encode((read.epoch, read.cursors, read.outbox, read.operations, read.wants, rows, len(read.receipts)))
    return hashlib.sha256(told).hexdigest()[:16]

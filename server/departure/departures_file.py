"""The departures file: epochs and departures in signed lines outside the database, so that a restored database
cannot forget who has left.

One JSON line an entry, chained by hash, signed with the company's key, on the disk before `append` returns. A last
line without its end was being written when the machine stopped: it never counted, and is cut off by the next
append. Anything else that does not fit is tampering and is never passed over. Lines are never changed or removed.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import ed25519

from server.files import keep_names
from sync.codec import DecodeError, encode, from_json
from sync.signing import Kind, Signed, company_signed, verified_company

__all__ = [
    "DepartedDevice",
    "Departure",
    "DeparturesFile",
    "DeparturesFileError",
    "Entry",
    "EpochBegan",
    "Planned",
    "Signs",
    "Step",
]

_START = bytes(32)


class DepartedDevice(msgspec.Struct, frozen=True):
    """One device that was cut off: its wipe order, and what is needed to know it again in an older database.

    `public_key` is the device's P-256 key, DER in hexadecimal.
    """

    device: UUID
    order: UUID
    enrolment: UUID
    public_key: str


class Step(StrEnum):
    """What one row of a plan does, in the order in which they run."""

    PLACE = "place"
    """The leaver's place on the territory's roster goes to the successor, or is empty."""
    LIST = "list"
    """The handover list of the territory: what whoever follows must know of each outlet."""
    MOVE = "move"
    """The outlet, or without one all outlets of the territory, go to another territory or to the pool."""
    TASKS = "tasks"
    """The leaver's open tasks go to whoever follows."""
    CHANNELS = "channels"
    """The company channels that the leaver had go to the successor, or to nobody."""
    CHECKLIST = "checklist"
    """What people have to see to before the formalities close."""


class Planned(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row of the plan of a handover, and who follows there (None: nobody yet). `id` is the handover's.

    What an older version did not know is left out where it is the default, so that its lines still verify.
    """

    id: UUID
    territory: UUID | None
    successor: UUID | None
    step: Step = Step.PLACE
    outlet: UUID | None = None
    goes_to: UUID | None = None
    pool: bool = False

    @property
    def order(self) -> tuple[int, bool, bytes]:
        """Where the row stands in its plan: single outlets move before the rest of their territory does."""
        return _STEPS.index(self.step), self.outlet is None, self.id.bytes


_STEPS = list(Step)


class EpochBegan(msgspec.Struct, tag="epoch", frozen=True):
    """An epoch of the company's store began. `epoch` is hexadecimal, `at` server milliseconds."""

    company: UUID
    epoch: str
    at: int


class Departure(msgspec.Struct, tag="departure", frozen=True):
    """Somebody left, or (`leaves` false) one device of theirs was cut off. `at` is server milliseconds."""

    at: int
    staff: UUID
    leaves: bool
    reason: str
    devices: tuple[DepartedDevice, ...] = ()
    handovers: tuple[Planned, ...] = ()

    @property
    def key(self) -> bytes:
        """What tells one departure from another: the person, or the order of the one device."""
        return self.staff.bytes if self.leaves else self.devices[0].order.bytes


Entry = EpochBegan | Departure


class _Line(msgspec.Struct, frozen=True):
    position: int
    previous: str
    entry: Entry
    key: str
    signature: str

    @property
    def signed(self) -> Signed:
        body = encode([self.position, self.previous, self.entry])
        return Signed(Kind.DEPARTURE, body, self.key, bytes.fromhex(self.signature))

    @property
    def hash(self) -> bytes:
        signed = self.signed
        return hashlib.blake2b(signed.body + signed.signature, digest_size=32).digest()


class DeparturesFileError(Exception):
    """Raised for a file that was altered, or that is another company's. `line` counts from 1."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path.name}, line {line}: {what}")
        self.line = line


class Signs(Protocol):
    """The company's keys as the file needs them: the key that signs now, and every one that ever did (32 raw bytes)."""

    @property
    def signing(self) -> ed25519.Ed25519PrivateKey:
        """The key that signs new lines."""
        ...

    @property
    def signing_public(self) -> list[bytes]:
        """The keys whose lines are believed."""
        ...


class DeparturesFile:
    """The file at `path`, with the company's keys as they stand at each call."""

    def __init__(self, path: Path, keys: Signs) -> None:
        self.path = path
        self._keys = keys
        self.found_equal: object = None
        """What file and database were like when they were last found to have the same; None before."""

    def state(self) -> tuple[int, int, int] | None:
        """What changes whenever the file does; None where there is none."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    def read(self) -> tuple[Entry, ...]:
        """All entries in order; none where there is no file. Raises DeparturesFileError."""
        if not self.path.exists():
            return ()
        return tuple(line.entry for line in self._lines(self.path.read_bytes()))

    def append(self, entries: Sequence[Entry]) -> None:
        """Append entries that are not in the file yet, and wait for the disk. Raises DeparturesFileError, and OSError
        where there is no room for all of it.
        """
        if not entries:
            return
        with self._locked() as handle:
            data = os.pread(handle, os.fstat(handle).st_size, 0)
            lines = list(self._lines(data))
            held = {_identity(line.entry) for line in lines}
            text = self._written(lines, [one for one in entries if _identity(one) not in held])
            whole = data.rfind(b"\n") + 1
            os.ftruncate(handle, whole)
            if os.pwrite(handle, text, whole) < len(text):
                os.ftruncate(handle, whole)
                raise OSError(errno.ENOSPC, "no room for a line of the departures file")
            os.fsync(handle)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        is_new = not self.path.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if is_new:
                keep_names(self.path.parent)
            yield handle
        finally:
            os.close(handle)

    def _written(self, lines: Sequence[_Line], entries: Iterable[Entry]) -> bytes:
        position, previous = len(lines), lines[-1].hash if lines else _START
        text = b""
        for entry in entries:
            position += 1
            body = encode([position, previous.hex(), entry])
            signed = company_signed(Kind.DEPARTURE, body, self._keys.signing)
            line = _Line(position, previous.hex(), entry, signed.key, signed.signature.hex())
            text += msgspec.json.encode(line) + b"\n"
            previous = line.hash
        return text

    def _lines(self, data: bytes) -> Iterator[_Line]:
        previous = _START
        whole = data[: data.rfind(b"\n") + 1]
        for number, text in enumerate(whole.splitlines(), 1):
            line = self._verified(number, text, previous)
            previous = line.hash
            yield line

    def _verified(self, number: int, text: bytes, previous: bytes) -> _Line:
        try:
            line = from_json(text, _Line)
            signed = line.signed
        except (DecodeError, ValueError) as error:
            raise DeparturesFileError(self.path, number, "cannot be read") from error
        if line.position != number or line.previous != previous.hex():
            raise DeparturesFileError(self.path, number, "does not follow the line before it")
        if not verified_company(signed, Kind.DEPARTURE, self._keys.signing_public):
            raise DeparturesFileError(self.path, number, "is not signed by this company")
        return line


def _identity(entry: Entry) -> tuple[str, bytes]:
    if isinstance(entry, EpochBegan):
        return "epoch", bytes.fromhex(entry.epoch)
    return "departure", entry.key

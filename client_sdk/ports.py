"""What the SDK takes from outside: time, randomness, keys, the network. Each is one small protocol.

Nothing else in `client_sdk` reads a clock, draws randomness or opens a connection, so a test or a phone's platform
brings its own by passing an argument. The real ones stand in `clock`, `entropy`, `keystore` and `transport`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

import msgspec

__all__ = [
    "AheadTransport",
    "AttestingKeyStore",
    "Clock",
    "KeyStore",
    "Random",
    "Reply",
    "Request",
    "Surroundings",
    "Transport",
    "Unreachable",
]


@runtime_checkable
class Clock(Protocol):
    """Time, as a phone knows it. Milliseconds throughout."""

    def wall(self) -> int:
        """What the phone's date says, milliseconds since 1970 UTC. It proves nothing."""
        ...

    def elapsed(self) -> int:
        """Milliseconds since the run that `boot` names began.

        A clock that nobody can set, and that goes on while the phone sleeps.
        """
        ...

    def boot(self) -> str:
        """A name for the phone's current run since power-on: `elapsed` is comparable within it."""
        ...

    def day_of(self, ms: int) -> str:
        """The calendar day (YYYY-MM-DD) of an instant where the phone is."""
        ...


@runtime_checkable
class Random(Protocol):
    """Randomness that is good enough for keys."""

    def bytes(self, count: int) -> bytes:
        """`count` random bytes."""
        ...


@runtime_checkable
class KeyStore(Protocol):
    """Where the device key and the shares stand: a file by default, the platform's hardware where there is some.

    What `destroy` returned from is gone for good, also after a loss of power. Names are short and plain.
    """

    def make_key(self, name: str) -> bytes:
        """Make the P-256 key `name` unless there is one; its public half as DER (SubjectPublicKeyInfo)."""
        ...

    def sign(self, name: str, message: bytes) -> bytes:
        """ECDSA over SHA-256 of `message`, as DER. KeyError when there is no such key."""
        ...

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret, durable on return; replaces one of the same name."""
        ...

    def get(self, name: str) -> bytes | None:
        """The secret, or None."""
        ...

    def destroy(self, name: str) -> None:
        """Destroy a key or a secret; nothing happens when there is none."""
        ...


@runtime_checkable
class AttestingKeyStore(KeyStore, Protocol):
    """A key store whose platform vouches that a key was made in its hardware. Asked once, at enrolment."""

    def attest(self, name: str, challenge: bytes) -> tuple[bytes, ...]:
        """The platform's chain of X.509 certificates (DER) for the key `name`, the key's own first; empty if there is
        none. It names `challenge` (32 bytes), so it is asked before `make_key`, and makes the key where that is how the
        platform attests, also in place of one that was made for another challenge.
        """
        ...


@runtime_checkable
class Surroundings(Protocol):
    """What only the platform knows of where the phone is. Asked often and from any thread: answers at once."""

    def is_metered(self) -> bool:
        """Whether what is sent now costs the person money: mobile data, or a hotspot of somebody's."""
        ...

    def is_saving_battery(self) -> bool:
        """Whether the phone saves its battery."""
        ...


class Request(msgspec.Struct, frozen=True):
    """One request. `path` begins with a slash. A transport sends it once and never again by itself."""

    method: str
    path: str
    headers: dict[str, str] = {}
    body: bytes = b""


class Reply(msgspec.Struct, frozen=True):
    """What arrived. `whole` is False when the connection broke while the body came; header names are lower case."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""
    whole: bool = True


class Unreachable(Exception):
    """Raised by a transport when no answer began. Never reaches the application: a sync reports it."""


@runtime_checkable
class Transport(Protocol):
    """The only way to the server. `send` waits for one answer; `listen` holds a stream open."""

    def send(self, request: Request) -> Reply:
        """Send and wait. Raises Unreachable when not even a status arrived."""
        ...

    def listen(self, request: Request) -> AbstractContextManager[tuple[int, Iterator[str]]]:
        """Open a stream: its status, and its lines as they come until the server or `hang_up` ends it.

        Raises Unreachable, on opening only.
        """
        ...

    def hang_up(self) -> None:
        """End the open streams, from any thread."""
        ...

    def close(self) -> None:
        """Let go of every connection; the next request makes a new one."""
        ...


@runtime_checkable
class AheadTransport(Transport, Protocol):
    """A transport that can also have an answer come while its caller does something else. One that cannot is waited
    for.
    """

    def begin(self, request: Request) -> Callable[[], Reply]:
        """Send, and do not wait: what is returned waits, and returns or raises as `send` does. It is called once."""
        ...

"""Who asks the store for a change, with what rights, and what they hand in."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from uuid import UUID

import msgspec

from server.master.guard import GuardSetting
from server.times import DEFAULT_ZONE
from sync.changes import Changes
from sync.clock import Bounds, Stamp
from sync.operations import Operation
from sync.scopes import staff as staff_scope

__all__ = ["Actor", "Authority", "Batch", "Rights", "Submission"]


class Authority(StrEnum):
    """How far an actor's word goes."""

    REP = "rep"
    MANAGER = "manager"
    SERVER = "server"


class Rights(msgspec.Struct, frozen=True):
    """What an actor may do: `scopes` it may write in (None: all of them) and how far its word goes."""

    authority: Authority
    scopes: frozenset[str] | None = None

    @property
    def decides(self) -> bool:
        """Whether the actor's word is final where a rep's is a proposal."""
        return self.authority is not Authority.REP

    def covers(self, scope: str) -> bool:
        """Whether the actor may write in the scope."""
        return self.scopes is None or scope in self.scopes


class Actor(msgspec.Struct, frozen=True):
    """One actor of a batch. `origin` is the outbox id of a phone, or 16 bytes that name another source of
    operations; `home` the scope in whose journal the actor's refused work is noted.
    """

    origin: bytes
    rights: Rights
    home: str
    staff: UUID | None = None
    device: UUID | None = None

    @property
    def own_scope(self) -> str | None:
        """The scope of the person who acts; None where no person does."""
        return staff_scope(self.staff) if self.staff is not None else None


class Submission(msgspec.Struct, frozen=True):
    """One operation as it was handed in.

    `operation` is None where `body` cannot be decoded: it becomes a dead letter with `reason`. `revives` is the record
    packed as it was when it was removed, where the server makes it again; `changes` are the operation's, typed, where
    they have been read already.
    """

    number: int
    body: bytes
    bounds: Bounds
    operation: Operation | None = None
    reason: str = ""
    revives: bytes | None = None
    changes: Changes | None = None


class Batch(msgspec.Struct, frozen=True):
    """What a batch needs from outside: the time (milliseconds), randomness for salts and ids, and the last stamp given
    to the actor's origin. With `guard`, a rep's mass changes become proposed. `zone` is the company's time zone.
    """

    now: int
    random: Callable[[int], bytes]
    last: Stamp = Stamp(0)
    guard: GuardSetting | None = None
    zone: str = DEFAULT_ZONE

"""The journal (日志): every change and every access that matters, in a chain for each scope.

The chain holds commitments, BLAKE2b-32 of (salt, body); bodies and salts stand apart, so that personal data can be
removed by a journalled order without breaking the chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from server.master.bulk import insert_rows
from server.master.scoping import ScopeState, lock_scopes, save_scopes
from server.master.store import Tx
from server.master.tables import journal, journal_bodies
from sync.codec import encode
from sync.operations import Operation
from sync.outcomes import Outcome

__all__ = [
    "ERASED",
    "SALT_BYTES",
    "Chained",
    "Change",
    "Note",
    "chained",
    "commit_to",
    "linked",
    "note",
    "write_chained",
]

SALT_BYTES = 16
ERASED = "erased"
"""The kind of an order that removed personal data: its body lists `entries`, as scope and position."""


class Change(msgspec.Struct, array_like=True, frozen=True):
    """The body of a journal entry for one operation: who asked for what, when, and what came of it.

    `claimed` is what the phone's clock said and `offset` how far it was off, both in milliseconds. `origin` is the
    actor's; `before` holds the changes that would bring back what stood where the operation took effect. `whole` is a
    record packed as it was when it was removed; what went along with it has an entry of its own, with the same
    operation asked of it.
    """

    kind: str
    operation: Operation | None
    outcome: Outcome
    staff: UUID | None
    device: UUID | None
    authority: str
    earliest: int
    latest: int
    claimed: int
    offset: int
    came_from: str | None = None
    origin: bytes = b""
    before: msgspec.Raw = msgspec.Raw(b"\x80")
    whole: bytes | None = None


class Note(msgspec.Struct, frozen=True):
    """An event that is not an operation: a grant, an order, an access. `body` is any value that encodes."""

    scope: str
    kind: str
    body: Any
    record: UUID | None = None


class Chained(msgspec.Struct, frozen=True):
    """One entry with its place in a scope's chain, ready to be written."""

    scope: int
    position: int
    at: int
    commitment: bytes
    link: bytes
    record: bytes | None
    salt: bytes
    body: bytes


def commit_to(salt: bytes, body: bytes) -> bytes:
    """The commitment to a body: 32 bytes."""
    return hashlib.blake2b(salt + body, digest_size=32).digest()


def linked(previous: bytes, position: int, at: int, commitment: bytes) -> bytes:
    """The chain's head after an entry: 32 bytes."""
    head = previous + position.to_bytes(8, "big") + at.to_bytes(8, "big")
    return hashlib.blake2b(head + commitment, digest_size=32).digest()


def chained(state: ScopeState, at: int, body: bytes, salt: bytes, record: bytes | None = None) -> Chained:
    """Append an entry to a locked scope's chain: `state` moves on, the entry is to be written."""
    commitment = commit_to(salt, body)
    state.entries += 1
    state.link = linked(state.link, state.entries, at, commitment)
    return Chained(state.no, state.entries, at, commitment, state.link, record, salt, body)


async def write_chained(tx: Tx, entries: Sequence[Chained]) -> None:
    """Write entries that have been chained in this transaction."""
    if not entries:
        return
    links = [(one.scope, one.position, one.at, one.commitment, one.link) for one in entries]
    bodies = [(one.scope, one.position, one.record, one.salt, one.body, one.at) for one in entries]
    await insert_rows(tx, journal, _CHAIN, links)
    await insert_rows(tx, journal_bodies, _BODY, bodies)


_CHAIN = ("scope", "position", "at", "commitment", "link")
_BODY = ("scope", "position", "record", "salt", "body", "at")


def _body_of(note: Note) -> bytes:
    """What is committed to: kind and body, and the record where it is about one."""
    return encode([note.kind, note.body] if note.record is None else [note.kind, note.body, note.record])


async def note(tx: Tx, notes: Sequence[Note], now: int, random: Callable[[int], bytes]) -> None:
    """Append events to their scopes' chains. Locks these scopes, so it comes last in a transaction."""
    states = {one.name: one for one in (await lock_scopes(tx, {each.scope for each in notes})).values()}
    entries = [
        chained(
            states[one.scope],
            now,
            _body_of(one),
            random(SALT_BYTES),
            one.record.bytes if one.record else None,
        )
        for one in notes
    ]
    await write_chained(tx, entries)
    await save_scopes(tx, states.values())

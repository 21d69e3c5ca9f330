"""Preparing changes of the company's keys: new private keys and signed statements in the files, and nothing else.

What is prepared is not in use: nobody is told, nothing is signed with it. So it can be copied to every machine first;
`departure.rotation` puts it into use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from server.files import keep_names
from server.identity.key_files import KEY_BYTES, KeyFileError, key_path, write_changes, write_secret
from server.identity.keys import CompanyKeys
from server.ports import Sources
from sync.codec import encode
from sync.keychain import followed
from sync.signing import Kind, Signed, company_signed, opened
from sync.statements import KeyChange, KeyTurn

__all__ = ["Turn", "in_words", "prepare", "said"]


class Turn(msgspec.Struct, frozen=True):
    """One change that is wanted: `public` is the signing key to retire (32 raw bytes), None for a new key."""

    turn: KeyTurn
    public: bytes | None = None


def said(signed: Signed) -> KeyChange:
    """What a change says."""
    return opened(signed, KeyChange)


def in_words(keys: CompanyKeys) -> Iterator[KeyChange]:
    """All changes in order, those that are prepared included."""
    return map(said, keys.all_changes)


def prepare(keys: CompanyKeys, company: UUID, turns: Sequence[Turn], sources: Sources) -> tuple[KeyChange, ...]:
    """Prepare changes, durable on return; killed before, there is none of them. Raises KeyFileError, OSError.

    Each is signed by the key that stands before it, the first by the one in use.
    """
    if keys.newest > keys.number:
        raise KeyFileError(
            "keys_prepared",
            keys.folder,
            "a change is prepared already; put it into use first: `saojie keys use`",
            "已有准备好的密钥更换；请先启用：saojie keys use",
        )
    pins, key, changes = keys.pins, keys.signing, list(keys.changes)
    for one in turns:
        number, public = pins.number + 1, one.public
        fresh = sources.random(KEY_BYTES) if public is None else b""
        if public is None:
            public = _kept(keys, one.turn, number, fresh)
        body = encode(KeyChange(company, number, sources.now(), pins.last, one.turn, public))
        changes.append(company_signed(Kind.KEY_CHANGE, body, key))
        pins = followed(pins, changes[-1:], company)
        if one.turn is KeyTurn.SIGNING:
            key = Ed25519PrivateKey.from_private_bytes(fresh)
    keep_names(keys.folder)
    write_changes(keys.folder, keys.first, changes)
    keys.read_again()
    return tuple(map(said, changes[keys.number :]))


def _kept(keys: CompanyKeys, turn: KeyTurn, number: int, secret: bytes) -> bytes:
    """Write a new private key; its public half. A file of that name is of an attempt that no statement came of."""
    path = key_path(keys.folder, turn, number)
    path.unlink(missing_ok=True)
    write_secret(path, secret)
    if turn is KeyTurn.SIGNING:
        return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()

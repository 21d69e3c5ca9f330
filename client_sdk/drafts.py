"""Drafts: forms that somebody has begun, kept through a kill. They stand in the replica, encrypted, and go with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from client_sdk.device import Device
from client_sdk.errors import InvalidInput, NotFound
from sync.codec import encode

__all__ = ["Draft", "Drafts"]


class Draft(msgspec.Struct, frozen=True):
    """One draft: what the application called it, the record it is about, when it was saved (server ms), its values."""

    name: str
    about: UUID | None
    saved: int
    values: dict[str, Any]


class Drafts:
    """`replica.drafts`."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def save(self, name: str, values: dict[str, Any], about: UUID | None = None) -> Draft:
        """Save a draft under a name, in place of the last; durable on return. It goes when the record `about` goes.

        Answered also while a notice holds the archive: a form that somebody is in the middle of is not lost.
        Raises InvalidInput for values that are not plain data, StorageFull.
        """
        try:
            body = encode(values)
            plain: dict[str, Any] = msgspec.msgpack.decode(body)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidInput("bad_value", "values", str(error)) from error
        draft = Draft(name, about, self._device.now(), plain)
        with self._device.serving(is_gated=False) as replica, replica.change():
            replica.file.run(
                "INSERT OR REPLACE INTO draft(name, about, saved, body) VALUES(?, ?, ?, ?)",
                (name, about.bytes if about else None, draft.saved, body),
            )
        return draft

    def load(self, name: str) -> Draft:
        """The draft of that name. Raises NotFound."""
        with self._device.serving() as replica:
            row = replica.file.one("SELECT name, about, saved, body FROM draft WHERE name=?", (name,))
        if row is None:
            raise NotFound(f"draft {name}")
        return _draft(row)

    def list(self) -> list[Draft]:
        """All drafts, the newest first."""
        with self._device.serving() as replica:
            rows = replica.file.run("SELECT name, about, saved, body FROM draft ORDER BY saved DESC, name")
        return [_draft(row) for row in rows]

    def discard(self, name: str) -> None:
        """Throw a draft away; nothing happens when there is none."""
        with self._device.serving() as replica, replica.change():
            replica.file.run("DELETE FROM draft WHERE name=?", (name,))


def _draft(row: tuple[str, bytes | None, int, bytes]) -> Draft:
    name, about, saved, body = row
    return Draft(name, UUID(bytes=about) if about else None, saved, msgspec.msgpack.decode(body))

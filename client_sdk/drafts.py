"""Drafts: forms that somebody has begun, kept through a kill. They stand in the replica, encrypted, and go with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from client_sdk.device import Device
from client_sdk.errors import InvalidInput, NotFound
from client_sdk.given import a_page
from sync.codec import encode

__all__ = ["OWN", "Draft", "Drafts"]

OWN = "saojie/"
"""What the names of the SDK's own drafts begin with: an application neither sees nor writes them."""
_COLUMNS = "name, about, saved, body"
_PUT = "INSERT OR REPLACE INTO draft(name, about, saved, body) VALUES(?, ?, ?, ?)"


class Draft(msgspec.Struct, frozen=True):
    """One draft: what the application called it, the record it is about, when it was saved (server ms), its values."""

    name: str
    about: UUID | None
    saved: int
    values: dict[str, Any]


class Drafts:
    """`replica.drafts`; with a `space`, the SDK's own, apart from the application's."""

    def __init__(self, device: Device, space: str = "") -> None:
        self._device = device
        self._space = space

    def save(self, name: str, values: dict[str, Any], about: UUID | None = None) -> Draft:
        """Save a draft under a name, in place of the last; durable on return. It goes when the record `about` goes.

        Answered also while a notice holds the archive: a form that somebody is in the middle of is not lost.
        Raises InvalidInput for values that are not plain data and for a name of the SDK's own, StorageFull.
        """
        key = self._key(name)
        try:
            body = encode(values)
            plain: dict[str, Any] = msgspec.msgpack.decode(body)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidInput("bad_value", "values", str(error)) from error
        draft = Draft(name, about, self._device.now(), plain)
        with self._device.serving(is_gated=False) as replica, replica.change():
            replica.file.run(_PUT, (key, about.bytes if about else None, draft.saved, body))
        return draft

    def change(self, name: str, how: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Replace the values of a draft (empty for none) by what `how` makes of them, which nobody comes between: no
        other thread and no other process. Raises StorageFull.
        """
        with self._device.serving() as replica, replica.change():
            row = replica.file.one("SELECT body FROM draft WHERE name=?", (self._key(name),))
            values = how(msgspec.msgpack.decode(row[0]) if row else {})
            replica.file.run(_PUT, (self._key(name), None, self._device.now(), encode(values)))

    def load(self, name: str) -> Draft:
        """The draft of that name. Raises NotFound."""
        with self._device.serving() as replica:
            row = replica.file.one(f"SELECT {_COLUMNS} FROM draft WHERE name=?", (self._key(name),))  # noqa: S608
        if row is None:
            raise NotFound(f"draft {name}")
        return self._draft(row)

    def list(self, page: int = 0, *, size: int | None = None) -> list[Draft]:
        """Drafts, the newest first, page by page from 0."""
        sql = f"""SELECT {_COLUMNS} FROM draft WHERE (substr(name, 1, ?) = ?) = ?
            ORDER BY saved DESC, name LIMIT ? OFFSET ?"""  # noqa: S608
        with self._device.serving() as replica:
            rows = replica.file.run(sql, (len(OWN), OWN, bool(self._space), *a_page(page, size)))
        return [self._draft(row) for row in rows]

    def discard(self, name: str) -> None:
        """Throw a draft away; nothing happens when there is none."""
        with self._device.serving() as replica, replica.change():
            replica.file.run("DELETE FROM draft WHERE name=?", (self._key(name),))

    def _key(self, name: str) -> str:
        if not self._space and name.startswith(OWN):
            raise InvalidInput("bad_value", "name", f"names that begin with {OWN} are the SDK's own")
        return self._space + name

    def _draft(self, row: tuple[str, bytes | None, int, bytes]) -> Draft:
        name, about, saved, body = row
        of = UUID(bytes=about) if about else None
        return Draft(name.removeprefix(self._space), of, saved, msgspec.msgpack.decode(body))

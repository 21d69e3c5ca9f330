"""Which bodies of the journal go into a pack. The others are withheld: their commitments stay, so the chain holds.

In are: the person's own scope whole; what the person did; what was done to outlets, policies and notices; events about
the person. Out are: what colleagues reported in visits, orders and payments; contacts and what the person wrote about
them, unless the pack is made for a closed hearing; the private parts of contacts, always.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from server.departure.evidence.history import Entry
from server.master.journal import ERASED
from sync.scopes import staff as staff_scope

__all__ = ["Showing"]

_TEXTS = frozenset({"outlet", "policy", "notice"})
_PEOPLE = frozenset({"contact"})
_PRIVATE = frozenset({"contact_private"})
_WORTH = 16


class Showing(msgspec.Struct, frozen=True):
    """Whom the pack is about, and whether contacts' personal data is in it. `devices` are the person's, by the bytes of
    their ids; `places` are entries that are shown in any case, by scope and position.
    """

    person: UUID
    with_people: bool = False
    devices: frozenset[bytes] = frozenset()
    places: frozenset[tuple[str, int]] = frozenset()

    def shows(self, entry: Entry) -> bool:
        """Whether an entry's body is in the pack. Orders that removed bodies are: whoever checks it has to see them."""
        change = entry.change
        if change is None:
            is_meant = entry.kind == ERASED or (entry.scope, entry.position) in self.places
            return is_meant or entry.scope == staff_scope(self.person) or self._is_about(entry.note)
        collection = change.operation.collection if change.operation is not None else ""
        if collection in _PRIVATE or (collection in _PEOPLE and not self.with_people):
            return False
        return change.staff == self.person or entry.scope == staff_scope(self.person) or self.tells(collection)

    def tells(self, collection: str) -> bool:
        """Whether what anybody wrote in a collection is in the pack."""
        return collection in _TEXTS or (self.with_people and collection in _PEOPLE)

    def shows_value(self, collection: str) -> bool:
        """Whether the data files have the values of a collection, or only a mask of them."""
        return collection not in _PRIVATE and (self.with_people or collection not in _PEOPLE)

    def _is_about(self, body: Any) -> bool:
        return not {self.person.bytes, *self.devices}.isdisjoint(_ids(body))


def _ids(body: Any) -> Iterable[bytes]:
    """All ids anywhere in an event."""
    if isinstance(body, bytes):
        return (body,) if len(body) == _WORTH else ()
    if isinstance(body, dict):
        return {one for value in body.values() for one in _ids(value)}
    if isinstance(body, list):
        return {one for value in body for one in _ids(value)}
    return ()

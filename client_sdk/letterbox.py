"""The letterbox: work that is put in while the replica is locked, for the company to read and nobody else.

After a lapse a phone opens nothing, and a rep may still stand in a shop. What is put in here is durable on return and
sealed to the company: the key of each operation is random, used once and forgotten, so the phone can hand it in and
never read it back. A sync hands it in once the lease is renewed; after an order it is handed in with everything else.
Nothing can be looked up here, so nothing is: the company's rules decide when it arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack
from uuid import UUID

from client_sdk.errors import InvalidInput
from client_sdk.keys import Territories
from client_sdk.outlets import OutletFields
from client_sdk.work import VisitFields, listed
from client_sdk.writing import Desk
from sync import scopes
from sync.codec import encode
from sync.records import Outlet, Record, Visit

__all__ = ["Letterbox"]


class Letterbox:
    """`replica.letterbox`. Answered while the replica is locked or erased, and while it is open.

    Every call returns the id of the new record, which later ones may name. Raises NotConfirmed, ReplicaWiped.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._device = desk.device

    @property
    def territories(self) -> tuple[UUID, ...]:
        """The territories that this phone last held, to register an outlet in; ids, nothing else is known here."""
        with self._device.lock:
            known = self._device.keys.get(Territories)
        return known.ids if known is not None else ()

    def visit(self, outlet: UUID, **fields: Unpack[VisitFields]) -> UUID:
        """Log a visit at an outlet whose id the application still has, or that `register` gave.

        Raises InvalidInput, StorageFull.
        """
        return self._put(Visit, {"outlet": outlet, **fields})

    def register(self, *, name: str, territory: UUID | None = None, **fields: Unpack[OutletFields]) -> UUID:
        """Note an outlet that cannot be looked up, with what one sees of it: name, position, phone, notes.

        It arrives as a new outlet; if the company has it already, the two are laid before somebody to be merged, with
        the visits that were logged at it. `territory` may be left out where this phone held one. Raises InvalidInput,
        StorageFull.
        """
        with self._device.lock:
            self._device.admit_adding()
        held = self.territories
        if territory is None and len(held) == 1:
            territory = held[0]
        if territory is None or territory not in held:
            raise InvalidInput("unknown_scope", "territory", "say which territory it belongs to")
        return self._put(Outlet, {"name": name, **fields}, scopes.territory(territory))

    def _put(self, kind: type[Record], fields: Mapping[str, Any], scope: str | None = None) -> UUID:
        operation, _ = self._desk.made(kind, listed(fields), scope)
        with self._device.lock:
            self._device.admit_adding()
            self._device.outbox.add_sealed(encode(operation), self._device.opening)
            # An order that another process stored in between may have missed this: then it is not promised.
            self._device.admit_adding()
        self._device.work.set()
        return operation.record

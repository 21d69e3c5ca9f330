"""Contacts (联系人) of an outlet, and their private part where the role has it."""

from __future__ import annotations

from typing import TypedDict, Unpack
from uuid import UUID

from client_sdk.errors import InvalidInput
from client_sdk.writing import Desk
from sync.changes import SetChange
from sync.records import Birthday, Channel, Consent, Contact, ContactPrivate, Outlet, Relative
from sync.scopes import private_of

__all__ = ["ContactFields", "Contacts", "PrivateFields"]


class ContactFields(TypedDict, total=False):
    """What a rep may say of a contact."""

    role: str
    phone: str
    channel: Channel | str
    active: bool
    notes: str


class _Named(ContactFields, total=False):
    name: str


class PrivateFields(TypedDict, total=False):
    """What stands in the private part. A list of hobbies or relatives replaces what is there, element by element."""

    hobbies: tuple[str, ...] | SetChange[str]
    family: tuple[Relative, ...] | SetChange[Relative]
    birthday: Birthday | None
    consent: Consent | None
    notes: str


class Contacts:
    """`replica.contacts`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of(self, outlet: UUID) -> list[Contact]:
        """The contacts of an outlet, newest first."""
        return self._desk.all(Contact, outlet)

    def get(self, contact: UUID) -> Contact:
        """One contact. Raises NotFound."""
        return self._desk.get(Contact, contact)

    def add(self, outlet: UUID, *, name: str, **fields: Unpack[ContactFields]) -> Contact:
        """Add a contact to an outlet. Raises InvalidInput, NotFound, StorageFull."""
        return self._desk.create(Contact, {"outlet": outlet, "name": name, **fields})

    def update(self, contact: UUID, **fields: Unpack[_Named]) -> Contact:
        """Change a contact. Raises InvalidInput, NotFound, StorageFull."""
        return self._desk.edit(Contact, contact, fields)

    def private(self, contact: UUID) -> ContactPrivate | None:
        """The private part of a contact; None when there is none, or this role does not hold it."""
        outlet = self.get(contact).outlet
        return next((one for one in self._desk.all(ContactPrivate, outlet) if one.contact == contact), None)

    def update_private(self, contact: UUID, **fields: Unpack[PrivateFields]) -> ContactPrivate:
        """Change the private part of a contact, or begin it. Raises InvalidInput (`not_yours`: the role has none)."""
        held, outlet = self.private(contact), self.get(contact).outlet
        if held is not None:
            return self._desk.edit(ContactPrivate, held.id, fields)
        with self._desk.device.serving() as replica:
            self._desk.shown(replica, Outlet, outlet)
            row = replica.rows.get(outlet.bytes)
            name = replica.scopes.name_of(row.scope) if row else None
            if name is None or replica.scopes.find(private_of(name)) is None:
                raise InvalidInput("not_yours", "contact")
        return self._desk.create(ContactPrivate, {"contact": contact, "outlet": outlet, **fields})

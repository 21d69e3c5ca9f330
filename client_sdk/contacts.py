"""Contacts (联系人) of an outlet, and their private part where the role has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, Unpack
from uuid import UUID

import msgspec

from client_sdk.errors import InvalidInput
from client_sdk.openings import count_openings
from client_sdk.writing import Desk
from sync.changes import SetChange
from sync.records import Birthday, Channel, Consent, Contact, ContactPrivate, Outlet, Relative
from sync.scopes import private_of

__all__ = ["ContactCard", "ContactFields", "Contacts", "PrivateFields"]


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


class ContactCard(msgspec.Struct, frozen=True):
    """What a list shows of a contact: who it is, and nothing by which one could reach them."""

    id: UUID
    outlet: UUID
    name: str
    role: str
    active: bool


class Contacts:
    """`replica.contacts`. Opening a contact's details is counted, and the company hears of it (`openings`)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of(self, outlet: UUID, page: int = 0, *, size: int | None = None) -> list[ContactCard]:
        """The contacts of an outlet as a list shows them, newest first, page by page from 0."""
        found = self._desk.all(Contact, outlet, page, size=size)
        return [ContactCard(one.id, one.outlet, one.name, one.role, one.active) for one in found]

    def get(self, contact: UUID) -> Contact:
        """One contact with its details; counted as an opening. Raises NotFound, StorageFull."""
        return self._opened(contact)

    def add(self, outlet: UUID, *, name: str, **fields: Unpack[ContactFields]) -> Contact:
        """Add a contact to an outlet. Raises InvalidInput, NotFound, StorageFull."""
        return self._desk.create(Contact, {"outlet": outlet, "name": name, **fields})

    def update(self, contact: UUID, **fields: Unpack[_Named]) -> Contact:
        """Change a contact; counted as an opening. Raises InvalidInput, NotFound, StorageFull."""
        self._opened(contact)
        return self._desk.edit(Contact, contact, fields)

    def private(self, contact: UUID) -> ContactPrivate | None:
        """The private part of a contact, counted as an opening; None when there is none, or this role does not hold it.

        Raises NotFound, StorageFull.
        """
        held = self._private(contact)
        if held is not None:
            self._opened(contact, private=True)
        return held

    def update_private(self, contact: UUID, **fields: Unpack[PrivateFields]) -> ContactPrivate:
        """Change the private part of a contact, or begin it; counted as an opening. Raises InvalidInput (`not_yours`:
        the role has none), NotFound, StorageFull. Consent that is given says for what: what it does not cover goes.
        """
        said = fields.get("consent")
        if said is not None and said.given and not said.purposes:
            raise InvalidInput("bad_value", "consent", "consent that is given names what it is for, such as care")
        held, outlet = self._private(contact), self._desk.get(Contact, contact).outlet
        if held is not None:
            self._opened(contact, private=True)
            return self._desk.edit(ContactPrivate, held.id, fields)
        with self._desk.serving() as replica:
            self._desk.shown(replica, Outlet, outlet)
            row = replica.rows.get(outlet.bytes)
            name = replica.scopes.name_of(row.scope) if row else None
            if name is None or replica.scopes.find(private_of(name)) is None:
                raise InvalidInput("not_yours", "contact")
        return self._desk.create(ContactPrivate, {"contact": contact, "outlet": outlet, **fields})

    def consent(self, contact: UUID, purposes: Iterable[str] = ("care",)) -> ContactPrivate:
        """Record that a person agreed to purposes: `care` for the whole private part, `birthday:care` for one field.
        What is not covered leaves the archive with the next sync. Raises InvalidInput, NotFound, StorageFull.
        """
        given = Consent(given=True, purposes=tuple(purposes), at=self._desk.device.now())
        return self.update_private(contact, consent=given)

    def withdraw_consent(self, contact: UUID) -> ContactPrivate:
        """Record that a person withdrew their consent: what it covered goes, here and everywhere. Raises InvalidInput,
        NotFound, StorageFull.
        """
        return self.update_private(contact, consent=Consent(given=False, at=self._desk.device.now()))

    # ---- inside --------------------------------------------------------

    def _opened(self, contact: UUID, *, private: bool = False) -> Contact:
        """Count first, then show: nothing is opened that is not counted."""
        with self._desk.serving() as replica:
            seen = self._desk.shown(replica, Contact, contact)
            count_openings(self._desk.device, replica, [(seen.id, seen.outlet)], private=private)
            return seen

    def _private(self, contact: UUID) -> ContactPrivate | None:
        outlet = self._desk.get(Contact, contact).outlet
        return next((one for one in self._desk.all(ContactPrivate, outlet) if one.contact == contact), None)

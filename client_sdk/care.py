"""Care (感情联络) on the phone: the days that are coming, occasions that are noted, gifts and what they cost.

Birthdays and occasions are private: only a role that holds the private part sees them, and only with consent to care.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypedDict, Unpack
from uuid import UUID

import msgspec

from client_sdk.given import paged
from client_sdk.local.policies import policies_of
from client_sdk.work import Appended
from client_sdk.writing import Desk
from sync.business.care import birthdays, festivals_ahead
from sync.policies import Policies
from sync.policies.care import FESTIVAL_GRADES
from sync.records import Contact, ContactPrivate, Gift, Occasion, OccasionKind

__all__ = ["Care", "CareAhead", "GiftFields"]


class CareAhead(msgspec.Struct, frozen=True):
    """A day that is coming (YYYY-MM-DD): `birthday`, `family_birthday`, a festival's code or an occasion's kind, at
    which outlet (the one that stands, where it was merged), about which contact or occasion.
    """

    day: str
    kind: str
    outlet: UUID
    about: UUID | None = None


class GiftFields(TypedDict, total=False):
    """What may be said of a gift. `cost` is in minor units, `given_on` a day, today where it is left out."""

    cost: int
    occasion: str
    contact: UUID | None
    given_on: str | None
    task: UUID | None
    notes: str


class Care(Appended[Gift]):
    """`replica.care`."""

    kind = Gift

    def ahead(self, days: int = 30, page: int = 0, *, size: int | None = None) -> list[CareAhead]:
        """The days of care from today on, the first first, as far as this phone holds what they come from; those of a
        year at most. Page by page from 0.
        """
        today = date.fromisoformat(self._today())
        last = today + timedelta(days=max(-1, min(days, 366)))
        with self._desk.serving() as replica:
            self._desk.look(replica)
            grades = replica.index.grades()
            into, policies = replica.rows.aliases.ends(), policies_of(replica)
        noted = [*_birthdays(self._desk, today), *self._occasions(today)]
        found = [msgspec.structs.replace(one, outlet=into.get(one.outlet, one.outlet)) for one in noted]
        found += _festivals(today, last, grades, policies)
        coming = [one for one in found if one.outlet.bytes in grades and one.day <= str(last)]
        return paged(sorted(coming, key=lambda one: (one.day, one.outlet.bytes, one.kind)), page, size)

    def note(
        self, outlet: UUID, kind: OccasionKind | str, day: str, *, contact: UUID | None = None, notes: str = ""
    ) -> Occasion:
        """Note a wedding, a funeral, a day that matters. Raises InvalidInput, NotFound, StorageFull."""
        fields = {"outlet": outlet, "kind": kind, "day": day, "contact": contact, "notes": notes}
        return self._desk.create(Occasion, {name: value for name, value in fields.items() if value is not None})

    def gave(self, outlet: UUID, gift: str, **fields: Unpack[GiftFields]) -> Gift:
        """Record a gift and what it cost. Raises InvalidInput, NotFound, StorageFull."""
        return self._append({"outlet": outlet, "gift": gift, "given_on": self._today(), **fields})

    def gifts(self, outlet: UUID, page: int = 0, *, size: int | None = None) -> list[Gift]:
        """What an outlet was given, newest first, amended ones as they stand, page by page from 0."""
        found = self._desk.all(Gift, outlet)
        amended = {one.amends for one in found}
        return paged([one for one in found if one.id not in amended], page, size)

    def _occasions(self, today: date) -> list[CareAhead]:
        held = [one for one in self._desk.all(Occasion) if one.day is not None and one.day >= str(today)]
        return [CareAhead(one.day or "", one.kind.value, one.outlet, one.id) for one in held]


def _festivals(today: date, last: date, grades: dict[bytes, str], policies: Policies) -> list[CareAhead]:
    kept = policies.of(FESTIVAL_GRADES)
    days = [(code, day) for code, day in festivals_ahead(today, policies) if day <= last]
    meant = [UUID(bytes=one) for one, grade in grades.items() if grade in kept] if days else []
    return [CareAhead(str(day), code, one) for code, day in days for one in meant]


def _birthdays(desk: Desk, today: date) -> list[CareAhead]:
    found = [
        CareAhead(str(day), kind, one.outlet, one.contact)
        for one in desk.all(ContactPrivate)
        for kind, day in birthdays(one.consent, one.birthday, one.family, today)
    ]
    with desk.serving() as replica:
        held = {one.about: replica.rows.shown(one.about.bytes) for one in found if one.about is not None}
    return [one for one in found if one.about and isinstance(person := held[one.about], Contact) and person.active]

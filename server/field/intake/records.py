"""Facts as fields of our records, and records as facts: what the write path needs on either side of an import.

A record made of a list's facts and read back differs from them in nothing that is compared, so the same list
imported again changes nothing.
"""

from __future__ import annotations

from typing import Any

from server.field.intake.drafts import Draft, Facts, Phone
from server.field.intake.phones import phone_text
from sync.records.base import Source
from sync.records.contact import Contact
from sync.records.outlet import Cooperation, CreditTerms, Grade, Outlet, OutletStatus

__all__ = ["contact_fields", "facts_of", "outlet_fields"]


def outlet_fields(draft: Draft, before: Outlet | None = None) -> dict[str, Any]:
    """The outlet's fields that a draft gives, by name, typed as the record wants them.

    What the list does not say is not there. `before` keeps the parts of cooperation and credit that it does not say.
    """
    facts = draft.facts
    fields: dict[str, Any] = {
        "name": facts.name,
        "outlet_class": facts.outlet_class,
        "grade": Grade(facts.grade) if facts.grade else None,
        "status": OutletStatus(facts.status) if facts.status else None,
        "address": facts.address,
        "position": facts.position,
        "phone": phone_text(facts.phones) or None,
        "opening_hours": facts.opening_hours,
        "code": facts.code,
        "cooperation": _cooperation(facts, before.cooperation if before else None),
        "credit": _credit(facts, before.credit if before else None),
        "notes": facts.notes,
    }
    if before is None:
        fields |= {"source": Source.IMPORT, "source_ref": draft.source}
    return {name: value for name, value in fields.items() if value is not None}


def contact_fields(facts: Facts) -> dict[str, Any]:
    """The main contact's fields by name; empty where the list names nobody. A sole phone is the contact's too."""
    if not facts.contact_name:
        return {}
    phone = phone_text(facts.contact_phones or facts.phones)
    fields = {"name": facts.contact_name, "role": facts.contact_role, "phone": phone}
    return {name: value for name, value in fields.items() if value}


def facts_of(outlet: Outlet, contact: Contact | None = None) -> Facts:
    """What an outlet in the store, with its main contact, says in the terms of a list."""
    held, credit = outlet.cooperation or Cooperation(), outlet.credit
    register = outlet.source_ref.partition(":")[0]
    return Facts(
        name=outlet.name,
        code=outlet.code or None,
        ref=outlet.source_ref if register not in ("", "code", "list") else None,
        outlet_class=outlet.outlet_class,
        grade=outlet.grade.value,
        status=outlet.status.value,
        address=outlet.address or None,
        position=outlet.position,
        phones=_phones(outlet.phone),
        opening_hours=outlet.opening_hours or None,
        contact_name=contact.name if contact else None,
        contact_role=(contact.role or None) if contact else None,
        contact_phones=_phones(contact.phone) if contact else (),
        since=held.since,
        level=held.level,
        terms=held.terms or None,
        credit_limit=credit.limit if credit else None,
        credit_days=credit.days if credit else None,
        notes=outlet.notes or None,
    )


def _cooperation(facts: Facts, before: Cooperation | None) -> Cooperation | None:
    if facts.since is None and facts.level is None and facts.terms is None:
        return None
    held = before or Cooperation()
    return Cooperation(
        since=facts.since or held.since,
        level=held.level if facts.level is None else facts.level,
        terms=facts.terms or held.terms,
    )


def _credit(facts: Facts, before: CreditTerms | None) -> CreditTerms | None:
    if facts.credit_limit is None and facts.credit_days is None:
        return None
    held = before or CreditTerms()
    return CreditTerms(
        limit=held.limit if facts.credit_limit is None else facts.credit_limit,
        days=held.days if facts.credit_days is None else facts.credit_days,
    )


def _phones(text: str) -> tuple[Phone, ...]:
    parts = [part.strip() for part in text.split(";")]
    return tuple(Phone(part, part if part.startswith("+") else None) for part in parts if part)

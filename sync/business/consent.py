"""Consent (同意): which fields of a contact's private part it covers, and for which purposes.

A purpose (`care`) holds for the whole private part; with a field before it (`birthday:care`), for that field alone.
Consent that nobody has asked for yet (None) covers nothing, and takes nothing away.
"""

from __future__ import annotations

from sync.records import Consent, ContactPrivate

__all__ = ["CARE", "COVERED", "allows", "covered", "uncovered"]

COVERED = ("hobbies", "family", "birthday", "notes")
"""The fields of the private part that consent is about."""
CARE = "care"
"""The purpose of birthdays, festivals and gifts (感情联络)."""


def allows(consent: Consent | None, field: str, purpose: str) -> bool:
    """Whether a field may be used for a purpose."""
    if consent is None or not consent.given:
        return False
    return purpose in consent.purposes or f"{field}:{purpose}" in consent.purposes


def covered(consent: Consent) -> frozenset[str]:
    """The fields that may be kept, for whatever purpose."""
    if not consent.given:
        return frozenset()
    whole = any(":" not in one for one in consent.purposes)
    return frozenset(COVERED if whole else (one.partition(":")[0] for one in consent.purposes)) & frozenset(COVERED)


def uncovered(private: ContactPrivate) -> tuple[str, ...]:
    """The fields that hold something which consent does not cover: they are to be emptied."""
    if private.consent is None:
        return ()
    kept = covered(private.consent)
    return tuple(name for name in COVERED if name not in kept and getattr(private, name))

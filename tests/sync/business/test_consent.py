"""What consent covers: the whole private part, single fields, nothing once it is withdrawn."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from sync.business.consent import COVERED, allows, covered, uncovered
from sync.records import Birthday, Consent, ContactPrivate, Relative

ONE = UUID(int=1)
FULL = ContactPrivate(
    ONE, ONE, ONE, hobbies=("钓鱼",), family=(Relative("w", "李梅"),), birthday=Birthday(5, 3), notes="爱喝茶"
)


@pytest.mark.parametrize(
    ("consent", "gone"),
    [
        (None, ()),
        (Consent(given=False), COVERED),
        (Consent(given=False, purposes=("care",)), COVERED),
        (Consent(given=True), COVERED),
        (Consent(given=True, purposes=("care",)), ()),
        (Consent(given=True, purposes=("birthday:care",)), ("hobbies", "family", "notes")),
        (Consent(given=True, purposes=("birthday:care", "family:care")), ("hobbies", "notes")),
        (Consent(given=True, purposes=("phone:care",)), COVERED),
    ],
)
def test_what_is_not_covered_is_to_be_emptied(consent: Consent | None, gone: tuple[str, ...]) -> None:
    """Consent that nobody asked for yet takes nothing away."""
    assert uncovered(msgspec.structs.replace(FULL, consent=consent)) == gone


def test_a_field_may_be_used_only_for_its_purpose() -> None:
    """And never without consent."""
    consent = Consent(given=True, purposes=("birthday:care", "profile"))
    assert allows(consent, "birthday", "care")
    assert not allows(consent, "family", "care")
    assert allows(consent, "family", "profile")
    assert not allows(None, "birthday", "care")
    assert not allows(Consent(given=False, purposes=("care",)), "birthday", "care")
    assert covered(consent) == frozenset(COVERED)

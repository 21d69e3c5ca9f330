"""The days of care: festivals over the year's end, birthdays as far as consent covers them."""

from __future__ import annotations

from datetime import date

from sync.business.care import birthdays, festivals_ahead
from sync.policies import Policies
from sync.records import Birthday, Consent, Relative


def test_the_next_festivals_are_in_order() -> None:
    """Over the year's end; the day itself counts."""
    found = festivals_ahead(date(2026, 9, 25), Policies())
    assert found == [
        ("mid_autumn", date(2026, 9, 25)), ("spring_festival", date(2027, 2, 6)), ("dragon_boat", date(2027, 6, 9)),
    ]  # fmt: skip


def test_a_birthday_needs_consent_that_covers_it() -> None:
    """The contact's own and the family's each by itself; a relative without one has none."""
    family = [Relative("w", "李梅", "妻子", Birthday(10, 17)), Relative("m", "母亲")]
    own, theirs, since = ("birthday", date(2026, 10, 16)), ("family_birthday", date(2026, 10, 17)), date(2026, 10, 16)
    for purposes, found in (
        (("care",), [own, theirs]),
        (("birthday:care",), [own]),
        (("family:care",), [theirs]),
        (("profile",), []),
    ):
        consent = Consent(given=True, purposes=purposes)
        assert birthdays(consent, Birthday(10, 16), family, since) == found
    assert birthdays(None, Birthday(10, 16), family, since) == []

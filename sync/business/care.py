"""The days of care (感情联络): birthdays as far as consent covers them, and festivals, as section 8 of `docs/rules.md`
says: the same on the phone and on the server.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sync.business.consent import CARE, allows
from sync.business.lunar import festival, next_birthday
from sync.policies import Policies
from sync.policies.care import FESTIVALS as KEPT
from sync.records import Birthday, Consent, Relative

__all__ = ["AHEAD_DAYS", "birthdays", "festivals_ahead"]

AHEAD_DAYS = 60
"""So many days of care are in the file of an outlet, for whoever takes over."""


def birthdays(
    consent: Consent | None, birthday: Birthday | None, family: Iterable[Relative], since: date
) -> list[tuple[str, date]]:
    """The next birthdays of a contact (`birthday`) and in the family (`family_birthday`), `since` included."""
    found: list[tuple[str, date | None]] = []
    if birthday is not None and allows(consent, "birthday", CARE):
        found.append(("birthday", next_birthday(birthday, since)))
    if allows(consent, "family", CARE):
        found += [("family_birthday", next_birthday(one.birthday, since)) for one in family if one.birthday]
    return [(kind, day) for kind, day in found if day is not None]


def festivals_ahead(since: date, policies: Policies) -> list[tuple[str, date]]:
    """The next day of each festival that is kept, `since` included, the first first."""
    found = []
    for code in policies.of(KEPT):
        days = [festival(code, year) for year in range(since.year - 1, since.year + 2)]
        coming = [day for day in days if day is not None and day >= since]
        if coming:
            found.append((code, min(coming)))
    return sorted(found, key=lambda one: one[1])

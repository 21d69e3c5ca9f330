"""By what the list of outlets is narrowed: read from an address, and put as conditions on the table.

All but what an archive lacks stands in one index (`ix_outlets_listing`), so that a page of a hundred thousand outlets
is read without touching a row that is not on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, false, func, or_, select

from server.field.ground import Ground
from server.field.intake.phones import read_phones
from server.field.registration.completeness import LACKS
from server.master.decoys import no_decoys
from server.master.typed import TYPED
from sync.business.names import tidy
from sync.business.phones import numbers_in
from sync.ids import parse_id
from sync.policies import Policies
from sync.policies.archive import REQUIRED
from sync.records import Grade, OutletStatus, Review

__all__ = ["MISSING_ANY", "OUTLETS", "SEEN", "SORTS", "STANDING", "Filters", "conditions", "read_filters"]

OUTLETS, _CONTACTS = TYPED["outlet"], TYPED["contact"]
_DAY_MS = 86_400_000
_MOST_PARTS = 6
_LONGEST = 100
SORTS = ("name", "unseen", "seen")
"""By the sound of the name; those that were visited longest ago first; those that were visited last first."""
SEEN = ("7", "30", "60", "90", "never")
"""Not visited for so many days; or never."""
STANDING = "standing"
"""Instead of a status: all but those that are closed."""
MISSING_ANY = "any"
"""Instead of what is missing: anything that its class requires."""


class Filters(msgspec.Struct, frozen=True):
    """What the list is narrowed by; empty leaves it open. `place` is a territory or pool, `rep` owns the territory."""

    text: str = ""
    outlet_class: str = ""
    grade: str = ""
    status: str = STANDING
    review: str = ""
    place: UUID | None = None
    rep: UUID | None = None
    seen: str = ""
    missing: str = ""
    sort: str = SORTS[0]

    @property
    def is_open(self) -> bool:
        """Whether nothing is said but an order."""
        return msgspec.structs.replace(self, sort=SORTS[0]) == Filters()

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is said but a text."""
        return self != Filters(text=self.text)

    def address(self) -> dict[str, str]:
        """The same as parts of an address, by which `read_filters` reads it again."""
        parts = {
            "q": self.text, "class": self.outlet_class, "grade": self.grade,
            "status": "" if self.status == STANDING else self.status, "review": self.review,
            "place": str(self.place or ""), "rep": str(self.rep or ""), "seen": self.seen, "missing": self.missing,
            "sort": "" if self.sort == SORTS[0] else self.sort,
        }  # fmt: skip
        return {name: value for name, value in parts.items() if value}


def read_filters(query: Mapping[str, str]) -> Filters:
    """The filters that an address names; what is none of ours is passed over."""

    def one_of(name: str, known: Iterable[str], default: str = "") -> str:
        value = query.get(name, "")
        return value if value in tuple(known) else default

    return Filters(
        text=tidy(query.get("q", ""))[:_LONGEST],
        outlet_class=query.get("class", "")[:_LONGEST],
        grade=one_of("grade", Grade),
        status=one_of("status", ("all", *OutletStatus), STANDING),
        review=one_of("review", Review),
        place=parse_id(query.get("place", "")),
        rep=parse_id(query.get("rep", "")),
        seen=one_of("seen", SEEN),
        missing=one_of("missing", (MISSING_ANY, *LACKS)),
        sort=one_of("sort", SORTS, SORTS[0]),
    )


def conditions(
    filters: Filters, ground: Ground, numbers: Iterable[int] | None, classes: Iterable[str]
) -> list[ColumnElement[bool]]:
    """What a row of outlets has to be; `numbers` are the scopes it has to stand in (None: any), `classes` the codes of
    the company's classes.
    """
    # What most rows fail at comes first: the database asks no more of them.
    wanted = [_found(filters.text, ground.region)] if filters.text else []
    wanted += [no_decoys(OUTLETS.c.scope), OUTLETS.c.merged_into.is_(None)]
    if filters.status == STANDING:
        wanted.append(OUTLETS.c.status != OutletStatus.CLOSED)
    elif filters.status != "all":
        wanted.append(OUTLETS.c.status == filters.status)
    named = {"outlet_class": filters.outlet_class, "grade": filters.grade, "review": filters.review}
    wanted += [OUTLETS.c[name] == value for name, value in named.items() if value]
    if numbers is not None:
        wanted.append(OUTLETS.c.scope.in_(sorted(numbers)))
    if filters.seen == "never":
        wanted.append(OUTLETS.c.last_visit_at.is_(None))
    elif filters.seen:
        wanted.append(func.coalesce(OUTLETS.c.last_visit_at, 0) < ground.sources.now() - int(filters.seen) * _DAY_MS)
    if filters.missing == MISSING_ANY:
        wanted.append(_incomplete(ground.policies, classes))
    elif filters.missing:
        wanted.append(LACKS[filters.missing])
    return wanted


def _found(text: str, region: str) -> ColumnElement[bool]:
    """Every part of the text is in the outlet's words; or it is the phone of somebody there, or an id."""
    parts = text.casefold().split()[:_MOST_PARTS]
    numbers = sorted(numbers_in(text))
    ways = [and_(*(OUTLETS.c.words.contains(part, autoescape=True) for part in parts))]
    ways += [OUTLETS.c.words.contains(number) for number in numbers]
    if numbers:
        phones = {text, *numbers, *(f"0{one}" for one in numbers), *(f"+86{one}" for one in numbers)}
        phones |= {one.e164 for one in read_phones(text, region)[0] if one.e164}
        at = OUTLETS.alias("at")
        stands = select(func.coalesce(at.c.merged_into, at.c.id)).join(_CONTACTS, _CONTACTS.c.outlet == at.c.id)
        ways.append(OUTLETS.c.id.in_(stands.where(_CONTACTS.c.phone.in_(sorted(phones)), _CONTACTS.c.active)))
    known = parse_id(text)
    return or_(*ways, *([OUTLETS.c.id == known] if known is not None else []))


def _incomplete(policies: Policies, classes: Iterable[str]) -> ColumnElement[bool]:
    """Whether anything is missing that the outlet's class requires."""
    required = {code: policies.of(REQUIRED, code) for code in classes}
    usual = policies.of(REQUIRED)
    special = {code: names for code, names in required.items() if names != usual}
    ways = [and_(OUTLETS.c.outlet_class == code, _lacks(names)) for code, names in special.items()]
    return or_(*ways, and_(OUTLETS.c.outlet_class.not_in(list(special)), _lacks(usual)))


def _lacks(names: Iterable[str]) -> ColumnElement[bool]:
    return or_(false(), *(LACKS[name] for name in names if name in LACKS))

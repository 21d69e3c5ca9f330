"""The table of collections: what each holds, where its records stand, how they change.

Mirrors the design's table of records and scopes. The field rules stand beside the fields; this module
gathers them once, so that merging, rights, the typed tables and the forms all read the same declaration.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, get_args, get_origin, get_type_hints

import msgspec

from sync.permissions import PERMISSIONS, Who
from sync.records import company, contact, keeping, outlet, reports, trade, work
from sync.records.base import Record
from sync.rules import Merge, Rule, Writer

__all__ = ["COLLECTIONS", "Collection", "Home", "by_tag", "collection"]


class Home(StrEnum):
    """How the scope of a new record is found."""

    NAMED = "named"
    """The operation names a territory or a pool."""
    OUTLET = "outlet"
    """With the outlet that the record names."""
    PRIVATE = "private"
    """In the private scope that goes with the outlet's."""
    STAFF = "staff"
    """In a person's own scope."""
    COMPANY = "company"
    """In the company's scope."""


class Collection(msgspec.Struct, frozen=True):
    """One collection. Who may do what with its records stands in `sync.permissions`, by its name."""

    name: str
    type: type[Record]
    home: Home
    append_only: bool = False
    rules: dict[str, Rule] = {}

    @property
    def tag(self) -> int:
        """The number that stands for the collection in packed records."""
        return int(self.type.__struct_config__.tag or 0)

    @property
    def rep_creates(self) -> bool:
        """Whether a rep makes its records."""
        return PERMISSIONS[self.name].allows("create", Who.REP)

    @property
    def rep_edits(self) -> bool:
        """Whether a rep edits its records."""
        return PERMISSIONS[self.name].allows("edit", Who.REP)

    @property
    def outlet_field(self) -> str | None:
        """The field that names the outlet, where a record has one."""
        return "outlet" if "outlet" in self.type.__struct_fields__ else None

    def rule(self, field: str) -> Rule:
        """The rule of one field."""
        return self.rules[field]


def _declared(hint: object) -> Rule | None:
    if get_origin(hint) is not Annotated:
        return None
    return next((part for part in get_args(hint)[1:] if isinstance(part, Rule)), None)


def _gather(kind: type[Record], default: Rule) -> dict[str, Rule]:
    hints = get_type_hints(kind, include_extras=True)
    return {name: _declared(hints[name]) or default for name in kind.__struct_fields__ if name != "id"}


def _merged(name: str, kind: type[Record], home: Home) -> Collection:
    return Collection(name, kind, home, rules=_gather(kind, Rule()))


def _appended(name: str, kind: type[Record], home: Home = Home.OUTLET) -> Collection:
    rules = _gather(kind, Rule(merge=Merge.FIXED))
    return Collection(name, kind, home, append_only=True, rules=rules)


def _ours(name: str, kind: type[Record], home: Home, write: Writer = Writer.MANAGER) -> Collection:
    return Collection(name, kind, home, rules=_gather(kind, Rule(write=write)))


COLLECTIONS: dict[str, Collection] = {
    one.name: one
    for one in (
        _merged("outlet", outlet.Outlet, Home.NAMED),
        _merged("contact", contact.Contact, Home.OUTLET),
        _merged("contact_private", contact.ContactPrivate, Home.PRIVATE),
        _appended("visit", work.Visit),
        _appended("sweep", work.Sweep, Home.NAMED),
        _appended("photo", work.Photo),
        _merged("task", work.Task, Home.STAFF),
        _appended("acknowledgement", work.Acknowledgement, Home.STAFF),
        _appended("opening", work.Opening, Home.STAFF),
        _appended("daily_report", reports.DailyReport, Home.STAFF),
        _merged("practice", reports.Practice, Home.STAFF),
        _merged("claim", reports.Claim, Home.STAFF),
        _appended("order", trade.Order),
        _appended("delivery", trade.Delivery),
        _appended("payment", trade.Payment),
        _appended("contact_report", reports.ContactReport),
        _appended("verification", keeping.Verification),
        _merged("occasion", keeping.Occasion, Home.PRIVATE),
        _appended("gift", keeping.Gift),
        _merged("credit_application", trade.CreditApplication, Home.OUTLET),
        _ours("product", company.Product, Home.COMPANY),
        _ours("price", company.Price, Home.COMPANY),
        _ours("outlet_class", company.OutletClass, Home.COMPANY),
        _ours("policy", company.Policy, Home.COMPANY),
        _ours("notice", company.Notice, Home.COMPANY),
        _ours("teaser", company.Teaser, Home.NAMED, Writer.SERVER),
        _ours("score", company.Score, Home.STAFF, Writer.SERVER),
        _ours("refused", company.Refused, Home.STAFF, Writer.SERVER),
        _ours("finding", company.Finding, Home.STAFF, Writer.SERVER),
        _ours("code_block", company.CodeBlock, Home.STAFF, Writer.SERVER),
    )
}

_BY_TAG = {one.tag: one for one in COLLECTIONS.values()}


def collection(name: str) -> Collection | None:
    """The collection of that name; None when there is none."""
    return COLLECTIONS.get(name)


def by_tag(tag: int) -> Collection | None:
    """The collection whose packed records begin with `tag`; None when there is none."""
    return _BY_TAG.get(tag)

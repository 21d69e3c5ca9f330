"""Scopes: the unit of replication and of permission. Each record is in exactly one at a time.

A scope is named by a text, `kind` or `kind/<id>` or `kind/<id>/<part>`; this module is the only
place that builds or takes apart such a text.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

import msgspec

from sync.ids import parse_id

__all__ = ["COMPANY", "Scope", "ScopeKind", "parse_scope", "pool", "private_of", "staff", "teasers", "territory"]


class ScopeKind(StrEnum):
    """What a scope holds, and with that who may be granted it."""

    COMPANY = "company"
    TERRITORY = "territory"
    PRIVATE = "private"
    POOL = "pool"
    TEASERS = "teasers"
    STAFF = "staff"

    @property
    def is_ever_on_a_device(self) -> bool:
        """A pool's full records are never granted to a device; every other kind may be."""
        return self is not ScopeKind.POOL


class Scope(msgspec.Struct, frozen=True):
    """A scope's name taken apart. `of` is the territory's, pool's or person's id; None for the company."""

    kind: ScopeKind
    of: UUID | None = None

    @property
    def name(self) -> str:
        """The text that stands for this scope everywhere outside this module."""
        match self.kind:
            case ScopeKind.COMPANY:
                return "company"
            case ScopeKind.PRIVATE:
                return f"territory/{self.of}/private"
            case ScopeKind.TEASERS:
                return f"pool/{self.of}/teasers"
            case _:
                return f"{self.kind}/{self.of}"


COMPANY = Scope(ScopeKind.COMPANY).name

_BY_SHAPE = {
    ("territory", ""): ScopeKind.TERRITORY,
    ("territory", "private"): ScopeKind.PRIVATE,
    ("pool", ""): ScopeKind.POOL,
    ("pool", "teasers"): ScopeKind.TEASERS,
    ("staff", ""): ScopeKind.STAFF,
}


def parse_scope(name: str) -> Scope | None:
    """Take a scope's name apart; None when it is not one."""
    if name == COMPANY:
        return Scope(ScopeKind.COMPANY)
    head, _, rest = name.partition("/")
    text, _, part = rest.partition("/")
    kind = _BY_SHAPE.get((head, part))
    of = parse_id(text)
    if kind is None or of is None:
        return None
    found = Scope(kind, of)
    return found if found.name == name else None


def territory(of: UUID) -> str:
    """The scope of a territory's outlets, contacts and visits."""
    return Scope(ScopeKind.TERRITORY, of).name


def pool(of: UUID) -> str:
    """The scope of a pool's full records, never granted to a device."""
    return Scope(ScopeKind.POOL, of).name


def teasers(of: UUID) -> str:
    """The scope of what reps may see of a pool."""
    return Scope(ScopeKind.TEASERS, of).name


def staff(of: UUID) -> str:
    """The scope of one person's tasks, scores and refused work."""
    return Scope(ScopeKind.STAFF, of).name


def private_of(name: str) -> str:
    """The scope where the private parts of the contacts in scope `name` stand.

    A pool keeps private parts in itself: no device ever holds it.
    """
    scope = parse_scope(name)
    if scope is not None and scope.kind is ScopeKind.TERRITORY:
        return Scope(ScopeKind.PRIVATE, scope.of).name
    return name

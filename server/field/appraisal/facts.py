"""What the appraisal knows of a month: values that the rules read, wherever they were gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from server.identity.territories import Place
from sync.policies import Policies

__all__ = ["Archive", "Facts", "Line", "Met", "Phase", "Statement", "Why"]


class Phase(StrEnum):
    """What a territory's people are paid for: archives that are built, or archives that are kept."""

    BUILD = "build"
    KEEP = "keep"


class Why(StrEnum):
    """The reason of a line."""

    BUILD = "build"
    KEEP = "keep"
    SALES = "sales"


@dataclass(slots=True)
class Archive:
    """One outlet as the journal tells of it. `fields` are the outlet's by name; `approved_at` is when it was first
    approved (server ms), in the territory `approved_in`; `registered_by` is the rep who registered it.
    """

    id: UUID
    fields: dict[str, Any] = field(default_factory=dict)
    territory: UUID | None = None
    registered_by: UUID | None = None
    approved_at: int | None = None
    approved_in: UUID | None = None
    gone: bool = False
    revision: int = 0


class Met(msgspec.Struct, frozen=True):
    """One visit in person: when it happened (server ms), by whom, and what was found of it."""

    outlet: UUID
    staff: UUID | None
    at: int
    state: str


@dataclass(slots=True)
class Facts:
    """All that the rules read. `phases` by territory are (since, phase) in order; `verified` are the quarters in which
    an outlet's archive was confirmed; `contacts` counts those who are still there; `fronts` have a photo of the front.
    """

    archives: dict[UUID, Archive] = field(default_factory=dict)
    visits: list[Met] = field(default_factory=list)
    verified: dict[UUID, set[str]] = field(default_factory=dict)
    contacts: dict[UUID, int] = field(default_factory=dict)
    fronts: set[UUID] = field(default_factory=set)
    places: list[Place] = field(default_factory=list)
    phases: dict[UUID, list[tuple[int, Phase]]] = field(default_factory=dict)
    policies: Policies = field(default_factory=Policies)
    erased: int = 0


class Line(msgspec.Struct, frozen=True):
    """One line of a statement: for whom, why, how much (minor units), about which outlet; `detail` in both languages,
    without a word that could name anybody.
    """

    staff: UUID
    reason: Why
    amount: int
    about: UUID | None = None
    detail: str = ""

    @property
    def place(self) -> tuple[UUID, str, str]:
        """Where the line stands in a statement; no two lines of one statement share it."""
        return self.staff, self.reason, str(self.about or "")


class Statement(msgspec.Struct, frozen=True):
    """A month's lines, and the outlets that were held back by an open question about a duplicate. `until` is the
    server time up to which the journal was read, `asked` all outlets with such a question then, `heads` how long the
    chain of each scope was (by its number), in a month that is closed.
    """

    month: str
    until: int
    lines: tuple[Line, ...] = ()
    held: tuple[UUID, ...] = ()
    closed: bool = False
    asked: tuple[UUID, ...] = ()
    heads: dict[int, int] = {}

    def total(self, staff: UUID) -> int:
        """What a person's lines come to, minor units."""
        return sum(one.amount for one in self.lines if one.staff == staff)

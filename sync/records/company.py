"""What the company tells everybody: products, prices, classes, policies, notices; and the server's own records."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from sync.positions import Position
from sync.records.base import Amount, Code, Count, Day, Instant, Name, Record, Reference, Text
from sync.rules import Rule

__all__ = [
    "CodeBlock",
    "Finding",
    "Notice",
    "OutletClass",
    "Policy",
    "Price",
    "Product",
    "Reason",
    "Refused",
    "Score",
    "Teaser",
]


class Product(Record, tag=30, frozen=True):
    """A product that the dealer sells; `code` is what stock lines and orders name."""

    code: Code
    name: Name
    unit: Code = ""
    active: bool = True


class Price(Record, tag=31, frozen=True):
    """What a product costs an outlet of a class (all classes where empty), minor units a piece."""

    product: Code
    amount: Amount
    outlet_class: Code = ""
    since: Day | None = None


class OutletClass(Record, tag=32, frozen=True):
    """A class of outlets with its names, and the colour (#rrggbb) it is drawn in."""

    code: Code
    zh: Name
    en: Name
    colour: Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$", max_length=7)]
    active: bool = True


class Policy(Record, tag=33, frozen=True):
    """One rule of the company with its setting, as text that the rule itself reads."""

    key: Code
    value: Text


class Notice(Record, tag=34, frozen=True):
    """A text that staff read; `must_acknowledge` holds the archive until they say so."""

    title: Name
    body: Text
    must_acknowledge: bool = False


class Teaser(Record, tag=40, frozen=True):
    """What reps may see of an outlet in the pool: never a means to contact it."""

    outlet: UUID
    outlet_class: Code
    area: Reference
    position: Position | None = None


class Score(Record, tag=41, frozen=True):
    """One line of a person's own score in a month (YYYY-MM); `amount` in minor units, `detail` says it in words."""

    month: Code
    reason: Code
    amount: Amount
    about: UUID | None = None
    detail: Text = ""


class Refused(Record, tag=42, frozen=True):
    """A person's own refused work, as kept among the dead letters, until it is mended or closed.

    `operation` is the one that was refused; `mended` the new one that its person made of it. See `business.letters`.
    """

    dead_letter: UUID
    collection: Code
    record: UUID
    reason: Code
    detail: Text
    at: Instant
    state: Annotated[Code, Rule()] = "open"
    operation: UUID | None = None
    mended: Annotated[UUID | None, Rule()] = None


class Reason(msgspec.Struct, array_like=True, frozen=True):
    """One reason of a finding: what was measured and what the rule allows, in the rule's unit, where it has one."""

    code: Code
    found: Count | None = None
    allowed: Count | None = None


class Finding(Record, tag=43, frozen=True):
    """What a rule or a manager found of one record of this person's work, told to them: `about` is the record, of
    `collection`. A reason is a signal, never a verdict.
    """

    about: UUID
    collection: Code
    state: Code
    outlet: UUID | None = None
    reasons: tuple[Reason, ...] = ()
    note: Text = ""
    at: Instant | None = None


class CodeBlock(Record, tag=44, frozen=True):
    """Codes of outlets that are kept for one person, who gives them without a network: `prefix` and a number from
    `first` to `last`, in at least four digits.
    """

    prefix: Code
    first: Count
    last: Count

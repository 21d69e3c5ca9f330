"""The parts of a brief: values, as people and programs are shown them. Times are server milliseconds, amounts minor
units, days are the company's; people are named by id, None for nobody's.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from server.field.care.days import CareDay
from server.master.promises import Promise
from sync.business.credit import Item
from sync.records import CreditTerms, Reason

__all__ = ["Brief", "Changed", "Deal", "Known", "Met", "Money", "Question", "Talk", "ToDo", "Verified"]


class Known(msgspec.Struct, frozen=True):
    """A contact who is there."""

    id: UUID
    name: str
    role: str
    phone: str
    channel: str
    is_main: bool


class Changed(msgspec.Struct, frozen=True):
    """An important change of the outlet or of a contact, by whom and when: what stood before, what was written."""

    record: UUID
    at: int
    staff: UUID | None
    field: str
    was: Any
    now: Any


class Deal(msgspec.Struct, frozen=True):
    """An order, delivery or payment; `state` is that of an order that a manager has to decide on, or decided on."""

    kind: str
    id: UUID
    at: int | None
    day: str | None
    staff: UUID | None
    amount: int
    state: str = ""


class Met(msgspec.Struct, frozen=True):
    """A visit, with what was found of it."""

    id: UUID
    at: int | None
    staff: UUID | None
    companions: tuple[UUID, ...]
    channel: str
    purpose: str
    result: str
    notes: str
    state: str = ""
    reasons: tuple[Reason, ...] = ()


class Talk(msgspec.Struct, frozen=True):
    """What was said, agreed and promised; `is_kept` where a later report says that it was seen to, `is_late` where a
    promise or a next step was due before today and was not.
    """

    id: UUID
    at: int | None
    staff: UUID | None
    subject: str
    said: str
    agreed: str
    promised: str
    promised_by: str | None
    next_step: str
    next_on: str | None
    is_kept: bool
    is_late: bool


class ToDo(msgspec.Struct, frozen=True):
    """An open task of somebody at the outlet."""

    id: UUID
    staff: UUID | None
    kind: str
    title: str
    due: str | None


class Money(msgspec.Struct, frozen=True):
    """What the outlet owes, what of it is overdue today, the items that are open, and its terms."""

    owes: int
    overdue: int
    items: tuple[Item, ...]
    terms: CreditTerms | None


class Verified(msgspec.Struct, frozen=True):
    """One quarterly verification; `state` says whether it counts."""

    quarter: str
    day: str | None
    staff: UUID | None
    means: str
    confirmed: bool
    answer: str
    state: str


class Question(msgspec.Struct, frozen=True):
    """What waits to be answered of the outlet, in both languages."""

    kind: str
    at: int
    en: str
    zh: str


class Brief(msgspec.Struct, frozen=True):
    """All that the file has of one outlet, newest first; `merged` are the outlets that it stands for. `promises` are
    all that are open, however old, and `care` the days that are coming, the first first.
    """

    id: UUID
    outlet: dict[str, Any]
    merged: tuple[UUID, ...]
    place: str
    owner: UUID | None
    partners: tuple[UUID, ...]
    service: tuple[UUID, ...]
    faces: tuple[UUID, ...]
    contacts: tuple[Known, ...]
    history: tuple[Changed, ...]
    deals: tuple[Deal, ...]
    visits: tuple[Met, ...]
    talks: tuple[Talk, ...]
    promises: tuple[Promise, ...]
    care: tuple[CareDay, ...]
    tasks: tuple[ToDo, ...]
    money: Money
    verifications: tuple[Verified, ...]
    questions: tuple[Question, ...]
    people: dict[UUID, str]

"""What an outlet owes, since when, and whether it may have more on credit (账期): the same on phone and server.

Payments settle what is due first. All amounts are minor units, all days are YYYY-MM-DD in the company's time zone, so
that their order as texts is their order in time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

import msgspec

from sync.records import CreditTerms, Delivery, OrderLine, Payment, Record

__all__ = [
    "NOT_APPROVED",
    "OVER_LIMIT",
    "STOPPED",
    "Account",
    "Entry",
    "Item",
    "StatedLine",
    "Statement",
    "account_of",
    "due_of",
    "entry_of",
    "last_of",
    "refusal",
    "statement_of",
    "worth",
    "wrong_day",
]

NOT_APPROVED, STOPPED, OVER_LIMIT = "credit_not_approved", "credit_stopped", "credit_over_limit"
_NEVER = "9999-99-99"

R = TypeVar("R", bound=Record)


class Entry(msgspec.Struct, frozen=True):
    """One delivery or payment as an account has it: `amount` is above 0 for what is owed, below for what was paid or
    taken back. `day` is empty where the record names none.
    """

    id: UUID
    day: str
    amount: int
    kind: str
    on_credit: bool = False
    reference: str = ""


class Item(msgspec.Struct, frozen=True):
    """What is owed for one entry: `due` is empty where it names no day, `left` what no payment has settled yet."""

    entry: Entry
    due: str
    left: int


class Account(msgspec.Struct, frozen=True):
    """All items of an outlet in the order in which they are settled, and what was paid beyond them."""

    items: tuple[Item, ...] = ()
    surplus: int = 0

    @property
    def balance(self) -> int:
        """What the outlet owes; below 0 where it has paid too much."""
        return self.open - self.surplus

    @property
    def open(self) -> int:
        """What is not settled."""
        return sum(one.left for one in self.items)

    @property
    def on_credit(self) -> int:
        """What is not settled of deliveries on credit."""
        return sum(one.left for one in self.items if one.entry.on_credit)

    @property
    def open_items(self) -> tuple[Item, ...]:
        """The items that are not settled, the first due first."""
        return tuple(one for one in self.items if one.left)

    def overdue_items(self, day: str) -> tuple[Item, ...]:
        """The items that are open on a day after their due day."""
        return tuple(one for one in self.items if one.left and one.due and one.due < day)

    def overdue(self, day: str) -> int:
        """What is overdue on a day."""
        return sum(one.left for one in self.overdue_items(day))


class StatedLine(msgspec.Struct, frozen=True):
    """One line of a statement, and what was owed after it."""

    entry: Entry
    balance: int


class Statement(msgspec.Struct, frozen=True):
    """What came and went from `first` to `last`, both included; the account is as of `last`."""

    first: str
    last: str
    before: int
    lines: tuple[StatedLine, ...]
    account: Account

    @property
    def overdue(self) -> int:
        """What is overdue on the last day."""
        return self.account.overdue(self.last)


def wrong_day(day: str | None, last: str, *, on_credit: bool) -> str | None:
    """What speaks against the day that a phone names for a delivery or a payment; None where nothing does. `last` is
    tomorrow, as the phone's midnight may be past before the company's. Without a day credit would never be due.
    """
    if day is None:
        return "a delivery on credit names its day" if on_credit else None
    return f"{day} is still to come" if day > last else None


def worth(lines: Iterable[OrderLine]) -> int:
    """What lines of an order or a delivery come to."""
    return sum(line.quantity * line.price for line in lines)


def last_of(records: Iterable[R]) -> list[R]:
    """The records that no other of them amends."""
    found = list(records)
    amended = {getattr(one, "amends", None) for one in found}
    return [one for one in found if one.id not in amended]


def entry_of(record: Delivery | Payment) -> Entry:
    """A delivery or a payment as an account has it."""
    if isinstance(record, Delivery):
        day = record.delivered_on or ""
        return Entry(record.id, day, worth(record.lines), "delivery", record.on_credit, record.reference)
    return Entry(record.id, record.paid_on or "", -record.amount, "payment", reference=record.reference)


def due_of(entry: Entry, terms: CreditTerms | None) -> str:
    """The day on which an entry is due: `terms.days` after its day where it is on credit, else its day."""
    if not entry.day or not entry.on_credit or terms is None:
        return entry.day
    return (date.fromisoformat(entry.day) + timedelta(days=terms.days)).isoformat()


def account_of(entries: Iterable[Entry], terms: CreditTerms | None) -> Account:
    """Settle what is owed with what was paid: in the order of due day, day and id; what names no day comes last."""
    found = list(entries)
    owed = [(due_of(one, terms), one) for one in found if one.amount > 0]
    left = -sum(one.amount for one in found if one.amount < 0)
    items = []
    for due, one in sorted(owed, key=lambda each: (each[0] or _NEVER, each[1].day, each[1].id)):
        settled = min(left, one.amount)
        left -= settled
        items.append(Item(one, due, one.amount - settled))
    return Account(tuple(items), left)


def refusal(
    entries: Iterable[Entry], terms: CreditTerms | None, new: Entry, day: str, *, was: Entry | None = None,
    is_stopped: bool = False,
) -> str | None:  # fmt: skip
    """Why a delivery on credit is refused on `day`, as a code; None where it is not.

    `was` is the entry that it amends: what does not grow is no new credit. `is_stopped` says that a case of overdue
    money is open. What was paid later than `day` counts as well: nobody is refused for what is settled.
    """
    grows = new.amount - (was.amount if was is not None and was.on_credit else 0)
    if not new.on_credit or grows <= 0:
        return None
    if terms is None or terms.days == 0:
        return NOT_APPROVED
    found = list(entries)
    if is_stopped or account_of(found, terms).overdue(day):
        return STOPPED
    rest = account_of([one for one in found if was is None or one.id != was.id], terms)
    return OVER_LIMIT if terms.limit and rest.on_credit + new.amount > terms.limit else None


def statement_of(entries: Iterable[Entry], terms: CreditTerms | None, first: str, last: str) -> Statement:
    """The statement of an outlet from `first` to `last`; what names no day stands before it."""
    until = sorted((one for one in entries if one.day <= last), key=lambda one: (one.day, one.kind, one.id))
    balance = before = sum(one.amount for one in until if one.day < first)
    lines = []
    for one in until:
        if one.day >= first:
            balance += one.amount
            lines.append(StatedLine(one, balance))
    return Statement(first, last, before, tuple(lines), account_of(until, terms))

"""From rows of the dealer's books to deliveries and payments, or back with every reason that speaks against a row.

Rows of one reference at one outlet are one delivery. What tells a row again next time is its reference, or else all
that it says with how many like it came before it in the file. Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Container
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from server.field.intake.drafts import Rejected
from server.field.intake.mapping import Mapping
from server.field.intake.reasons import Reason
from server.field.intake.table import Row, Table
from server.field.intake.values import read_credit_days, read_day, read_signed_money
from server.field.intake.words import is_nothing
from server.field.names import core_name, plain_name, tidy
from sync.records import OrderLine

__all__ = ["BookEntry", "Directory", "code_key", "content_of", "read_book"]

T = TypeVar("T")

_MOST = 1_000_000
_CASH = ("现结", "现款", "现金", "款到发货", "否", "no", "n", "0", "cash", "false")
_LONGEST = 200
_NUMBER = re.compile(r"\d+")


class Directory(msgspec.Struct, frozen=True):
    """Outlets and products as a row may name them: by `code_key`, and by `plain_name`, which several may have. `into`
    leads from each outlet that was merged to the one that stands for it, `families` from that to all that are it.
    """

    codes: dict[str, UUID] = {}
    names: dict[str, set[UUID]] = {}
    called: dict[UUID, str] = {}
    products: dict[str, str] = {}
    into: dict[UUID, UUID] = {}
    families: dict[UUID, tuple[UUID, ...]] = {}


class BookEntry(msgspec.Struct, frozen=True):
    """One delivery or payment of the books: `source` tells it again, `rows` are where it stands. `lines` are a
    delivery's, and so are the days until it is to be paid, 0 where it does not say so; `amount` and `account` a
    payment's. `named` is the outlet that the row names, where another stands for that by now; `also` are sources by
    which it may have been known before outlets became one.
    """

    source: str
    rows: tuple[int, ...]
    outlet: UUID
    day: str
    reference: str = ""
    notes: str = ""
    lines: tuple[OrderLine, ...] = ()
    on_credit: bool = False
    amount: int = 0
    account: str = ""
    credit_days: int = 0
    named: UUID | None = None
    also: tuple[str, ...] = ()


_NO_CONTENT = frozenset({"credit_days", "named", "also"})


def content_of(one: BookEntry) -> dict[str, Any]:
    """What an entry says of its delivery or payment: neither where it stands nor how long credit is to run, which is no
    part of the record.
    """
    fields = msgspec.structs.asdict(msgspec.structs.replace(one, rows=()))
    return {name: value for name, value in fields.items() if name not in _NO_CONTENT}


def code_key(text: str) -> str:
    """What two spellings of a code have in common."""
    return tidy(text).casefold().replace(" ", "")


def read_book(
    table: Table, mapping: Mapping, kind: str, directory: Directory, today: str, minor_digits: int = 2
) -> tuple[list[BookEntry], list[Rejected]]:
    """All rows as entries of `kind` (deliveries, payments), and those that come back."""
    entries: dict[str, BookEntry] = {}
    rejected: list[Rejected] = []
    seen: Counter[str] = Counter()
    for row in table.rows:
        reader = _Reader(row, mapping, directory, today, minor_digits)
        one = reader.delivery() if kind == "deliveries" else reader.payment()
        if one is None or reader.reasons:
            rejected.append(Rejected(row.number, row.cells, tuple(reader.reasons)))
            continue
        source, number = _source(kind, one, seen)
        held = entries.get(source)
        if held is None:
            others = (msgspec.structs.replace(one, named=each) for each in directory.families.get(one.outlet, ()))
            also = tuple(each for other in others if (each := _numbered(kind, other, number)) != source)
            entries[source] = msgspec.structs.replace(one, source=source, also=also)
        elif held.day != one.day:
            rejected.append(Rejected(row.number, row.cells, (Reason("reference_days", "reference", one.reference),)))
        else:
            entries[source] = _joined(held, one)
    return [_less_others(one, entries) for one in entries.values()], rejected


def _less_others(one: BookEntry, entries: Container[str]) -> BookEntry:
    """Without the sources that another row of the file has for its own."""
    return msgspec.structs.replace(one, also=tuple(each for each in one.also if each not in entries))


def _source(kind: str, one: BookEntry, seen: Counter[str]) -> tuple[str, int]:
    """What tells a row again, and the how manieth it is of those that say the same."""
    if one.reference and kind == "deliveries":
        return _numbered(kind, one, 0), 0
    digest = _digest(one)
    seen[digest] += 1
    return _numbered(kind, one, seen[digest]), seen[digest]


def _numbered(kind: str, one: BookEntry, number: int) -> str:
    outlet = one.named or one.outlet
    if one.reference and kind == "deliveries":
        return f"{kind}:{outlet.hex}:{hashlib.blake2b(one.reference.encode(), digest_size=16).hexdigest()}"
    return f"{kind}:{_digest(one)}:{number}"


def _digest(one: BookEntry) -> str:
    outlet = one.named or one.outlet
    said = msgspec.json.encode(content_of(msgspec.structs.replace(one, outlet=outlet, notes="")))
    if one.reference:
        said = f"{outlet.hex}:{one.reference}".encode()
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def _joined(one: BookEntry, more: BookEntry) -> BookEntry:
    notes = "; ".join(dict.fromkeys(filter(None, (one.notes, more.notes))))
    return msgspec.structs.replace(
        one, rows=one.rows + more.rows, lines=one.lines + more.lines, notes=notes, amount=one.amount + more.amount,
        on_credit=one.on_credit or more.on_credit, credit_days=max(one.credit_days, more.credit_days),
    )  # fmt: skip


class _Reader:
    """Reads one row and collects what is wrong with it."""

    def __init__(self, row: Row, mapping: Mapping, directory: Directory, today: str, minor_digits: int) -> None:
        self._row, self._mapping, self._known = row, mapping, directory
        self._today, self._digits = today, minor_digits
        self.reasons: list[Reason] = []

    def delivery(self) -> BookEntry | None:
        """The row as a delivery of one line; None where something is wrong with it."""
        outlet, day, product = self._outlet(), self._day(), self._product()
        count = self._read("quantity", _whole, "quantity_unreadable", needed=True)
        lines = self._lines(product or "", count) if count is not None else ()
        if outlet is None or day is None or self.reasons:
            return None
        credit = tidy(self._cell("on_credit")).casefold()
        return BookEntry(
            "", (self._row.number,), self._root(outlet), day, self._cell("reference")[:_LONGEST], self._cell("notes"),
            lines, on_credit=bool(credit) and credit not in _CASH, credit_days=_days_in(credit), named=outlet,
        )  # fmt: skip

    def payment(self) -> BookEntry | None:
        """The row as a payment; None where something is wrong with it."""
        outlet, day, account = self._outlet(), self._day(), self._cell("account")
        amount = self._read("amount", self._money, "money_unreadable")
        if amount is None and not self.reasons:
            self.reasons.append(Reason("amount_missing", "amount"))
        if not account:
            self.reasons.append(Reason("account_missing", "account"))
        if outlet is None or day is None or amount is None:
            return None
        return BookEntry(
            "", (self._row.number,), self._root(outlet), day, self._cell("reference")[:_LONGEST], self._cell("notes"),
            amount=amount, account=account[:_LONGEST], named=outlet,
        )  # fmt: skip

    def _cell(self, field: str) -> str:
        texts = (tidy(self._row.cells[column.index]) for column in self._mapping.of(field))
        return next((text for text in texts if not is_nothing(text)), "")

    def _read(self, field: str, reader: Callable[[str], T | None], code: str, *, needed: bool = False) -> T | None:
        cell = self._cell(field)
        value = reader(cell) if cell else None
        if value is None and (cell or needed):
            self.reasons.append(Reason(code, field, cell))
        return value

    def _money(self, cell: str) -> int | None:
        return read_signed_money(cell, self._digits)

    def _day(self) -> str | None:
        day = self._read("day", read_day, "day_wrong", needed=True)
        if day is not None and day > self._today:
            self.reasons.append(Reason("day_ahead", "day", day))
        return day

    def _root(self, outlet: UUID) -> UUID:
        return self._known.into.get(outlet, outlet)

    def _outlet(self) -> UUID | None:
        """The outlet that the row names, whether or not it was merged since."""
        code, name = self._cell("outlet_code"), self._cell("outlet")
        if code:
            return self._by_code(code, name)
        if not name:
            self.reasons.append(Reason("outlet_missing", "outlet"))
            return None
        found = self._known.names.get(plain_name(name), set())
        roots = {self._root(one) for one in found}
        if len(roots) != 1:
            self.reasons.append(Reason("outlet_ambiguous" if found else "outlet_unknown", "outlet", name))
            return None
        return min(found if len(found) == 1 else roots)

    def _by_code(self, code: str, name: str) -> UUID | None:
        found = self._known.codes.get(code_key(code))
        if found is None:
            self.reasons.append(Reason("outlet_unknown", "outlet_code", code))
        elif name and not _alike(name, self._known.called.get(found, "")):
            self.reasons.append(Reason("outlet_mismatch", "outlet_code", f"{code}, {name}"))
        return found

    def _product(self) -> str | None:
        for field in ("product_code", "product"):
            cell = self._cell(field)
            if cell:
                found = self._known.products.get(code_key(cell))
                if found is None:
                    self.reasons.append(Reason("product_unknown", field, cell))
                return found
        self.reasons.append(Reason("product_unknown", "product", ""))
        return None

    def _lines(self, product: str, count: int) -> tuple[OrderLine, ...]:
        """The row's line; two where an amount cannot be had with one price for all pieces."""
        price = self._read("price", self._money, "money_unreadable")
        amount = self._read("amount", self._money, "money_unreadable")
        batch = self._cell("batch")[:60]
        if self.reasons or (price is None and amount is None):
            if not self.reasons:
                self.reasons.append(Reason("price_missing", "price"))
            return ()
        if price is not None and (amount is None or price * count == amount):
            return (OrderLine(product, count, price, batch),)
        if (
            amount is None
            or count == 0
            or (amount < 0) != (count < 0)
            or (price and abs(price * count - amount) > abs(count))
        ):
            self.reasons.append(Reason("amount_differs", "amount", f"{count} × {price} ≠ {amount}"))
            return ()
        each, rest = divmod(abs(amount), abs(count))
        sign = 1 if count > 0 else -1
        lines = (
            OrderLine(product, sign * (abs(count) - rest), each, batch),
            OrderLine(product, sign * rest, each + 1, batch),
        )
        return tuple(line for line in lines if line.quantity)


def _days_in(cell: str) -> int:
    """The days of credit in 60, 60天, 月结60天, net 60, 季结; 0 where none are named. 月结 by itself names none: bills
    are settled by the month.
    """
    number = _NUMBER.search(cell)
    if number is not None:
        return read_credit_days(number[0]) or 0
    return 0 if cell == "月结" else read_credit_days(cell) or 0


def _whole(cell: str) -> int | None:
    """A whole number, as spreadsheets write one: 12, -3, 12.0, 1,200."""
    text = cell.replace(",", "").removesuffix("件").removesuffix("瓶").removesuffix("条").strip()
    head, dot, tail = text.partition(".")
    digits = head.removeprefix("-")
    if not digits.isdecimal() or (dot and tail.strip("0")) or len(digits) > 7:
        return None
    return int(head) if abs(int(head)) <= _MOST else None


def _alike(one: str, other: str) -> bool:
    """Whether two names can be of one outlet: a short form of it, or with another legal suffix."""
    first, second = core_name(one), core_name(other)
    return first == second or (len(first) > 1 and first in second) or (len(second) > 1 and second in first)

"""Values of records as people read them: names for ids and codes, one line for what is composed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.console.viewer import Viewer
from server.console.words import as_money
from server.identity import staff
from server.identity.territories import all_pools, all_territories
from server.master.store import Tx
from server.master.typed import TYPED
from server.times import local
from sync import scopes
from sync.changes import SetChange
from sync.positions import Position
from sync.records import (
    Birthday,
    Calendar,
    Competitor,
    Cooperation,
    CreditTerms,
    Difference,
    OrderLine,
    Relative,
    ShelfBatch,
)
from sync.records import Stock as Counted
from sync.words import LABELS, REVIEWS, STATUSES, VALUES, label

__all__ = ["Book", "Shift", "book_of"]

_NOTHING = "—"
_EMPTY: tuple[Any, ...] = (None, "", ())
_MONEY = frozenset({"amount", "cost", "limit", "price"})
_SECONDS = frozenset({"duration_s", "prepared_s"})
_KINDS = {
    "channel": VALUES["channel"], "means": VALUES["means"], "visit_days": VALUES["weekday"],
    "status": STATUSES, "review": REVIEWS, "source": VALUES["source"],
}  # fmt: skip
_LONGEST = 400


class Shift(msgspec.Struct, frozen=True):
    """One field of an entry, as it is shown: what it is called, what stood there before (None where that is not told),
    what was written.
    """

    field: str
    label: str
    was: str | None
    now: str


class Book(msgspec.Struct, frozen=True):
    """What ids and codes are called, in the language of whoever reads."""

    viewer: Viewer
    people: Mapping[UUID, str]
    places: Mapping[str, str]
    classes: Mapping[str, str]
    products: Mapping[str, str]
    records: Mapping[UUID, str]
    """Contacts and outlets that may be named."""

    def person(self, one: UUID | None) -> str:
        """Somebody's name; empty for nobody."""
        return "" if one is None else self.people.get(one, str(one)[-6:])

    def place(self, scope: str | None) -> str:
        """The name of a territory or a pool by its scope."""
        return self.places.get(scope or "", scope or _NOTHING)

    def kind(self, collection: str) -> str:
        """What a record of a collection is called."""
        return self.viewer.say(*LABELS.get(collection, (collection, collection)))

    def label(self, collection: str, field: str) -> str:
        """What a field is called."""
        return self.viewer.say(*label(collection, field))

    def shift(self, collection: str, field: str, was: Any, now: Any) -> Shift:
        """A field that went from one value to another."""
        if isinstance(was, SetChange):
            return Shift(field, self.label(collection, field), None, self._set(field, now))
        return Shift(field, self.label(collection, field), self.value(field, was), self.value(field, now))

    def given(self, collection: str, field: str, value: Any) -> Shift:
        """A field with its first value."""
        return Shift(field, self.label(collection, field), None, self.value(field, value))

    def value(self, field: str, value: Any) -> str:
        """A value of a field in one line; a dash for nothing."""
        text = self._text(field, value)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

    def _text(self, field: str, value: Any) -> str:
        if value in _EMPTY:
            return _NOTHING
        if isinstance(value, SetChange):
            return self._set(field, value)
        if isinstance(value, tuple):
            return "、".join(self._text(field, one) for one in value)
        if isinstance(value, UUID):
            return self.people.get(value) or self.records.get(value) or f"…{value.hex[-6:]}"
        return self._single(field, value)

    def _single(self, field: str, value: Any) -> str:
        if isinstance(value, msgspec.Struct):
            told = _COMPOSED.get(type(value))
            return told(self, value) if told is not None else self._fields(value)
        if isinstance(value, bool):
            return self.viewer.say("是", "yes") if value else self.viewer.say("否", "no")
        if isinstance(value, int | float):
            return self._number(field, value)
        return self._word(field, str(value.value if isinstance(value, Enum) else value))

    def _fields(self, value: msgspec.Struct) -> str:
        fields = msgspec.structs.asdict(value).items()
        return ", ".join(self._text(name, one) for name, one in fields if one not in _EMPTY) or _NOTHING

    def product(self, code: str) -> str:
        """The name of a product by its code."""
        return self.products.get(code, code)

    def _word(self, field: str, value: str) -> str:
        if field == "outlet_class":
            return self.classes.get(value, value)
        if field == "kind":
            return self.viewer.say(*(VALUES["photo"] | VALUES["occasion"]).get(value, (value, value)))
        if field in _KINDS and value in _KINDS[field]:
            return self.viewer.say(*_KINDS[field][value])
        return self.product(value) if field == "product" else value

    def _number(self, field: str, value: float) -> str:
        if field in _MONEY:
            return as_money(int(value))
        if field in _SECONDS:
            minutes, rest = divmod(int(value), 60)
            return self.viewer.say(f"{minutes} 分 {rest} 秒", f"{minutes} min {rest} s")
        return local(int(value), self.viewer.zone) if field.endswith("_at") or field == "at" else f"{value:g}"

    def _set(self, field: str, change: SetChange[Any]) -> str:
        parts = [f"+{self._text(field, one)}" for one in change.add]
        return " ".join([*parts, *(f"−{self._word(field, one)}" for one in change.remove)]) or _NOTHING


def _terms(book: Book, one: CreditTerms) -> str:
    limit = as_money(one.limit)
    return book.viewer.say(f"额度 {limit}，{one.days} 天", f"limit {limit}, {one.days} days")


def _cooperation(book: Book, one: Cooperation) -> str:
    level = "" if one.level is None else book.viewer.say(f"级别 {one.level}", f"level {one.level}")
    return " · ".join(part for part in (one.since or "", level, one.terms) if part) or _NOTHING


def _counted(book: Book, one: Counted) -> str:
    say = book.viewer.say
    parts = [say(f"现存 {one.on_hand}", f"{one.on_hand} on hand")] if one.on_hand is not None else []
    parts += [say(f"卖出 {one.sold}", f"{one.sold} sold")] if one.sold else []
    parts += [say(f"进货 {one.bought}", f"{one.bought} bought")] if one.bought else []
    return f"{book.product(one.product)} {say('，', ', ').join(parts)}".strip()


def _competitor(_book: Book, one: Competitor) -> str:
    price = "" if one.price is None else as_money(one.price)
    return " ".join(part for part in (one.brand, one.product, price) if part)


def _birthday(book: Book, one: Birthday) -> str:
    calendar = book.viewer.say("农历 ", "lunar ") if one.calendar is Calendar.LUNAR else ""
    year = f"{one.year}-" if one.year else ""
    return f"{calendar}{year}{one.month:02}-{one.day:02}"


_COMPOSED: dict[type, Callable[[Book, Any], str]] = {
    Position: lambda _, one: f"{one.lat:.5f}, {one.lon:.5f}",
    CreditTerms: _terms,
    Cooperation: _cooperation,
    OrderLine: lambda book, one: f"{book.product(one.product)} ×{one.quantity} @{as_money(one.price)}",
    Counted: _counted,
    ShelfBatch: lambda book, one: f"{book.product(one.product)} {one.batch} ×{one.pieces or '?'}",
    Competitor: _competitor,
    Difference: lambda book, one: f"{book.label('outlet', one.field)}: {one.found}",
    Birthday: _birthday,
    Relative: lambda _, one: " ".join(part for part in (one.relation, one.name) if part),
}


async def book_of(tx: Tx, viewer: Viewer, family: tuple[UUID, ...] = ()) -> Book:
    """The names that a page needs: of everybody, of all places, classes and products, of these outlets' contacts."""
    kinds, products, outlets, contacts = (TYPED[one] for one in ("outlet_class", "product", "outlet", "contact"))
    places = {scopes.territory(one.id): one.name for one in await all_territories(tx)}
    places |= {scopes.pool(one.id): one.name for one in await all_pools(tx)}
    named = select(contacts.c.id, contacts.c.name).where(contacts.c.outlet.in_(family))
    shops = select(outlets.c.id, outlets.c.name).where(outlets.c.id.in_(family))
    return Book(
        viewer,
        {one.id: one.name for one in await staff.everybody(tx)},
        places,
        {row.code: viewer.say(row.zh, row.en) for row in await tx.execute(select(kinds).order_by(kinds.c.id))},
        {row.code: row.name for row in await tx.execute(select(products.c.code, products.c.name))},
        {row.id: row.name for row in await tx.execute(named.union_all(shops))},
    )

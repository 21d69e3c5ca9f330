"""What a rep does and records: visits (拜访), orders (订单), deliveries (送货), payments (收款).

Append only: nothing here is changed, an amendment is a new record that names the old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypedDict, TypeVar, Unpack
from uuid import UUID

import msgspec

from client_sdk.errors import InvalidInput
from client_sdk.money import check_credit, check_day
from client_sdk.writing import Desk
from sync.positions import Position
from sync.records import (
    COLLECTIONS,
    Channel,
    Competitor,
    Delivery,
    Order,
    OrderLine,
    Payment,
    Record,
    ShelfBatch,
    Stock,
)
from sync.rules import Merge

__all__ = ["Appended", "Deliveries", "Orders", "Payments", "VisitFields", "listed"]

R = TypeVar("R", bound=Record)


class VisitFields(TypedDict, total=False):
    """What a rep may say of a visit."""

    purpose: str
    aim: str
    duration_s: int | None
    position: Position | None
    notes: str
    stock: Iterable[Stock]
    competitors: Iterable[Competitor]
    companions: Iterable[UUID]
    questions: str
    result: str
    channel: Channel | str
    contacts: Iterable[UUID]
    mock: bool
    prepared_s: int | None
    steps: Iterable[str]
    batches: Iterable[ShelfBatch]


class OrderFields(TypedDict, total=False):
    """What an outlet asked for. `wanted_by` is a day."""

    lines: Iterable[OrderLine]
    wanted_by: str | None
    notes: str
    visit: UUID | None


class DeliveryFields(TypedDict, total=False):
    """What was brought. `delivered_on` is a day, today where it is left out; `on_credit` is to be paid later (账期)."""

    order: UUID | None
    lines: Iterable[OrderLine]
    delivered_on: str | None
    reference: str
    notes: str
    on_credit: bool


class PaymentFields(TypedDict, total=False):
    """What was paid. `paid_on` is a day, today where it is left out."""

    paid_on: str | None
    reference: str
    notes: str


class Appended(Generic[R]):
    """Records of one append-only collection."""

    kind: type[R]

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def get(self, record: UUID) -> R:
        """One record. Raises NotFound."""
        return self._desk.get(self.kind, record)

    def _today(self) -> str:
        return self._desk.device.ports.clock.day_of(self._desk.device.now())

    def _append(self, fields: Mapping[str, Any], scope: str | None = None, record: UUID | None = None) -> R:
        return self._desk.create(self.kind, listed(fields), scope, record=record)

    def _amend(self, record: UUID, fields: Mapping[str, Any], scope: str | None = None) -> R:
        """A new record like the old one but for `fields`, which names it."""
        old = self.get(record)
        if getattr(old, "staff", None) not in {None, self._desk.device.enrolment.staff}:
            raise InvalidInput("amends_unknown", "amends")
        if any(
            getattr(one, "amends", None) == record for one in self._desk.all(self.kind, getattr(old, "outlet", None))
        ):
            raise InvalidInput("already_amended", "amends")
        rules = next(one for one in COLLECTIONS.values() if one.type is self.kind).rules
        kept = {name: getattr(old, name) for name, rule in rules.items() if rule.merge is not Merge.DERIVED}
        said = {name: value for name, value in kept.items() if value not in (None, "", ())}
        return self._append(said | listed(fields) | {"amends": record}, scope)


def listed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with whatever can be walked through as a tuple."""
    plain = (str, bytes, Mapping, msgspec.Struct)
    return {
        name: tuple(value) if isinstance(value, Iterable) and not isinstance(value, plain) else value
        for name, value in fields.items()
    }


class Orders(Appended[Order]):
    """`replica.orders`."""

    kind = Order

    def record(self, outlet: UUID, **fields: Unpack[OrderFields]) -> Order:
        """Record an order. Raises InvalidInput, NotFound, StorageFull."""
        return self._append({"outlet": outlet, **fields})

    def amend(self, order: UUID, **fields: Unpack[OrderFields]) -> Order:
        """Amend one of your own orders. Raises InvalidInput, NotFound."""
        return self._amend(order, fields)

    def of(self, outlet: UUID, page: int = 0, *, size: int = 50) -> list[Order]:
        """The orders of an outlet, newest first, page by page from 0."""
        return self._desk.all(Order, outlet, page, size=size)


class Deliveries(Appended[Delivery]):
    """`replica.deliveries`."""

    kind = Delivery

    def record(self, outlet: UUID, **fields: Unpack[DeliveryFields]) -> Delivery:
        """Record a delivery; it shows on the outlet's stock at once. Raises InvalidInput, NotFound, StorageFull.

        One on credit is refused as the server would refuse it, as far as this phone knows: `credit_not_approved`,
        `credit_stopped`, `credit_over_limit`.
        """
        given = listed({"outlet": outlet, "delivered_on": self._today(), **fields})
        check_day(self._desk, given, "delivered_on")
        check_credit(self._desk, given)
        return self._append(given)

    def amend(self, delivery: UUID, **fields: Unpack[DeliveryFields]) -> Delivery:
        """Amend one of your own deliveries. Raises InvalidInput, NotFound."""
        was = self.get(delivery)
        kept = {"outlet": was.outlet, "lines": was.lines, "on_credit": was.on_credit, "delivered_on": was.delivered_on}
        given = listed(fields)
        check_day(self._desk, kept | given, "delivered_on")
        check_credit(self._desk, kept | given, was)
        return self._amend(delivery, given)

    def of(self, outlet: UUID, page: int = 0, *, size: int = 50) -> list[Delivery]:
        """The deliveries to an outlet, newest first, page by page from 0."""
        return self._desk.all(Delivery, outlet, page, size=size)


class Payments(Appended[Payment]):
    """`replica.payments`."""

    kind = Payment

    def record(self, outlet: UUID, *, amount: int, account: str, **fields: Unpack[PaymentFields]) -> Payment:
        """Record a payment, `amount` in minor units. Raises InvalidInput, NotFound, StorageFull."""
        given = {"outlet": outlet, "amount": amount, "account": account, "paid_on": self._today(), **fields}
        check_day(self._desk, given, "paid_on")
        return self._append(given)

    def amend(self, payment: UUID, **fields: Unpack[PaymentFields]) -> Payment:
        """Amend one of your own payments. Raises InvalidInput, NotFound."""
        check_day(self._desk, fields, "paid_on")
        return self._amend(payment, fields)

    def of(self, outlet: UUID, page: int = 0, *, size: int = 50) -> list[Payment]:
        """The payments of an outlet, newest first, page by page from 0."""
        return self._desk.all(Payment, outlet, page, size=size)

"""Wipe orders (擦除令): issuing them, handing them out, and how far each has come. A list from which nothing goes.

The state only ever moves forward: ordered → told → locked → drained → wiped, by the device's receipts. Beside it
stand *lapsed* (the lease ran out, by the server's clock), *closed* (by a person, who says why) and *contradicted*
(the device was heard after its final receipt). A closed order still goes out: closing ends the chase, not the order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric import ed25519
from sqlalchemy import Row, Select, case, select, update

from server.identity import staff
from server.identity.keys import CompanyKeys
from server.master.departures import order_is_open, wipe_orders
from server.master.journal import Note, note
from server.master.people import devices
from server.master.store import Tx
from server.ports import Sources
from sync import scopes
from sync.codec import decode, encode
from sync.errors import Refusal
from sync.keychain import bundled
from sync.signing import Kind, Signed, company_signed
from sync.statements import ReceiptStage, WipeOrder

__all__ = [
    "Order",
    "OrderState",
    "carried",
    "close",
    "contradict",
    "find",
    "listed",
    "move",
    "of_person",
    "order_row",
    "orders_for",
    "reason",
]


class OrderState(StrEnum):
    """How far an order has come, as its device's receipts say."""

    ORDERED = "ordered"
    TOLD = "told"
    LOCKED = "locked"
    DRAINED = "drained"
    WIPED = "wiped"


_RANK = {state: rank for rank, state in enumerate(OrderState)}
_IS_FOR = devices.c.id == wipe_orders.c.device
_REASON = re.compile(r"[a-z][a-z_]{0,39}")


class Order(msgspec.Struct, frozen=True):
    """One wipe order with its progress; all times in server milliseconds.

    `locks_at` is when the device's last lease runs out; None for a device that never had one. `in_hand_at`, `_by` and
    `_how` are a person's statement that the device is in their hands. `attestation` is where the device's key was shown
    to be kept (tee, strongbox), None where nobody showed it.
    """

    id: UUID
    device: UUID
    staff: UUID
    reason: str
    issued_at: int
    state: OrderState
    told_at: int | None
    locked_at: int | None
    drained_at: int | None
    wiped_at: int | None
    contradicted_at: int | None
    closed_at: int | None
    closed_reason: str | None
    locks_at: int | None
    last_contact: int | None
    in_hand_at: int | None = None
    in_hand_by: UUID | None = None
    in_hand_how: str | None = None
    attestation: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to see to it: no final receipt, or one that was contradicted, and not closed."""
        is_done = self.state is OrderState.WIPED and self.contradicted_at is None
        return self.closed_at is None and not is_done

    def is_lapsed(self, now: int) -> bool:
        """Whether the device's lease has run out by the server's clock, or it never had one."""
        return self.locks_at is None or self.locks_at <= now

    def grade(self, now: int) -> int:
        """The evidence: 0 the order only, 1 the lease lapsed, 2 a receipt by the device's key, 3 one by a key that was
        shown to be kept in hardware, 4 a person who has the device in hand.
        """
        if self.in_hand_at is not None:
            return 4
        if self.state in {OrderState.LOCKED, OrderState.DRAINED, OrderState.WIPED}:
            return 2 if self.attestation is None else 3
        return 1 if self.is_lapsed(now) else 0


def reason(text: str) -> str:
    """The reason of an order, a code of up to 40 letters. Raises Refusal."""
    if not _REASON.fullmatch(text):
        raise Refusal("bad_value", f"a reason is a code of lower-case letters and underscores, not {text!r}")
    return text


def order_row(order: WipeOrder, staff: UUID, key: ed25519.Ed25519PrivateKey) -> dict[str, Any]:
    """The row of a new order, signed. The same order signs to the same bytes."""
    return {
        "id": order.id.bytes,
        "device": order.device.bytes,
        "staff": staff.bytes,
        "reason": reason(order.reason),
        "issued_at": order.issued_at,
        "signed": encode(company_signed(Kind.WIPE_ORDER, encode(order), key)),
        "state": OrderState.ORDERED,
    }


async def orders_for(tx: Tx, device: UUID) -> tuple[Signed, ...]:
    """The signed orders that go in front of every answer to this device."""
    rows = await tx.execute(
        select(wipe_orders.c.signed).where(wipe_orders.c.device == device.bytes).order_by(wipe_orders.c.issued_at)
    )
    return tuple(decode(bytes(row.signed), Signed) for row in rows)


async def carried(tx: Tx, order: Order, keys: CompanyKeys, sources: Sources) -> bytes:
    """An order as signed bytes that anybody may carry to the phone, behind the changes of the company's keys that it
    may have missed; that they were given out is in the journal.
    """
    columns = select(wipe_orders.c.signed, devices.c.keys_number).join_from(wipe_orders, devices, _IS_FOR)
    row = (await tx.execute(columns.where(wipe_orders.c.id == order.id.bytes))).one()
    signed = bundled(keys.changes_after(row.keys_number), decode(bytes(row.signed), Signed))
    told = {"order": order.id, "device": order.device}
    await note(tx, [Note(scopes.staff(order.staff), "wipe_letter", told)], sources.now(), sources.random)
    return signed


def _wanted() -> Select[Any]:
    columns = [getattr(wipe_orders.c, name) for name in Order.__struct_fields__ if name in wipe_orders.c]
    beside = [devices.c.lease_locks_at.label("locks_at"), devices.c.last_contact, devices.c.attestation]
    return select(*columns, *beside).join_from(wipe_orders, devices, _IS_FOR)


def _order(row: Row[Any]) -> Order:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for a row's columns by name
    names = [name for name in ("id", "device", "staff", "in_hand_by") if values[name] is not None]
    ids = {name: UUID(bytes=bytes(values[name])) for name in names}
    return Order(**values | ids | {"state": OrderState(row.state)})


async def listed(tx: Tx, *, device: UUID | None = None, open_only: bool = False) -> list[Order]:
    """All orders, or one device's, oldest first; with `open_only` those that nobody closed and whose final receipt
    is missing, and those that were contradicted since.
    """
    wanted = _wanted() if device is None else _wanted().where(wipe_orders.c.device == device.bytes)
    if open_only:
        wanted = wanted.where(
            order_is_open | (wipe_orders.c.closed_at.is_(None) & wipe_orders.c.contradicted_at.is_not(None))
        )
    found = [_order(row) for row in await tx.execute(wanted.order_by(wipe_orders.c.issued_at, wipe_orders.c.id))]
    return [one for one in found if one.is_open] if open_only else found


async def of_person(tx: Tx, person: UUID) -> list[Order]:
    """All orders of a person's devices, the oldest first."""
    wanted = _wanted().where(wipe_orders.c.staff == person.bytes)
    return [_order(row) for row in await tx.execute(wanted.order_by(wipe_orders.c.issued_at, wipe_orders.c.id))]


async def find(tx: Tx, order: UUID) -> Order | None:
    """One order; None where there is none."""
    row = (await tx.execute(_wanted().where(wipe_orders.c.id == order.bytes))).one_or_none()
    return None if row is None else _order(row)


async def move(tx: Tx, order: UUID, stage: ReceiptStage, now: int) -> None:
    """Move an order to what a receipt says; one that has come further stays where it is."""
    at = getattr(wipe_orders.c, f"{stage}_at")
    rank = case(_RANK, value=wipe_orders.c.state)
    await tx.execute(
        update(wipe_orders).where(wipe_orders.c.id == order.bytes, at.is_(None)).values({f"{stage}_at": now})
    )
    await tx.execute(
        update(wipe_orders).where(wipe_orders.c.id == order.bytes, rank < _RANK[OrderState(stage)]).values(state=stage)
    )


async def contradict(tx: Tx, orders: Iterable[UUID], now: int) -> None:
    """The device was heard after its final receipt: the first time is kept."""
    wanted = wipe_orders.c.id.in_([one.bytes for one in orders])
    await tx.execute(
        update(wipe_orders).where(wanted, wipe_orders.c.contradicted_at.is_(None)).values(contradicted_at=now)
    )


async def close(tx: Tx, order: Order, why: str, sources: Sources, closed_by: UUID | None = None) -> bool:
    """End the chase of an order, by a person who says why, in the journal too. False where it was closed before.

    Raises Refusal without a reason.
    """
    if not why.strip():
        raise Refusal("bad_value", "closing an order takes a reason")
    now = sources.now()
    still_open = (wipe_orders.c.id == order.id.bytes) & wipe_orders.c.closed_at.is_(None)
    values = {"closed_at": now, "closed_reason": why.strip()}
    if (await tx.execute(update(wipe_orders).where(still_open).values(values))).rowcount == 0:
        return False
    body = {"order": order.id, "reason": why.strip(), "by": closed_by}
    await note(tx, [Note(scopes.staff(order.staff), "wipe_closed", body)], now, sources.random)
    return True


async def in_hand(tx: Tx, order: Order, by: UUID, how: str, sources: Sources) -> bool:
    """A person states that the device is in their hands, and how that came; in the journal too. False where somebody
    stated it before. Raises Refusal.
    """
    if not how.strip():
        raise Refusal("bad_value", "say how the device came into whose hands")
    await staff.lock_active(tx, by)
    now = sources.now()
    first = (wipe_orders.c.id == order.id.bytes) & wipe_orders.c.in_hand_at.is_(None)
    values = {"in_hand_at": now, "in_hand_by": by.bytes, "in_hand_how": how.strip()}
    if (await tx.execute(update(wipe_orders).where(first).values(values))).rowcount == 0:
        return False
    body = {"order": order.id, "device": order.device, "by": by, "how": how.strip()}
    await note(tx, [Note(scopes.staff(order.staff), "wipe_in_hand", body)], now, sources.random)
    return True

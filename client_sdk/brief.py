"""The file on one outlet, as this phone has it: enough for whoever goes there the first time."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

import msgspec

from client_sdk.care import Care, CareAhead
from client_sdk.contacts import ContactCard, Contacts
from client_sdk.money import Money
from client_sdk.reporting import ContactReports
from client_sdk.writing import Desk
from sync.business.care import AHEAD_DAYS
from sync.business.credit import Account
from sync.records import ContactReport, Delivery, Gift, Order, Outlet, Payment, Record, Task, TaskStatus, Visit

__all__ = ["Brief", "brief_of"]

R = TypeVar("R", bound=Record)
_LAST = 5


class Brief(msgspec.Struct, frozen=True):
    """An outlet with the cards of its contacts, the last of its visits, orders, deliveries, payments and talks (newest
    first), promises and next steps that are open, tasks, days of care ahead, gifts, and what it owes on which terms.
    """

    outlet: Outlet
    contacts: tuple[ContactCard, ...]
    visits: tuple[Visit, ...]
    orders: tuple[Order, ...]
    deliveries: tuple[Delivery, ...]
    payments: tuple[Payment, ...]
    reports: tuple[ContactReport, ...]
    promises: tuple[ContactReport, ...]
    tasks: tuple[Task, ...]
    care: tuple[CareAhead, ...]
    gifts: tuple[Gift, ...]
    money: Account


def brief_of(desk: Desk, outlet: UUID) -> Brief:
    """The file on an outlet, without a network; nothing of it counts as an opening. Raises NotFound."""
    seen = desk.get(Outlet, outlet)
    reports, care = ContactReports(desk), Care(desk)
    still = {TaskStatus.OPEN, TaskStatus.STARTED}
    with desk.serving() as replica:
        same = {seen.id, outlet, *map(_id, replica.rows.aliases.merged_into(seen.id.bytes))}
    tasks = [one for one in desk.all(Task) if one.outlet in same and one.status in still]
    return Brief(
        seen,
        tuple(Contacts(desk).of(outlet)),
        _newest(desk.all(Visit, outlet)),
        _newest(desk.all(Order, outlet)),
        _newest(desk.all(Delivery, outlet)),
        _newest(desk.all(Payment, outlet)),
        tuple(reports.of(outlet, size=_LAST)),
        tuple(reports.left_open(same)),
        tuple(sorted(tasks, key=lambda one: (one.due or "9999", one.id))),
        tuple(one for one in care.ahead(AHEAD_DAYS) if one.outlet in same),
        tuple(care.gifts(outlet)),
        Money(desk).of(outlet),
    )


def _id(outlet: bytes) -> UUID:
    return UUID(bytes=outlet)


def _newest(found: list[R]) -> tuple[R, ...]:
    """The newest, amended ones as they stand."""
    amended = {getattr(one, "amends", None) for one in found}
    return tuple(one for one in found if one.id not in amended)[:_LAST]

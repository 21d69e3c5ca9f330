"""Money (收付款) as this phone has it: what an outlet owes, since when, and its form as a credit customer (账期客户).

Outlets that were merged have one account, and the terms of the one that stands for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack
from uuid import UUID

import msgspec

from client_sdk.errors import InvalidInput
from client_sdk.given import a_day, paged
from client_sdk.local.opened import OpenReplica
from client_sdk.local.rows import Held, readable
from client_sdk.writing import Desk
from sync.business.credit import (
    Account,
    Entry,
    Statement,
    account_of,
    entry_of,
    last_of,
    refusal,
    statement_of,
    worth,
    wrong_day,
)
from sync.records import COLLECTIONS, CreditApplication, CreditTerms, Delivery, Finding, Outlet, Payment

__all__ = ["CREDIT_STOPPED", "Credit", "CreditFields", "Money", "check_credit", "check_day"]

CREDIT_STOPPED = ("credit", "stopped")
"""Collection and state of the finding by which the server says that an outlet has no new credit."""
_FIRST = "1900-01-01"
_DAY_MS = 86_400_000


class CreditFields(TypedDict, total=False):
    """What is found of the outlet, and what is asked for: `limit` in minor units, `days`."""

    operations: str
    creditworthiness: str
    limit: int
    days: int


class Money:
    """`replica.money`. Amounts are minor units, days YYYY-MM-DD."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of(self, outlet: UUID) -> Account:
        """What an outlet owes: its items in the order in which they are settled. Raises NotFound."""
        with self._desk.serving() as replica:
            root = _root(self._desk, replica, outlet)
            return account_of(_entries(replica, root), _terms(replica, root))

    def statement(
        self, outlet: UUID, first: str = _FIRST, last: str = "", page: int = 0, *, size: int | None = None
    ) -> Statement:
        """The statement of an outlet from `first` to `last` (today where left out), as the company has it; of its lines
        one page, from 0. Raises InvalidInput, NotFound.
        """
        a_day(first, "first")
        until = a_day(last, "last") if last else _today(self._desk)
        with self._desk.serving() as replica:
            root = _root(self._desk, replica, outlet)
            whole = statement_of(_entries(replica, root), _terms(replica, root), first, until)
        return msgspec.structs.replace(whole, lines=tuple(paged(whole.lines, page, size)))

    def overdue(self, day: str = "", page: int = 0, *, size: int | None = None) -> list[tuple[Outlet, int]]:
        """The outlets of which something is overdue on a day (today where left out), the largest amount first, page by
        page from 0. Raises InvalidInput.
        """
        on = a_day(day, "day") if day else _today(self._desk)
        with self._desk.serving() as replica:
            self._desk.look(replica)
            into = replica.rows.aliases.ends()
            by_root: dict[UUID, list[Entry]] = {}
            for record in last_of(_posted(replica)):
                by_root.setdefault(into.get(record.outlet, record.outlet), []).append(entry_of(record))
            held = replica.rows.among(one.bytes for one in by_root)
            owed = {
                one: amount
                for one, entries in by_root.items()
                if (amount := account_of(entries, _terms_in(held.get(one.bytes))).overdue(on))
            }
            shops = replica.rows.shown_by_number(held[one.bytes].id for one in owed if one.bytes in held)
        found = [(shop, owed[shop.id]) for shop in shops if isinstance(shop, Outlet)]
        return paged(sorted(found, key=lambda each: (-each[1], each[0].id.bytes)), page, size)


class Credit:
    """`replica.credit`: asking for credit terms (账期) for an outlet."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def apply(self, outlet: UUID, **fields: Unpack[CreditFields]) -> CreditApplication:
        """Hand in the form. What the review says is in `review` and `review_note` after a sync; until it is approved
        there is no delivery on credit. Raises InvalidInput, NotFound, StorageFull.
        """
        return self._desk.create(CreditApplication, {"outlet": outlet, **fields})

    def update(self, application: UUID, **fields: Unpack[CreditFields]) -> CreditApplication:
        """Mend the form, as after a question. Raises InvalidInput, NotFound, StorageFull."""
        return self._desk.edit(CreditApplication, application, fields)

    def of(self, outlet: UUID, page: int = 0, *, size: int | None = None) -> list[CreditApplication]:
        """The forms of an outlet, newest first, page by page from 0."""
        return self._desk.all(CreditApplication, outlet, page, size=size)


def check_credit(desk: Desk, fields: Mapping[str, Any], was: Delivery | None = None) -> None:
    """Refuse a delivery on credit where the server would, as far as this phone knows. Raises InvalidInput, NotFound."""
    if not fields.get("on_credit"):
        return
    day = _today(desk)
    with desk.serving() as replica:
        root = _root(desk, replica, fields["outlet"])
        new = Entry(root, day, worth(fields.get("lines", ())), "delivery", on_credit=True)
        code = refusal(
            _entries(replica, root), _terms(replica, root), new, day,
            was=entry_of(was) if was is not None else None, is_stopped=_is_stopped(replica, _family(replica, root)),
        )  # fmt: skip
    if code is not None:
        raise InvalidInput(code, "on_credit")


def check_day(desk: Desk, fields: Mapping[str, Any], name: str) -> None:
    """Refuse a day that is still to come, and credit without one, as the server would. Raises InvalidInput."""
    last = desk.device.ports.clock.day_of(desk.device.now() + _DAY_MS)
    if wrong_day(fields.get(name), last, on_credit=bool(fields.get("on_credit"))):
        raise InvalidInput("bad_value", name)


def _today(desk: Desk) -> str:
    return desk.device.ports.clock.day_of(desk.device.now())


def _root(desk: Desk, replica: OpenReplica, outlet: UUID) -> UUID:
    """The outlet that stands for this one. Raises NotFound."""
    return desk.shown(replica, Outlet, outlet).id


def _family(replica: OpenReplica, root: UUID) -> list[UUID]:
    """All outlets that are one with `root`, itself included."""
    return [root, *(UUID(bytes=one) for one in replica.rows.aliases.merged_into(root.bytes))]


def _posted(replica: OpenReplica, outlet: UUID | None = None) -> list[Delivery | Payment]:
    tags = (COLLECTIONS["delivery"].tag, COLLECTIONS["payment"].tag)
    found = (one for tag in tags for one in replica.rows.shown_of(tag, outlet))
    return [one for one in found if isinstance(one, Delivery | Payment)]


def _entries(replica: OpenReplica, root: UUID) -> list[Entry]:
    return [entry_of(one) for one in last_of(_posted(replica, root))]


def _terms(replica: OpenReplica, root: UUID) -> CreditTerms | None:
    """The terms that the company has given: what a rep only proposes is none yet."""
    return _terms_in(replica.rows.get(root.bytes))


def _terms_in(row: Held | None) -> CreditTerms | None:
    held = readable(row.packed) if row is not None else None
    return held.credit if isinstance(held, Outlet) else None


def _is_stopped(replica: OpenReplica, family: list[UUID]) -> bool:
    found = (one for one in replica.rows.shown_of(COLLECTIONS["finding"].tag) if isinstance(one, Finding))
    return any((one.collection, one.state) == CREDIT_STOPPED and one.outlet in family for one in found)

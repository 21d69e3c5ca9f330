"""All departures, open, closed and scheduled, and those that only the departures file knows: none is ever left out.

A lost or replaced phone stands there too: its order is chased in the same way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from server.departure import orders
from server.departure.departures_file import Departure, Entry
from server.departure.leaving.notice import GivenNotice
from server.departure.leaving.notice import listed as notices
from server.departure.orders import Order
from server.departure.recorded import recorded
from server.identity import staff
from server.master.store import Tx

__all__ = ["Departures", "Line", "departures_page", "state_of"]


class Line(msgspec.Struct, frozen=True):
    """One departure. `at` is the cut-off (server ms), `leaves` false for one phone alone; `in_file` and `in_store` say
    where it stands: both, once everything is in order.
    """

    person: UUID
    name: str
    at: int
    leaves: bool
    reason: str
    orders: tuple[Order, ...]
    phones: int
    in_file: bool
    in_store: bool

    @property
    def oldest_open(self) -> Order | None:
        """The order that waits the longest."""
        return next((one for one in self.orders if one.is_open), None)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to see to it."""
        return self.oldest_open is not None or not self.in_store


class Departures(msgspec.Struct, frozen=True):
    """All of them: whoever is under notice, the next last hour first; what is open, the oldest first; what is done, the
    newest first. `file_error` says why the departures file cannot be read, if so.
    """

    scheduled: tuple[GivenNotice, ...]
    open: tuple[Line, ...]
    done: tuple[Line, ...]
    names: Mapping[UUID, str]
    file_error: str = ""


def state_of(order: Order, now: int) -> tuple[str, ...]:
    """An order's state at server time `now`, and what stands beside it."""
    is_away = order.state in {orders.OrderState.ORDERED, orders.OrderState.TOLD}
    beside = (
        ("contradicted", order.contradicted_at is not None),
        ("closed", order.closed_at is not None),
        ("lapsed", is_away and order.is_lapsed(now)),
    )
    return (order.state.value, *(word for word, is_so in beside if is_so))


async def departures_page(tx: Tx, entries: Sequence[Entry] | str) -> Departures:
    """All departures of store and file. `entries` are the file's, or why it cannot be read."""
    names = {one.id: one.name for one in await staff.everybody(tx)}
    issued = {one.id: one for one in await orders.listed(tx)}
    error = entries if isinstance(entries, str) else ""
    written = [] if isinstance(entries, str) else [one for one in entries if isinstance(one, Departure)]
    lines = list(_lines(await recorded(tx), written, issued, names, is_known=not error))
    waiting = sorted((one for one in lines if one.is_open), key=lambda one: one.at)
    done = sorted((one for one in lines if not one.is_open), key=lambda one: -one.at)
    return Departures(tuple(await notices(tx)), tuple(waiting), tuple(done), names, error)


def _lines(
    stored: Collection[Departure],
    written: Collection[Departure],
    issued: Mapping[UUID, Order],
    names: Mapping[UUID, str],
    *,
    is_known: bool,
) -> Iterable[Line]:
    """Store and file side by side; where the file cannot be read, what the store has counts as written."""
    in_store, in_file = {one.key for one in stored}, {one.key for one in written}
    both = {one.key: one for one in [*written, *stored]}
    for key, one in both.items():
        mine = sorted((issued[each.order] for each in one.devices if each.order in issued), key=_issued)
        name = names.get(one.staff, str(one.staff))
        is_written = key in in_file or not is_known
        told = (one.staff, name, one.at, one.leaves, one.reason, tuple(mine), len(one.devices))
        yield Line(*told, is_written, key in in_store)


def _issued(order: Order) -> tuple[int, UUID]:
    return order.issued_at, order.id

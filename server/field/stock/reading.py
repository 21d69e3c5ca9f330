"""What the questions about stock are asked from: visits, orders and deliveries of a time, read once for all outlets.

An amended record counts as its last amendment says, on the day of the first; merged outlets are one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Table, select

from server.field.ground import Ground
from server.master.decoys import no_decoys
from server.master.standing import survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync.business.stock_questions import Brought, Observed, Ordered, Sighted, plain_batch
from sync.records import Channel

__all__ = ["WINDOW_DAYS", "Material", "read_material"]

WINDOW_DAYS = 92
"""So many days are looked at."""
_VISITS, _ORDERS, _DELIVERIES = TYPED["visit"], TYPED["order"], TYPED["delivery"]

_COLUMNS = (
    "id", "outlet", "staff", "amends", "started_at", "taken_at", "delivered_on", "channel", "stock", "batches", "lines",
)  # fmt: skip

_Key = tuple[UUID, str]


@dataclass(slots=True)
class Material:
    """All that the questions need, from `first` to `last`, by outlet or by outlet and product. `received` has by
    (product, batch) the day on which each outlet first received it, `unnamed` the days of deliveries without a batch.
    """

    first: date
    last: date
    observed: dict[_Key, list[Observed]] = field(default_factory=dict)
    brought: dict[_Key, list[Brought]] = field(default_factory=lambda: defaultdict(list))
    bought: dict[UUID, dict[date, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    visits: dict[UUID, list[date]] = field(default_factory=lambda: defaultdict(list))
    orders: list[Ordered] = field(default_factory=list)
    delivered: dict[UUID, list[tuple[date, frozenset[str]]]] = field(default_factory=lambda: defaultdict(list))
    sighted: list[Sighted] = field(default_factory=list)
    received: dict[tuple[str, str], dict[UUID, date]] = field(default_factory=lambda: defaultdict(dict))
    unnamed: dict[_Key, list[date]] = field(default_factory=lambda: defaultdict(list))


async def read_material(tx: Tx, ground: Ground, last: date) -> Material:
    """Read what there is up to the day after `last`: a delivery may be recorded a day late."""
    found = Material(last - timedelta(days=WINDOW_DAYS - 1), last)
    into = await survivors(tx)
    _take_visits(found, await _since(tx, _VISITS, _VISITS.c.started_at, ground, found.first), ground, into)
    _take_orders(found, await _since(tx, _ORDERS, _ORDERS.c.taken_at, ground, found.first), ground, into)
    day = _DELIVERIES.c.delivered_on
    wanted = day >= found.first.isoformat(), day <= (last + timedelta(days=1)).isoformat()
    _take_deliveries(found, await _rows(tx, _DELIVERIES, *wanted), into)
    await _read_earlier_batches(tx, found, into)
    return found


async def _since(tx: Tx, table: Table, at: Any, ground: Ground, first: date) -> Sequence[Row[Any]]:
    midnight = datetime.combine(first, time(), ZoneInfo(ground.zone))
    return await _rows(tx, table, at >= int(midnight.timestamp() * 1000))


async def _rows(tx: Tx, table: Table, *wanted: Any) -> Sequence[Row[Any]]:
    columns = [table.c[name] for name in _COLUMNS if name in table.c]
    return (await tx.execute(select(*columns).where(*wanted, no_decoys(table.c.scope)).order_by(table.c.id))).all()


def _as_amended(rows: Iterable[Row[Any]]) -> Iterator[tuple[Row[Any], Row[Any]]]:
    """The rows that no other amends, each with the first of its chain; chains that began before the time are left out:
    what they tell of is older.
    """
    by_id = {row.id: row for row in rows}
    amended = {row.amends for row in by_id.values()}
    for row in by_id.values():
        first = row
        while first.amends is not None and first.amends in by_id:
            first = by_id[first.amends]
        if row.id not in amended and first.amends is None:
            yield row, first


def _take_visits(found: Material, rows: Sequence[Row[Any]], ground: Ground, into: Mapping[UUID, UUID]) -> None:
    counted: dict[_Key, dict[date, list[tuple[int, UUID | None, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row, first in _as_amended(rows):
        outlet, day = into.get(row.outlet, row.outlet), ground.day_of(first.started_at)
        if day > found.last:
            continue
        if row.channel == Channel.UNKNOWN:
            found.visits[outlet].append(day)
        for line in row.stock:
            counted[outlet, line["product"]][day].append((first.started_at, row.staff, line))
        for seen in row.batches:
            if batch := plain_batch(seen["batch"]):
                found.sighted.append(Sighted(outlet, seen["product"], batch, day))
    for key, days in counted.items():
        found.observed[key] = [_observed(day, lines) for day, lines in sorted(days.items())]


def _observed(day: date, lines: list[tuple[int, UUID | None, Any]]) -> Observed:
    """One day's visits as one observation: the last count, and what one of the people says was sold."""
    counts = [(at, line["on_hand"]) for at, _, line in lines if line["on_hand"] is not None]
    sold: dict[UUID | None, int] = defaultdict(int)
    for _, person, line in lines:
        sold[person] += line["sold"]
    return Observed(day, max(counts)[1] if counts else None, max(sold.values()))


def _take_orders(found: Material, rows: Sequence[Row[Any]], ground: Ground, into: Mapping[UUID, UUID]) -> None:
    for row, first in _as_amended(rows):
        day = ground.day_of(first.taken_at)
        if row.staff is not None and day <= found.last:
            pieces: dict[str, int] = defaultdict(int)
            for line in row.lines:
                pieces[line["product"]] += line["quantity"]
            outlet = into.get(row.outlet, row.outlet)
            found.orders.append(Ordered(first.id, outlet, row.staff, day, tuple(sorted(pieces.items()))))


def _take_deliveries(found: Material, rows: Sequence[Row[Any]], into: Mapping[UUID, UUID]) -> None:
    amended = {row.amends for row in rows}
    for row in rows:
        if row.id in amended:
            continue
        outlet, day = into.get(row.outlet, row.outlet), date.fromisoformat(row.delivered_on)
        found.delivered[outlet].append((day, frozenset(line["product"] for line in row.lines)))
        for line in row.lines:
            found.brought[outlet, line["product"]].append(Brought(day, line["quantity"]))
            if day <= found.last:
                found.bought[outlet][day] += line["quantity"] * line["price"]
            _take_batch(found, outlet, day, line)


def _take_batch(found: Material, outlet: UUID, day: date, line: Mapping[str, Any]) -> None:
    if line["quantity"] <= 0:
        return
    if batch := plain_batch(line["batch"]):
        went = found.received[line["product"], batch]
        went[outlet] = min(day, went.get(outlet, day))
    else:
        found.unnamed[outlet, line["product"]].append(day)


async def _read_earlier_batches(tx: Tx, found: Material, into: Mapping[UUID, UUID]) -> None:
    """A batch on a shelf may have come before the time: the earlier deliveries to those outlets are looked through."""
    doubtful = {
        one.outlet
        for one in found.sighted
        if (went := found.received.get((one.product, one.batch))) and one.outlet not in went
    }
    if not doubtful:
        return
    family = [*doubtful, *(one for one, root in into.items() if root in doubtful)]
    day = _DELIVERIES.c.delivered_on
    rows = await _rows(tx, _DELIVERIES, _DELIVERIES.c.outlet.in_(family), day < found.first.isoformat())
    amended = {row.amends for row in rows}
    for row in rows:
        for line in row.lines if row.id not in amended else ():
            outlet = into.get(row.outlet, row.outlet)
            if plain_batch(line["batch"]):
                _take_batch(found, outlet, date.fromisoformat(row.delivered_on), line)

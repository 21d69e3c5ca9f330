"""A district of 1,200 shops over three months: what is planted is found, nothing else is asked, in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from time import process_time
from typing import Any
from uuid import UUID

from server.field.stock import questions as desk
from server.field.stock.found import Question
from server.master.bulk import insert_rows
from server.master.scoping import numbers
from server.master.typed import TYPED, TYPED_NAMES, typed_values
from sync import scopes
from sync.records import COLLECTIONS, Delivery, Order, OrderLine, Outlet, Record, ShelfBatch, Stock, Visit
from tests.server.field.credit.firm import DAY, Firm

SHOPS, DAYS = 1200, 91


class District:
    """Shops that are visited every one or two weeks and supplied in a rhythm of their own; honest but for `planted`."""

    def __init__(self, firm: Firm) -> None:
        self.firm, self.random = firm, Random(1201)
        self.today: date = firm.ground.today
        self.shops = [firm.sources.new_id() for _ in range(SHOPS)]

    def at(self, number: int, hour: int) -> int:
        """Server milliseconds on a day of the three months."""
        return self.firm.now - (DAYS - number) * DAY + hour * 3_600_000 - 8 * 3_600_000

    def records(self) -> Iterator[Record]:
        """Everything that happened."""
        for number, shop in enumerate(self.shops):
            yield Outlet(shop, f"店{number}")
            yield from self.life(number, shop)

    def life(self, number: int, shop: UUID) -> Iterator[Record]:
        """One shop: sales that are told in part, deliveries before or after a visit, recorded late now and then."""
        draw, shelf, sold, batch = self.random, 30, 0, ""
        every, supplied = draw.choice([7, 7, 14]), draw.choice([5, 7, 10, 14])
        start = draw.randrange(14)
        for day in range(start, DAYS):
            out = draw.randrange(min(shelf, 5) + 1)
            shelf, sold = shelf - out, sold + out
            is_quiet = 40 <= day < 50
            brings = (day - start) % supplied == 3 and not is_quiet and not (number == 0 and day > 70)
            if brings and draw.random() < 0.5:
                shelf, brings = shelf + 24, False
                batch = f"L{day // 7}"
                yield self.delivery(shop, day, 24, batch)
            if (day - start) % every == 0:
                more = 20 if (number, day // 14) == (1, 5) else 0
                told = sold if draw.random() < 0.8 else sold // 2
                yield self.visit(shop, day, shelf + more, told, "L-else" if number == 2 and day > 70 else batch)
                shelf, sold = shelf + more, 0
                if draw.random() < 0.3:
                    yield self.order(shop, day, self.firm.wang)
                if number == 3 and day > 75:
                    yield self.order(shop, day, self.firm.wang)
                    yield self.order(shop, day + 1, self.firm.li)
            if brings:
                shelf, batch = shelf + 24, f"L{day // 7}"
                yield self.delivery(shop, day + (draw.random() < 0.2), 24, batch)
        if number == 4:
            yield self.delivery(shop, 60, 24, "L-else")

    def visit(self, shop: UUID, day: int, on_hand: int, sold: int, batch: str) -> Visit:
        """A count of the shelf."""
        batches = (ShelfBatch("SKU-1", batch),) if batch else ()
        stock, at = (Stock("SKU-1", on_hand, sold),), self.at(day, 10)
        made = self.firm.sources.new_id()
        return Visit(made, shop, started_at=at, stock=stock, batches=batches, staff=self.firm.wang)

    def delivery(self, shop: UUID, day: int, pieces: int, batch: str) -> Delivery:
        """A delivery of the books."""
        on = self.today - timedelta(days=DAYS - day)
        lines = (OrderLine("SKU-1", pieces, 5000, batch),)
        return Delivery(self.firm.sources.new_id(), shop, lines=lines, delivered_on=str(on))

    def order(self, shop: UUID, day: int, who: UUID) -> Order:
        """An order of two cases."""
        lines = (OrderLine("SKU-1", 24, 5000),)
        return Order(self.firm.sources.new_id(), shop, lines=lines, taken_at=self.at(day, 11), staff=who)

    async def write(self) -> None:
        """Put it into the typed tables, which is all that questions read."""
        rows: dict[str, list[tuple[Any, ...]]] = {}
        names = {one.type: one for one in COLLECTIONS.values()}
        async with self.firm.store.write() as tx:
            name = scopes.territory(self.firm.east)
            scope = (await numbers(tx, [name]))[name]
            for one in self.records():
                kind = names[type(one)]
                rows.setdefault(kind.name, []).append(typed_values(kind, one, scope, 1))
            for collection, lines in rows.items():
                for first in range(0, len(lines), 1000):
                    await insert_rows(tx, TYPED[collection], TYPED_NAMES[collection], lines[first : first + 1000])


async def test_what_is_planted_is_found_and_honest_shops_are_left_alone(firm: Firm) -> None:
    """Asked in four nights of the last month; a holiday of ten days without deliveries lies in the time."""
    district = District(firm)
    await district.write()
    end, took = firm.now, 0.0
    for ago in (30, 16, 8, 0):
        firm.now = end - ago * DAY
        began = process_time()
        async with firm.store.write() as tx:
            await desk.ask(tx, firm.ground)
        took = max(took, process_time() - began)
    async with firm.store.read() as tx:
        found: list[Question] = [one.question for one in await desk.listed(tx)]
    planted = {("fall", 0), ("more_than_came", 1), ("diversion", 2), ("same_order", 3)}
    numbered = {shop: number for number, shop in enumerate(district.shops)}
    told = {(one.kind, numbered[one.outlet]) for one in found}
    assert told >= planted
    false = [one for one in found if (one.kind, numbered[one.outlet]) not in planted]
    assert len(false) <= 3, false
    assert took < 15

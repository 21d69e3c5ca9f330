"""What managers do in the history about trade: the pool, credit, cases of overdue money, files of the books."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from server.cli.deployment import Deployment
from server.cli.month.history import Event
from server.cli.month.names import Names
from server.field.books import Booked, import_book, map_book
from server.field.credit import overdue, review
from server.field.ground import Ground
from server.field.intake.book_headings import BOOKS
from server.field.intake.table import read_table
from server.field.pool import desk
from server.identity import territories
from server.master.store import Tx
from sync.errors import Refusal

__all__ = ["TradeDesk"]


class TradeDesk:
    """The part of the desk that sees to trade. `drawn` are the deals by their time: what chance said, as events;
    `books` is what came of each file.
    """

    def __init__(self, deployment: Deployment, names: Names) -> None:
        self._deployment = deployment
        self._names = names
        self.drawn: dict[str, Event] = {}
        self.deals: list[UUID] = []
        self.books: dict[str, list[int]] = {}

    @property
    def acts(self) -> dict[str, Callable[[Tx, Event, UUID], Awaitable[object]]]:
        """By what the history calls them."""
        return {
            "deal": self._deal,
            "put_back": self._put_back,
            "allot": self._allot,
            "credit_review": self._credit_review,
            "close_case": self._close_case,
            "write_off": self._close_case,
        }

    async def book(self, event: Event, by: UUID) -> None:
        """Take a file of the books in, as a file."""
        lines = [event["headings"], *(",".join(map(str, self._told(event["kind"], row))) for row in event["rows"])]
        with TemporaryDirectory(prefix="saojie-books-") as place:
            path = Path(place) / "books.csv"
            path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
            table = read_table(path, None, BOOKS[event["kind"]])
        ground = await self._ground()
        mapping = map_book(table, event["kind"])
        self._count(event, await import_book(self._deployment.store, ground, event["kind"], table, mapping, by=by))

    def _told(self, kind: str, row: list[object]) -> list[object]:
        """A row of the history as the file has it: money as people write it."""
        at = {"deliveries": 5, "payments": 2}[kind]
        return [*row[:at], f"{int(str(row[at])) / 100:.2f}", *row[at + 1 :]]

    def _count(self, event: Event, done: Booked) -> None:
        old = self.books.get(event["kind"], [0, 0, 0, 0])
        new = (done.imported, done.amended, done.duplicates, len(done.rejected))
        self.books[event["kind"]] = [a + b for a, b in zip(old, new, strict=True)]

    async def _ground(self) -> Ground:
        async with self._deployment.store.read() as tx:
            return await self._deployment.ruled(tx)

    async def _deal(self, tx: Tx, event: Event, by: UUID) -> None:
        (pool,) = await territories.all_pools(tx)
        dealt = await desk.deal(tx, pool.id, await self._deployment.ruled(tx), share=event["share"], by=by)
        keys = {one: key for key, one in self._names.outlets.items()}
        people = {one: name for name, one in self._names.people.items()}
        areas = {one: name for name, one in self._names.areas.items()}
        into = {people[one.staff]: areas[one.territory] for one in dealt.deal.reps}
        given = {people[one]: [keys[each] for each in outlets] for one, outlets in dealt.given.items()}
        self.drawn[event["t"]] = {"t": event["t"], "who": event["who"], "do": "drawn", "given": given, "into": into}
        self.deals = [*self.deals, dealt.deal.id]

    async def _put_back(self, tx: Tx, event: Event, by: UUID) -> None:
        outlet = self._names.outlets[event["outlet"]]
        moved = await desk.put_back(tx, [outlet], event["reason"], await self._deployment.ruled(tx), by=by)
        _raise(moved.refused)

    async def _allot(self, tx: Tx, event: Event, by: UUID) -> None:
        outlet, person = self._names.outlets[event["outlet"]], self._names.people[event["person"]]
        into = self._names.areas[event["area"]]
        moved = await desk.allot(tx, [outlet], person, await self._deployment.ruled(tx), into=into, by=by)
        _raise(moved.refused)

    async def _credit_review(self, tx: Tx, event: Event, by: UUID) -> None:
        ground, outlet = await self._deployment.ruled(tx), self._names.outlets[event["outlet"]]
        form = next((one for one in await review.applications(tx) if one.outlet == outlet), None)
        if form is None:
            raise Refusal("not_found", f"no form of {event['outlet']} waits")
        if event["to"] == "approve":
            await review.approve(tx, form.id, ground, by=by)
        elif event["to"] == "question":
            await review.question(tx, form.id, event["reason"], ground, by=by)
        else:
            await review.refuse(tx, form.id, event["reason"], ground, by=by)

    async def _close_case(self, tx: Tx, event: Event, by: UUID) -> None:
        ground, outlet = await self._deployment.ruled(tx), self._names.outlets[event["outlet"]]
        case = next((one for one in await overdue.cases(tx, ground) if one.outlet == outlet), None)
        if case is None:
            raise Refusal("not_found", f"no case of {event['outlet']} is open")
        if event["do"] == "write_off":
            await overdue.write_off(tx, case.id, event["reason"], ground, by=by)
        else:
            await overdue.close(tx, case.id, event["reason"], event["plan"], ground, by=by)


def _raise(refused: dict[UUID, str]) -> None:
    for one, why in refused.items():
        raise Refusal("bad_value", f"{one}: {why}")

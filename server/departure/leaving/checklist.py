"""The checklist of a departure: what people have to see to before its formalities close, ticked with who, when and a
note. What is open waits in the inbox until it is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select, update

from server.master import inbox
from server.master.inbox import Matter, bring_up
from server.master.journal import Note, note
from server.master.leaving import checklist
from server.master.scoping import open_scope
from server.master.store import Store, Tx
from server.master.upserts import insert_new
from server.ports import Sources
from sync import scopes
from sync.errors import Refusal

__all__ = ["INTERVIEW_REASONS", "Item", "Point", "call_off", "listed", "open_points", "remind", "tick"]

KIND = "leaving_checklist"
CALLED_OFF = "called_off"
"""The code of an item that nobody has to see to any more."""

INTERVIEW_REASONS = (
    "pay",
    "competitor",
    "own_business",
    "colleagues",
    "family",
    "health",
    "moving",
    "dismissed",
    "other",
)
"""The codes of an exit interview."""


class Point(StrEnum):
    """What there is to see to."""

    INTERVIEW = "interview"
    CUSTOMERS = "customers"
    DEVICES = "devices"
    NUMBERS = "numbers"
    RETURN_STATEMENT = "return_statement"
    ALLOWANCE = "allowance"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return _SAID[self][0]

    @property
    def en(self) -> str:
        """In English."""
        return _SAID[self][1]


_SAID = {
    Point.INTERVIEW: ("离职面谈", "exit interview"),
    Point.CUSTOMERS: ("已告知全部客户", "all customers informed"),
    Point.DEVICES: ("设备已交回", "devices returned"),
    Point.NUMBERS: ("公司号码已移交", "company numbers passed on"),
    Point.RETURN_STATEMENT: ("已签归还声明", "return statement signed"),
    Point.ALLOWANCE: ("补偿已约定并支付", "allowance agreed and paid"),
}


class Item(msgspec.Struct, frozen=True):
    """One item of a checklist; times in server milliseconds. `code` is the interview's reason."""

    point: Point
    opened_at: int
    done_at: int | None = None
    done_by: UUID | None = None
    code: str | None = None
    note: str | None = None


async def open_points(tx: Tx, leaver: UUID, sources: Sources, since: int) -> None:
    """Open the points of a departure that began at `since`, those that were opened for it before excepted."""
    known = {one.point for one in await listed(tx, leaver) if one.opened_at >= since}
    fresh = [
        {"id": sources.new_id().bytes, "leaver": leaver.bytes, "item": point, "opened_at": sources.now()}
        for point in Point
        if point not in known
    ]
    await insert_new(tx, checklist, fresh)
    await _bring_up(tx, leaver, sources)


async def listed(tx: Tx, leaver: UUID) -> list[Item]:
    """A person's checklist in its order; where they left more than once, the earlier items first."""
    rows = await tx.execute(select(checklist).where(checklist.c.leaver == leaver.bytes))
    found = [_item(row) for row in rows]
    return sorted(found, key=lambda one: (one.done_at is None, list(Point).index(one.point), one.opened_at))


def _item(row: Row[Any]) -> Item:
    by = UUID(bytes=bytes(row.done_by)) if row.done_by else None
    return Item(Point(row.item), row.opened_at, row.done_at, by, row.code, row.note)


async def tick(
    tx: Tx, leaver: UUID, point: Point, sources: Sources, *, by: UUID | None, said: str = "", code: str | None = None
) -> bool:
    """Tick an item off; False where it is not open. An interview takes a reason's code. Raises Refusal."""
    if point is Point.INTERVIEW and code not in INTERVIEW_REASONS:
        raise Refusal("bad_value", f"an interview has one of these reasons: {', '.join(INTERVIEW_REASONS)}")
    if by == leaver:
        raise Refusal("not_yours", "nobody ticks off their own departure")
    mine = (checklist.c.leaver == leaver.bytes) & (checklist.c.item == point) & checklist.c.done_at.is_(None)
    values = {"done_at": sources.now(), "done_by": by.bytes if by else None, "code": code, "note": said.strip() or None}
    ticked = await tx.execute(update(checklist).where(mine).values(values))
    if not ticked.rowcount:
        return False
    await _bring_up(tx, leaver, sources)
    scope = scopes.staff(leaver)
    await open_scope(tx, scope)
    body = {"item": point, "by": by, "code": code, "note": said.strip()}
    await note(tx, [Note(scope, "checklist_ticked", body)], sources.now(), sources.random)
    return True


async def call_off(tx: Tx, leaver: UUID, sources: Sources) -> None:
    """Close what is open, as for a notice that was withdrawn. Journalled in the company's scope only."""
    mine = (checklist.c.leaver == leaver.bytes) & checklist.c.done_at.is_(None)
    await tx.execute(update(checklist).where(mine).values(done_at=sources.now(), code=CALLED_OFF))
    await inbox.settle_matter(tx, KIND, leaver, "notice withdrawn", sources)


async def _bring_up(tx: Tx, leaver: UUID, sources: Sources) -> None:
    """Say in the inbox what is open, or that nothing is any more. It locks the company's scope in that case alone, and
    before any other.
    """
    still = [one.point for one in await listed(tx, leaver) if one.done_at is None]
    if still:
        await bring_up(tx, _matter(leaver, still), sources)
    else:
        await inbox.settle_matter(tx, KIND, leaver, "all done", sources)


def _matter(leaver: UUID, still: Iterable[Point]) -> Matter:
    points = list(still)
    en = f"formalities of a departure still open: {', '.join(one.en for one in points)}"
    zh = f"离职手续尚未完成：{'、'.join(one.zh for one in points)}"
    return Matter(KIND, leaver, en, zh, leaver)


async def remind(store: Store, sources: Sources) -> None:
    """Bring up again what somebody settled while items are open, and settle what is done."""
    async with store.read() as tx:
        waiting, shown = await _waiting(tx), await _shown(tx)
    if waiting == shown:
        return
    async with store.write() as tx:
        waiting, shown = await _waiting(tx), await _shown(tx)
        for leaver in sorted(waiting - shown):
            await _bring_up(tx, leaver, sources)
        for leaver in sorted(shown - waiting):
            await inbox.settle_matter(tx, KIND, leaver, "all done", sources)


async def _waiting(tx: Tx) -> set[UUID]:
    rows = await tx.execute(select(checklist.c.leaver).where(checklist.c.done_at.is_(None)).distinct())
    return {UUID(bytes=bytes(one)) for one in rows.scalars()}


async def _shown(tx: Tx) -> set[UUID]:
    return {one.matter.about for one in await inbox.listed(tx, kind=KIND)}

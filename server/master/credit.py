"""Whether an outlet may have a delivery on credit, decided where deliveries are written: under the lock of its scope.

What the outlets of a batch owe is read once for all of them; what the batch itself brings is laid on top.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from server.master.actors import Actor, Authority
from server.master.drafts import Draft, Ready
from server.master.money import Posted, posted_at, terms_of
from server.master.standing import survivors
from server.master.store import Tx
from server.master.trade import overdue_cases
from server.master.working import Held, Working
from server.times import day_of
from sync.business.credit import entry_of, last_of, refusal, wrong_day
from sync.errors import Refusal
from sync.operations import Act
from sync.records import CreditTerms, Delivery, Payment

__all__ = ["Books", "books_of", "check_credit", "check_days"]


_DAYS = {Delivery: "delivered_on", Payment: "paid_on"}
_DAY_MS = 86_400_000


@dataclass(slots=True)
class Books:
    """What stands at the outlets that a batch delivers to on credit, by the outlet that stands for one: its terms, what
    was posted, since which day credit is stopped there. `roots` leads to it; `zone` is the company's.
    """

    zone: str
    roots: dict[UUID, UUID]
    terms: dict[UUID, CreditTerms]
    posted: dict[UUID, dict[UUID, Posted]] = field(default_factory=lambda: defaultdict(dict))
    stopped: dict[UUID, str] = field(default_factory=dict)

    def family(self, root: UUID) -> Iterable[UUID]:
        """All outlets that are one with it, itself included."""
        return (one for one, of in self.roots.items() if of == root)


async def books_of(tx: Tx, actor: Actor, drafts: Iterable[Draft], zone: str) -> Books | None:
    """What has to be known to decide on the deliveries on credit of a batch; None where there is nothing to decide."""
    if actor.rights.authority is not Authority.REP:
        return None
    outlets = {outlet for draft in drafts if (outlet := _outlet_on_credit(draft)) is not None}
    if not outlets:
        return None
    roots = await survivors(tx)
    wanted = {roots.get(one, one) for one in outlets}
    roots = {one: root for one, root in roots.items() if root in wanted} | {one: one for one in wanted}
    books = Books(zone, roots, await terms_of(tx, wanted))
    for record in await posted_at(tx, list(roots)):
        books.posted[roots[record.outlet]][record.id] = record
    is_open = overdue_cases.c.closed_at.is_(None)
    cases = select(overdue_cases.c.outlet, overdue_cases.c.opened_on).where(
        is_open, overdue_cases.c.outlet.in_([one.bytes for one in roots])
    )
    for row in await tx.execute(cases):
        root = roots[UUID(bytes=bytes(row.outlet))]
        books.stopped[root] = min(row.opened_on, books.stopped.get(root, row.opened_on))
    return books


def _outlet_on_credit(draft: Draft) -> UUID | None:
    ready = draft.ready
    if ready is None or ready.operation.act is not Act.CREATE or ready.collection.type is not Delivery:
        return None
    outlet = ready.changes.get("outlet")
    return outlet if ready.changes.get("on_credit") and isinstance(outlet, UUID) else None


def check_days(ready: Ready, actor: Actor, now: int, zone: str) -> None:
    """Refuse a rep's delivery or payment of a day that is still to come, and one on credit that names none."""
    if actor.rights.authority is not Authority.REP or ready.operation.act is not Act.CREATE:
        return
    field = _DAYS.get(ready.collection.type)
    if field is not None:
        day, on_credit = ready.changes.get(field), bool(ready.changes.get("on_credit"))
        if why := wrong_day(day, day_of(now + _DAY_MS, zone), on_credit=on_credit):
            raise Refusal("bad_value", f"{field}: {why}")


def check_credit(work: Working, delivery: Delivery, amends: Held | None, at: int) -> None:
    """Refuse a rep's delivery on credit where there is none for its outlet on the day of `at`, server milliseconds."""
    books = work.books
    if books is None or not delivery.on_credit:
        return
    root = books.roots.get(delivery.outlet, delivery.outlet)
    posted = books.posted[root] | _brought(work, books, root)
    was = amends.record if amends is not None and isinstance(amends.record, Delivery) else None
    day = day_of(at, books.zone)
    code = refusal(
        map(entry_of, last_of(posted.values())), books.terms.get(root), entry_of(delivery), day,
        was=entry_of(was) if was is not None else None, is_stopped=books.stopped.get(root, "9999") <= day,
    )  # fmt: skip
    if code is not None:
        raise Refusal(code, f"no delivery on credit to {delivery.outlet} on {day}")


def _brought(work: Working, books: Books, root: UUID) -> dict[UUID, Posted]:
    """What the batch has brought to these outlets so far."""
    held = (one.record for outlet in books.family(root) for one in work.at_outlets.get(outlet.bytes, ()))
    return {one.id: one for one in held if isinstance(one, Delivery | Payment)}

"""What a rep writes up: the daily report (日报), drafted from the day's own work, and reports on talks."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import TypedDict, Unpack
from uuid import UUID

import msgspec

from client_sdk.errors import InvalidInput
from client_sdk.given import a_day, paged
from client_sdk.local.days import Days
from client_sdk.today import worked
from client_sdk.work import Appended
from sync.business.promises import due_on, is_promise, kept, standing
from sync.records import Channel, ContactReport, DailyReport, Order, Outlet

__all__ = ["ContactReportFields", "ContactReports", "DailyDraft", "DailyReports"]


class DailyDraft(msgspec.Struct, frozen=True):
    """A day as the phone has it: outlets that were due when it began (`planned`), those of them that this person
    visited (`done`) and did not (`missed`), visits to others (`extra`), outlets registered, orders in minor units.
    """

    day: str
    planned: tuple[UUID, ...]
    done: tuple[UUID, ...]
    missed: tuple[UUID, ...]
    extra: int
    registered: int
    orders: int


class ContactReportFields(TypedDict, total=False):
    """What may be said of a talk. `promised_by` and `next_on` are days; `keeps` is a report of which what it promised
    has been seen to.
    """

    contacts: Iterable[UUID]
    companions: Iterable[UUID]
    channel: Channel | str
    subject: str
    said: str
    agreed: str
    promised: str
    promised_by: str | None
    next_step: str
    next_on: str | None
    visit: UUID | None
    keeps: UUID | None


class DailyReports(Appended[DailyReport]):
    """`replica.reports`."""

    kind = DailyReport

    def draft(self, day: str | None = None) -> DailyDraft:
        """The day (YYYY-MM-DD, today where left out) as this phone has it, without a network. Raises InvalidInput."""
        device, when = self._desk.device, a_day(day, "day") if day else self._today()
        days, me, on = Days(device.ports.clock.day_of), device.enrolment.staff, date.fromisoformat(when)
        since, until = days.span(on)
        with self._desk.serving() as replica:
            self._desk.look(replica)
            plan, visited = worked(replica, on, days, me)
            new = replica.rows.shown_by_number(replica.index.registered_in(since, until))
        made = [one for one in new if isinstance(one, Outlet) and one.registered_by == me]
        orders = [one for one in _own(self._desk.all(Order), me) if since <= (one.taken_at or 0) < until]
        worth = sum(line.quantity * line.price for one in orders for line in one.lines)
        return DailyDraft(
            when,
            plan,
            tuple(one for one in plan if one in visited),
            tuple(one for one in plan if one not in visited),
            len(visited - set(plan)),
            len(made),
            worth,
        )

    def send(self, draft: DailyDraft, notes: str = "") -> DailyReport:
        """Send a day's report; one that was sent for that day is amended. Raises InvalidInput, StorageFull."""
        fields = {
            "day": draft.day,
            "planned": len(draft.planned),
            "done": len(draft.done),
            "extra": draft.extra,
            "registered": draft.registered,
            "orders": draft.orders,
            "missed": draft.missed[:1000],
            "notes": notes,
        }
        before = self.of(draft.day)
        return self._append(fields) if before is None else self._amend(before.id, fields)

    def of(self, day: str) -> DailyReport | None:
        """The report that stands for a day; None where none was sent."""
        return next((one for one in self.sent() if one.day == day), None)

    def sent(self, page: int = 0, *, size: int | None = None) -> list[DailyReport]:
        """One's own reports as they stand, the newest day first, page by page from 0."""
        found = self._desk.all(DailyReport)
        amended = {one.amends for one in found}
        sent = sorted((one for one in found if one.id not in amended), key=lambda one: one.day, reverse=True)
        return paged(sent, page, size)


def _own(found: list[Order], me: UUID) -> list[Order]:
    """One's own orders, an amended one as its amendment says."""
    amended = {one.amends for one in found}
    return [one for one in found if one.staff == me and one.id not in amended]


class ContactReports(Appended[ContactReport]):
    """`replica.contact_reports`: whoever works at the outlet reads them."""

    kind = ContactReport

    def write(self, outlet: UUID, **fields: Unpack[ContactReportFields]) -> ContactReport:
        """Write up a talk. Raises InvalidInput, NotFound, StorageFull."""
        return self._append({"outlet": outlet, **fields})

    def amend(self, report: UUID, **fields: Unpack[ContactReportFields]) -> ContactReport:
        """Amend one of your own reports. Raises InvalidInput, NotFound."""
        return self._amend(report, fields)

    def keep(self, report: UUID, **fields: Unpack[ContactReportFields]) -> ContactReport:
        """Say that what a report promised, and its next step, has been seen to, whoever wrote it: a report on the same
        outlet. Raises InvalidInput (`bad_value`: nothing is promised in it), NotFound, StorageFull.
        """
        promise = self.get(report)
        if not is_promise(promise):
            raise InvalidInput("bad_value", "keeps", "nothing is promised in that report")
        said: ContactReportFields = {**fields, "keeps": report}
        return self.write(promise.outlet, **said)

    def of(self, outlet: UUID, page: int = 0, *, size: int = 50) -> list[ContactReport]:
        """The reports on an outlet as they stand, newest first, page by page from 0."""
        return paged(standing(self._desk.all(ContactReport, outlet)), page, size)

    def open_promises(self, day: str | None = None, page: int = 0, *, size: int | None = None) -> list[ContactReport]:
        """Reports with a promise or a next step that is due by a day (today where left out) and that nobody has said is
        kept, the first due first, page by page from 0. Raises InvalidInput.
        """
        by = a_day(day, "day") if day else self._today()
        due = [one for one in self._open() if (on := due_on(one)) is not None and on <= by]
        return paged(due, page, size)

    def left_open(self, outlets: Collection[UUID]) -> list[ContactReport]:
        """All that is promised at these outlets and not kept, the first due first, what names no day last."""
        return [one for one in self._open() if one.outlet in outlets]

    def _open(self) -> list[ContactReport]:
        held = self._desk.all(ContactReport)
        done = kept(held)
        found = [one for one in standing(held) if is_promise(one) and one.id not in done]
        return sorted(found, key=lambda one: (due_on(one) or "~", one.id))

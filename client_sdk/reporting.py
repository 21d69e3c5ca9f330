"""What a rep writes up: the daily report (日报), drafted from the day's own work, and reports on talks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, TypeVar, Unpack
from uuid import UUID

import msgspec

from client_sdk.today import planned
from client_sdk.work import Appended
from sync.records import Channel, ContactReport, DailyReport, Order, Outlet, Visit

__all__ = ["ContactReportFields", "ContactReports", "DailyDraft", "DailyReports"]


W = TypeVar("W", Visit, Order)


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
    """What may be said of a talk. `promised_by` and `next_on` are days."""

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


class DailyReports(Appended[DailyReport]):
    """`replica.reports`."""

    kind = DailyReport

    def draft(self, day: str | None = None) -> DailyDraft:
        """The day (YYYY-MM-DD, today where left out) as this phone has it, without a network."""
        desk, when = self._desk, day or self._today()
        plan = planned(desk, when)
        day_of, me = desk.device.ports.clock.day_of, desk.device.enrolment.staff
        visited = {one.outlet for one in _own(desk.all(Visit), me) if one.started_at and day_of(one.started_at) == when}
        orders = [one for one in _own(desk.all(Order), me) if one.taken_at and day_of(one.taken_at) == when]
        made = [one for one in desk.all(Outlet) if one.registered_by == me and day_of(one.registered_at or 0) == when]
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

    def sent(self) -> list[DailyReport]:
        """One's own reports as they stand, the newest day first."""
        found = self._desk.all(DailyReport)
        amended = {one.amends for one in found}
        return sorted((one for one in found if one.id not in amended), key=lambda one: one.day, reverse=True)


def _own(found: list[W], me: UUID) -> list[W]:
    """One's own records, an amended one as its amendment says."""
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

    def of(self, outlet: UUID, limit: int = 50) -> list[ContactReport]:
        """The reports on an outlet as they stand, newest first."""
        found = self._desk.all(ContactReport, outlet)
        amended = {one.amends for one in found}
        return [one for one in found if one.id not in amended][:limit]

    def open_promises(self, day: str | None = None) -> list[ContactReport]:
        """Reports with a promise or a next step that is due by a day (today where left out), the first due first."""
        by = day or self._today()
        found = self._desk.all(ContactReport)
        amended = {one.amends for one in found}
        due = [(min(days), one) for one in found if one.id not in amended and (days := _days(one)) and min(days) <= by]
        return [one for _, one in sorted(due, key=lambda each: (each[0], each[1].id))]


def _days(one: ContactReport) -> list[str]:
    return [day for day in (one.promised_by, one.next_on) if day]

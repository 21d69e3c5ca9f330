"""One's own appraisal (考核) as it grows: a month's lines with their reasons, without a network."""

from __future__ import annotations

from uuid import UUID

import msgspec

from client_sdk.given import a_day
from client_sdk.writing import Desk
from sync.records import Outlet, Score

__all__ = ["Appraisal", "Appraised", "ScoreLine"]


class ScoreLine(msgspec.Struct, frozen=True):
    """One line: why, how much (minor units), about which outlet, and its name where the phone still has it. `detail` is
    in both languages.
    """

    reason: str
    amount: int
    detail: str = ""
    outlet: UUID | None = None
    name: str = ""


class Appraised(msgspec.Struct, frozen=True):
    """A month (`2026-10`) as the phone last heard of it; `total` in minor units."""

    month: str
    lines: tuple[ScoreLine, ...]
    total: int


class Appraisal:
    """`replica.appraisal`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def months(self) -> list[str]:
        """The months of which there are lines, the newest first."""
        return sorted({one.month for one in self._desk.all(Score)}, reverse=True)

    def month(self, month: str) -> Appraised:
        """A month's lines (YYYY-MM), by reason and then by outlet; none where there are none yet. Raises
        InvalidInput.
        """
        a_day(f"{month}-01", "month")
        found = [one for one in self._desk.all(Score) if one.month == month]
        with self._desk.serving() as replica:
            shown: dict[UUID | None, object] = {
                one.about: replica.rows.shown(one.about.bytes) for one in found if one.about is not None
            }
        lines = [ScoreLine(one.reason, one.amount, one.detail, one.about, _name(shown.get(one.about))) for one in found]
        ordered = sorted(lines, key=lambda one: (one.reason, one.name, str(one.outlet or "")))
        return Appraised(month, tuple(ordered), sum(one.amount for one in found))


def _name(record: object) -> str:
    return record.name if isinstance(record, Outlet) else ""

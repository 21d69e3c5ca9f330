"""My score: a month's lines with their reasons."""

from __future__ import annotations

import flet as ft

from client_sdk import Appraised
from client_sdk.sample import look
from client_sdk.sample.screen import Screen

__all__ = ["ScoreScreen"]


class ScoreScreen(Screen):
    """The newest month, and those before it."""

    zh, en = "我的考核", "My score"

    def look(self) -> list[Appraised]:
        """The last three months of which there are lines."""
        return [self.replica.appraisal.month(one) for one in self.replica.appraisal.months()[:3]]

    def draw(self, seen: list[Appraised]) -> list[ft.Control]:
        """Each line says why."""
        if not seen:
            return [look.line(self.t("公司还没有本月的考核", "There is nothing for this month yet"))]
        return [part for month in seen for part in self._month(month)]

    def _month(self, one: Appraised) -> list[ft.Control]:
        lines = [look.note(f"{line.amount / 100:+,.2f}  {line.name} {line.detail}") for line in one.lines]
        return [look.title(f"{one.month}  ¥{one.total / 100:,.2f}"), look.card(*lines)]

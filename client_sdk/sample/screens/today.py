"""Today: visits that are due in walking order, and tasks."""

from __future__ import annotations

import flet as ft

from client_sdk import Progress, Task, Today
from client_sdk.sample import look
from client_sdk.sample.screens.rows import Shown, classes, outlet_row
from client_sdk.sample.screens.tab import Tab
from client_sdk.sample.screens.task import TaskScreen

__all__ = ["DayScreen"]


class DayScreen(Tab):
    """The first screen of the day."""

    zh, en, icon = "今天", "Today", ft.Icons.TODAY

    def look(self) -> tuple[Today, Shown, Progress | None]:
        """The day's work from where the phone is, and how far a first sync has come while it lasts."""
        progress = self.replica.progress()
        filling = None if progress.complete else progress
        return self.replica.today(near=self.app.phone.here), classes(self.replica), filling

    def draw(self, seen: tuple[Today, Shown, Progress | None]) -> list[ft.Control]:
        """Tasks first: they are few, and somebody asked for them."""
        day, known, filling = seen
        if filling is not None:
            share = filling.received / filling.expected if filling.expected else None
            return [look.line(self.t(filling.zh, filling.en)), ft.ProgressBar(value=share, bar_height=8)]
        said = self.t(f"应访 {day.due} 家，今日已访 {day.done} 家", f"{day.due} visits are due, {day.done} done today")
        controls = [look.line(said, strong=True)]
        if day.tasks:
            controls += [look.title(self.t("任务", "Tasks")), *(self._task(one) for one in day.tasks[:10])]
        controls.append(look.title(self.t("应访终端，按路线", "Visits, in walking order")))
        controls += [outlet_row(self, one.outlet, known, self._since(one.overdue)) for one in day.visits[:20]]
        return controls

    def _since(self, overdue: int | None) -> str:
        if overdue is None:
            return self.t("从未拜访", "never visited")
        return self.t(f"超期 {overdue} 天", f"{overdue} d overdue") if overdue else self.t("今日到期", "due today")

    def _task(self, one: Task) -> ft.Control:
        due = self.t(f"{one.due} 到期 ", f"due {one.due} ") if one.due else ""
        return look.row(
            one.title, due + one.notes, lambda: self.app.open(TaskScreen(self.app, one.id)), icon=ft.Icons.TASK_ALT
        )

"""A task: what somebody asked for, where, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import flet as ft

from client_sdk import Task
from client_sdk.sample import look
from client_sdk.sample.fields import Fields
from client_sdk.sample.screen import Screen
from client_sdk.sample.screens.outlet import OutletScreen

if TYPE_CHECKING:
    from client_sdk.sample.app import App

__all__ = ["TaskScreen"]


class TaskScreen(Screen):
    """One task of the rep's."""

    zh, en = "任务", "Task"
    draft = "task"

    def __init__(self, app: App, task: UUID) -> None:
        super().__init__(app)
        self._id = task

    def look(self) -> Task | None:
        """The task, while it is open."""
        return next((one for one in self.replica.tasks.list() if one.id == self._id), None)

    def draw(self, seen: Task | None) -> list[ft.Control]:
        """What to do, the way there, the answer."""
        if seen is None:
            return [look.line(self.t("任务已完成", "This task is done"))]
        form = self.replica.form("task", record=seen)
        self._fields = Fields(self, form, f"{self.draft}/{self._id}", about=self._id, only=("answer",))
        controls = [look.title(seen.title), look.line(seen.notes or seen.due or ""), *self._fields.controls()]
        if seen.outlet is not None:
            outlet = seen.outlet
            go = look.button(
                self.t("打开终端", "Open the outlet"), lambda: self.app.open(OutletScreen(self.app, outlet)), quiet=True
            )
            controls.append(go)
        return [*controls, look.button(self.t("完成", "Done"), self._finish, icon=ft.Icons.CHECK)]

    def _finish(self) -> None:
        if not self._fields.check():
            return
        given = self._fields.form.given(self._fields.values)
        if self.app.do(lambda: self.replica.tasks.finish(self._id, **given), "任务已完成", "The task is done"):
            self._fields.done()
            self.app.back()

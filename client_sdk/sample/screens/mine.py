"""Mine: what was begun, what was sent back, the month's score, how the sync stands."""

from __future__ import annotations

import flet as ft

from client_sdk import Draft, Outlet, Status
from client_sdk.sample import look
from client_sdk.sample.look import Act
from client_sdk.sample.screens.edit import EDITS
from client_sdk.sample.screens.refused import RefusedList
from client_sdk.sample.screens.register import Register
from client_sdk.sample.screens.score import ScoreScreen
from client_sdk.sample.screens.standing import Standing
from client_sdk.sample.screens.tab import Tab
from client_sdk.sample.screens.task import TaskScreen
from client_sdk.sample.screens.visit import VisitScreen

__all__ = ["Mine"]


class Mine(Tab):
    """Everything that is the rep's own."""

    zh, en, icon = "我的", "Mine", ft.Icons.PERSON

    def look(self) -> tuple[list[Draft], Outlet | None, Status]:
        """Forms that were left, where a visit goes on, and how many things were sent back."""
        going = self.replica.visits.going()
        visited = self.replica.outlets.get(going.outlet) if going else None
        return self.replica.drafts.list(), visited, self.replica.status()

    def draw(self, seen: tuple[list[Draft], Outlet | None, Status]) -> list[ft.Control]:
        """What was begun comes first."""
        drafts, visited, status = seen
        refused = self.t(f"{status.refused or 0} 项", f"{status.refused or 0} to see to")
        rows = [row for one in drafts if (row := self._draft(one)) is not None]
        if visited is not None:
            said = self.t(f"拜访 {visited.name}", f"Visit at {visited.name}")
            rows.append(self._begun(said, lambda: self.app.open(VisitScreen(self.app, visited.id))))
        return [
            look.title(self.t("没有做完的", "Begun and not finished")),
            *(rows or [look.note(self.t("没有", "Nothing"))]),
            look.title(self.t("其他", "More")),
            look.row(self.t("被退回的工作", "Work that was sent back"), refused, self._refused),
            look.row(self.t("我的考核", "My score"), "", lambda: self.app.open(ScoreScreen(self.app))),
            look.row(self.t("同步与设置", "Sync and settings"), self.t(status.zh, status.en), self._standing),
        ]

    def _refused(self) -> None:
        self.app.open(RefusedList(self.app))

    def _standing(self) -> None:
        self.app.open(Standing(self.app))

    def _draft(self, one: Draft) -> ft.Control | None:
        """A form that was left; that of a visit goes with the visit, that of refused work with this."""
        about, kind = one.about, one.name.partition("/")[0]
        if kind == Register.draft:
            said = self.t("登记新终端", "Registering an outlet")
            return self._begun(f"{said} {one.values.get('name', '')}", lambda: self.app.open(Register(self.app)))
        if about is not None and kind == TaskScreen.draft:
            return self._begun(self.t(TaskScreen.zh, TaskScreen.en), lambda: self.app.open(TaskScreen(self.app, about)))
        if about is not None and kind in EDITS:
            edit = EDITS[kind]
            return self._begun(self.t(edit.zh, edit.en), lambda: self.app.open(edit(self.app, about)))
        return None

    def _begun(self, what: str, go_on: Act) -> ft.Control:
        return look.row(what, self.t("接着做", "Go on with it"), go_on, icon=ft.Icons.EDIT_NOTE)

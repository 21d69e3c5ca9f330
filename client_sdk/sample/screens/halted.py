"""What is shown in place of everything while the phone answers nothing: not confirmed, a notice, locked, wiped."""

from __future__ import annotations

import flet as ft

from client_sdk import Notice, State, Status
from client_sdk.sample import look
from client_sdk.sample.screen import Screen
from client_sdk.sample.screens.enrol import Enrol

__all__ = ["Halted"]


class Halted(Screen):
    """Drawn from the status alone, whose words the SDK has."""

    def draw(self, status: Status) -> list[ft.Control]:
        """Why, what is safe, what helps and whom to call: all in the status's own words."""
        if status.state is State.OPEN:
            return [part for one in self.replica.notices.list(unread=True) for part in self._notice(one)]
        icon = ft.Icons.PHONELINK_ERASE if status.state is State.WIPED else ft.Icons.LOCK
        said = [
            ft.Icon(icon, size=72, color=look.ALERT),
            look.title(self.t(status.zh, status.en)),
            look.line(self.t(status.todo_zh, status.todo)),
        ]
        if status.state is State.AWAITING:
            said.append(ft.Text(self.replica.confirmation, size=44, weight=ft.FontWeight.BOLD))
        return [*said, self._way_on(status)]

    def _way_on(self, status: Status) -> ft.Control:
        if status.state is State.WIPED:
            return look.button(self.t("用新登记码登记", "Enrol with a new code"), self._enrol)
        return look.button(self.t("立即同步", "Sync now"), self.app.sync, icon=ft.Icons.SYNC)

    def _enrol(self) -> None:
        self.app.phone.close()
        self.app.home(Enrol(self.app))

    def _notice(self, one: Notice) -> list[ft.Control]:
        return [
            look.title(one.title),
            look.line(one.body),
            look.button(self.t("我已阅读", "I have read this"), lambda: self._read(one)),
        ]

    def _read(self, one: Notice) -> None:
        self.app.do(lambda: self.replica.notices.acknowledge(one.id))

"""How the sync stands, in words; what the person may choose; help."""

from __future__ import annotations

import flet as ft

from client_sdk import Preferences, Progress, Status
from client_sdk.sample import look
from client_sdk.sample.screen import Screen

__all__ = ["Standing"]


class Standing(Screen):
    """What is safe where, and never "connected"."""

    zh, en = "同步与设置", "Sync and settings"

    def look(self) -> tuple[Status, Progress, Preferences]:
        """The status, what is on its way, what was chosen."""
        return self.replica.status(), self.replica.progress(), self.replica.settings.chosen()

    def draw(self, seen: tuple[Status, Progress, Preferences]) -> list[ft.Control]:
        """Words first, choices below."""
        status, progress, chosen = seen
        return [
            look.card(
                look.line(self.t(status.zh, status.en), strong=True),
                look.line(self.t(status.todo_zh, status.todo)),
                look.note(self.t(progress.zh, progress.en)),
            ),
            look.button(self.t("立即同步", "Sync now"), lambda: self.app.apart(self.replica.sync), icon=ft.Icons.SYNC),
            look.title(self.t("省流量与省电", "Data and battery")),
            look.switch(self.t("照片只用 Wi-Fi 上传", "Photos over Wi-Fi only"), chosen.photos == "wifi", self._photos),
            look.switch(self.t("省电：同步变少", "Save battery: fewer syncs"), chosen.saver, self._saver),
            look.title(self.t("语言", "Language")),
            look.button("English" if self.app.language == "zh" else "中文", self._turn, quiet=True),
        ]

    def _photos(self, is_on: bool) -> None:
        self.app.do(lambda: self.replica.settings.choose(photos="wifi" if is_on else "any"))

    def _saver(self, is_on: bool) -> None:
        self.app.do(lambda: self.replica.settings.choose(saver=is_on))

    def _turn(self) -> None:
        self.app.language = "en" if self.app.language == "zh" else "zh"
        self.app.start()

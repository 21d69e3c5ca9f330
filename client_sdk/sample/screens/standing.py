"""How the sync stands, in words; what the person may choose; help."""

from __future__ import annotations

import flet as ft

from client_sdk import Handed, Preferences, Progress, Status
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
            look.card(*(look.line(one) for one in self._words(status, progress) if one)),
            look.button(self.t("立即同步", "Sync now"), self.app.sync, icon=ft.Icons.SYNC),
            look.title(self.t("省流量与省电", "Data and battery")),
            look.switch(self.t("照片只用 Wi-Fi 上传", "Photos over Wi-Fi only"), chosen.photos == "wifi", self._photos),
            look.switch(self.t("省电：同步变少", "Save battery: fewer syncs"), chosen.saver, self._saver),
            look.title(self.t("语言与帮助", "Language and help")),
            look.button("English" if self.app.language == "zh" else "中文", self._turn, quiet=True),
            look.button(self.t("把诊断信息交给支持人员", "Hand diagnostics to support"), self._help, quiet=True),
            look.note(self.t("其中没有任何客户资料。", "There is nothing of any customer in them.")),
        ]

    def _words(self, status: Status, progress: Progress) -> tuple[str, ...]:
        return self.t(status.zh, status.en), self.t(status.todo_zh, status.todo), self.t(progress.zh, progress.en)

    def _help(self) -> None:
        self.app.apart(self._hand_in, self._handed_in)

    def _hand_in(self) -> Handed:
        return self.replica.diagnostics.hand_in()

    def _handed_in(self, handed: Handed | None) -> None:
        """Where there is no network, the text goes another way."""
        if handed is None:
            return
        said = self.t(handed.zh, handed.en)
        if not handed.is_there:
            self.app.copy(handed.text)
            said += self.t("诊断信息已复制，可以粘贴发送。", " The diagnostics are copied: paste them to send them.")
        self.app.say(said, alert=not handed.is_there)

    def _photos(self, is_on: bool) -> None:
        self.app.do(lambda: self.replica.settings.choose(photos="wifi" if is_on else "any"))

    def _saver(self, is_on: bool) -> None:
        self.app.do(lambda: self.replica.settings.choose(saver=is_on))

    def _turn(self) -> None:
        self.app.language = "en" if self.app.language == "zh" else "zh"
        self.app.start()

"""Enrolling: the code from the manager, typed or scanned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flet as ft

from client_sdk.sample import look
from client_sdk.sample.screen import Screen

if TYPE_CHECKING:
    from client_sdk.sample.app import App

__all__ = ["Enrol"]


class Enrol(Screen):
    """Shown while no replica is on this phone, and after a wipe."""

    zh, en = "登记本机", "Enrol this phone"

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._code, self._url, self._is_busy = app.code, "", False

    def draw(self, seen: Any) -> list[ft.Control]:
        """Two fields and a button; a QR code needs no address."""
        del seen
        code = ft.TextField(label=self.t("登记码", "Code"), value=self._code, text_size=look.SIZE)
        asked = self.t("服务器地址（扫码不需要）", "Server's address (not with a QR code)")
        url = ft.TextField(label=asked, value=self._url, text_size=look.SIZE)
        if self._is_busy:
            return [look.line(self.t("正在登记……", "Enrolling…")), ft.ProgressBar(bar_height=8)]
        return [
            look.line(
                self.t(
                    "请向经理索取登记码。此后无网络也能工作。",
                    "Ask your manager for a code. After that no network is needed.",
                )
            ),
            code,
            url,
            look.button(
                self.t("登记", "Enrol"),
                lambda: self._enrol(code.value, url.value),
                icon=ft.Icons.PHONELINK_SETUP,
            ),
        ]

    def _enrol(self, code: str, url: str) -> None:
        """Once: whoever taps again sees that it goes on, and what was typed is there again where it was refused."""
        self._code, self._url, self._is_busy, self.app.code = code, url, True, ""
        self.app.home(self)
        self.app.apart(lambda: self.app.phone.enrol(code, url), self._ended)

    def _ended(self, _: None) -> None:
        self._is_busy = False
        self.app.home(self)

"""Enrolling: the code from the manager, typed or scanned."""

from __future__ import annotations

from typing import Any

import flet as ft

from client_sdk.sample import look
from client_sdk.sample.screen import Screen

__all__ = ["Enrol"]


class Enrol(Screen):
    """Shown while no replica is on this phone, and after a wipe."""

    zh, en = "登记本机", "Enrol this phone"

    def draw(self, seen: Any) -> list[ft.Control]:
        """Two fields and a button; a QR code needs no address."""
        del seen
        code = ft.TextField(label=self.t("登记码", "Code"), value=self.app.code, text_size=18)
        url = ft.TextField(
            label=self.t("服务器地址（扫码不需要）", "Server's address (not with a QR code)"), text_size=18
        )
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
                lambda: self.app.apart(lambda: self._enrol(code.value, url.value)),
                icon=ft.Icons.PHONELINK_SETUP,
            ),
        ]

    def _enrol(self, code: str, url: str) -> None:
        self.app.phone.enrol(code, url)
        self.app.later(self.app.start)

"""What a screen is: what it reads of the replica, and how that is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import flet as ft

from client_sdk import Replica

if TYPE_CHECKING:
    from client_sdk.sample.app import App

__all__ = ["Screen"]


class Screen:
    """`look` reads and `draw` draws what was read; both again after each commit that changed it."""

    zh = en = ""

    def __init__(self, app: App) -> None:
        self.app = app

    @property
    def replica(self) -> Replica:
        """The phone's replica."""
        return self.app.replica

    def t(self, zh: str, en: str) -> str:
        """One of both, in the person's language."""
        return self.app.t(zh, en)

    def look(self) -> Any:
        """What the screen shows, read from the replica. Raises what the SDK raises."""
        return None

    def draw(self, seen: Any) -> list[ft.Control]:
        """The controls, from top to bottom."""
        raise NotImplementedError

"""Search: a name, an address, a telephone number, a person, in Chinese or pinyin."""

from __future__ import annotations

import flet as ft

from client_sdk import Outlet
from client_sdk.sample import look
from client_sdk.sample.screens.rows import Shown, classes, outlet_row
from client_sdk.sample.screens.tab import Tab

__all__ = ["Search"]

_PAGE = 30


class Search(Tab):
    """What is found changes with each letter; with nothing typed it is all outlets."""

    zh, en, icon = "查找", "Search", ft.Icons.SEARCH
    text = ""
    pages = 1

    def look(self) -> tuple[list[Outlet], Shown]:
        """The first pages of what matches."""
        outlets, size = self.replica.outlets, self.pages * _PAGE
        found = outlets.search(self.text, size=size) if self.text else outlets.list(size=size)
        return found, classes(self.replica)

    def draw(self, seen: tuple[list[Outlet], Shown]) -> list[ft.Control]:
        """A field with the list below it."""
        label = self.t("店名、拼音、地址、电话、人名", "Name, pinyin, address, phone, person")
        typed = ft.TextField(label=label, value=self.text, text_size=look.SIZE)
        typed.on_change = lambda _: self._type(typed.value)
        self._rows = ft.Column(self._found(seen), spacing=4)
        return [typed, self._rows]

    def _type(self, text: str) -> None:
        self.text, self.pages = text.strip(), 1
        self._draw_again()

    def _more(self) -> None:
        self.pages += 1
        self._draw_again()

    def _draw_again(self) -> None:
        if (seen := self.app.do(self.look)) is not None:
            self._rows.controls = self._found(seen)
            self._rows.update()

    def _found(self, seen: tuple[list[Outlet], Shown]) -> list[ft.Control]:
        found, known = seen
        rows = [outlet_row(self, one, known, one.address) for one in found]
        if len(found) == self.pages * _PAGE:
            return [*rows, look.button(self.t("更多", "More"), self._more, quiet=True)]
        return [look.note(self.t(f"共 {len(found)} 家", f"{len(found)} in all")), *rows]

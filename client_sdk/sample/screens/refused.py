"""Refused work: why, what was entered; mend it and send it again, or leave it be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import flet as ft

from client_sdk import Nearby, Record, RefusedWork
from client_sdk.sample import look
from client_sdk.sample.fields import Fields
from client_sdk.sample.screen import Screen
from client_sdk.sample.screens.edit import SAFE

if TYPE_CHECKING:
    from client_sdk.sample.app import App

__all__ = ["RefusedList"]


class RefusedList(Screen):
    """What the company sent back and nobody has settled."""

    zh, en = "被退回的工作", "Work that was sent back"

    def look(self) -> list[RefusedWork]:
        """Newest first."""
        return self.replica.refusals.list()

    def draw(self, seen: list[RefusedWork]) -> list[ft.Control]:
        """The reason and what to do, in the SDK's words."""
        if not seen:
            return [look.line(self.t("没有被退回的工作", "Nothing was sent back"))]
        return [self._row(one) for one in seen]

    def _row(self, one: RefusedWork) -> ft.Control:
        said = self.t(one.todo_zh, one.todo)
        return look.row(self.t(one.zh, one.en), said, lambda: self.app.open(_Mend(self.app, one)))


class _Mend(Screen):
    """One of them, as it was entered."""

    zh, en = "修改后重发", "Mend and send again"

    def __init__(self, app: App, refused: RefusedWork) -> None:
        super().__init__(app)
        self._refused = refused

    def draw(self, seen: Any) -> list[ft.Control]:
        """The fields that were entered, with the form's labels; work at an outlet that went may be another's."""
        del seen
        one = self._refused
        self._fields = Fields(self, self.replica.refusals.form(one.id), f"mend/{one.id}")
        return [
            look.line(self.t(one.zh, one.en), strong=True),
            look.line(self.t(one.todo_zh, one.todo)),
            *self._fields.controls(),
            look.button(self.t("重新发送", "Send again"), self._mend, icon=ft.Icons.SEND),
            *(self._elsewhere() if "outlet" in (one.entered or {}) else []),
            look.button(self.t("放弃这项", "Leave it be"), self._drop, quiet=True),
        ]

    def _elsewhere(self) -> list[ft.Control]:
        here = self.app.phone.here
        near = self.replica.outlets.near(here, size=5) if here is not None else []
        head = look.note(self.t("或者，它属于另一家：", "Or it belongs to another outlet:"))
        return [head, *(look.row(one.outlet.name, f"{one.metres:.0f} m", self._mended_at(one)) for one in near)]

    def _mended_at(self, one: Nearby) -> look.Act:
        return lambda: self._mend(outlet=one.outlet.id)

    def _mend(self, **other: UUID) -> None:
        fields = self._fields
        if self.app.do(lambda: self._again(other), *SAFE):
            fields.done()
            self.app.back()

    def _again(self, other: dict[str, UUID]) -> Record:
        given = self._fields.form.given(self._fields.values)
        return self.replica.refusals.mend(self._refused.id, **given | other)

    def _drop(self) -> None:
        self.app.do(lambda: self.replica.refusals.drop(self._refused.id), "已放弃", "Left as it is")
        self._fields.done()
        self.app.back()

"""Registering an outlet: what is known near by is shown while one types, so that nobody registers it twice."""

from __future__ import annotations

from typing import Any

import flet as ft

from client_sdk import AlikeOutlets, Lookalike, Outlet, Teaser
from client_sdk.sample import look
from client_sdk.sample.fields import Fields
from client_sdk.sample.screen import Screen
from client_sdk.sample.screens.outlet import OutletScreen

__all__ = ["Register"]

_ASKED = ("name", "outlet_class", "phone", "address", "notes")


class Register(Screen):
    """A kill loses nothing of the form."""

    zh, en = "登记新终端", "Register an outlet"
    draft = "register"

    def draw(self, seen: Any) -> list[ft.Control]:
        """The fields, what looks alike, the button."""
        del seen
        form = self.replica.form("outlet")
        self._alike = ft.Column(spacing=4)
        self._fields = Fields(self, form, self.draft, only=_ASKED, changed=self._look_alike)
        self._look_alike()
        where = self.t("位置取自手机", "The position is the phone's")
        return [
            *self._fields.controls(),
            look.note(where),
            self._alike,
            look.button(self.t("保存登记", "Save"), self._save, icon=ft.Icons.CHECK),
        ]

    def _look_alike(self) -> None:
        """Known outlets with such a name or telephone number, or at this place."""
        values = self._fields.values
        name, phone = str(values.get("name", "")), str(values.get("phone", ""))

        def alike() -> list[Lookalike]:
            return self.replica.outlets.alike(name, position=self.app.phone.here, phone=phone) if name else []

        self._show_alike(self.app.do(alike) or [])

    def _show_alike(self, found: list[Lookalike]) -> None:
        head = [look.title(self.t("附近已有，是同一家吗？", "Known already: is it one of these?"))] if found else []
        self._alike.controls = [*head, *(self._known(one) for one in found[:5])]
        self.app.page.update()

    def _known(self, one: Lookalike) -> ft.Control:
        far = "" if one.metres is None else f"{one.metres:.0f} m"
        if isinstance(one.record, Teaser):
            return look.note(self.t(f"公海终端 {far}", f"An outlet of the pool {far}"))
        known = one.record.id
        beside = f"{one.record.address} {far}"
        return look.row(one.record.name, beside, lambda: self.app.open(OutletScreen(self.app, known)))

    # ---- the end --------------------------------------------------------

    def _save(self, *, confirmed: bool = False) -> None:
        if not self._fields.check():
            return
        made = self.app.do(lambda: self._register(confirmed=confirmed))
        if made is None:
            return
        self._fields.done()
        self.app.say(self.t("已登记，存在本机", "Registered, safe on this phone"))
        self.app.back()
        self.app.open(OutletScreen(self.app, made.id))

    def _register(self, *, confirmed: bool) -> Outlet | None:
        """In a sweep it counts as found there."""
        given = self._fields.form.given(self._fields.values)
        register = (self.replica.sweeps.current() or self.replica.outlets).register
        try:
            return register(confirmed=confirmed, position=self.app.phone.here, **given)
        except AlikeOutlets as error:
            self._ask(list(error.found))
            return None

    def _ask(self, found: list[Lookalike]) -> None:
        """Somebody has to look before there are two."""
        self._show_alike(found)
        text = self.t("都不是，登记新终端", "None of these: register it")
        self._alike.controls.append(look.button(text, lambda: self._save(confirmed=True), quiet=True))
        self.app.page.update()

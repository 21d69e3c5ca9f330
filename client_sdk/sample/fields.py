"""The fields of one of the SDK's forms as controls. What is typed is kept as a draft with each letter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import flet as ft

from client_sdk import Form, FormField, Input, NotFound
from client_sdk.sample import look
from client_sdk.sample.screen import Screen

__all__ = ["Fields"]

_KEYBOARDS = {
    Input.TEXT: ft.KeyboardType.TEXT,
    Input.LONG_TEXT: ft.KeyboardType.MULTILINE,
    Input.PHONE: ft.KeyboardType.PHONE,
    Input.NUMBER: ft.KeyboardType.NUMBER,
    Input.MONEY: ft.KeyboardType.NUMBER,
    Input.DAY: ft.KeyboardType.DATETIME,
}


class _Drawn(NamedTuple):
    """A field on the screen, and how it is told what is wrong with it (None: nothing)."""

    control: ft.Control
    complain: Callable[[str | None], object]


class Fields:
    """`values` are those that were entered, by name; `changed` hears of each change. `only` are the fields to draw, in
    their order: a phone's screen is small.
    """

    def __init__(
        self,
        screen: Screen,
        form: Form,
        draft: str,
        *,
        about: UUID | None = None,
        only: tuple[str, ...] = (),
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        self.form = form
        self._screen, self._draft, self._about, self._changed = screen, draft, about, changed
        try:
            self.values: dict[str, Any] = screen.replica.drafts.load(draft).values
        except NotFound:
            self.values = {}
        shown = [one for one in form.fields if not only or one.name in only]
        self._drawn = {one.name: drawn for one in shown if (drawn := self._control(one)) is not None}

    def controls(self) -> list[ft.Control]:
        """One below the other."""
        return [one.control for one in self._drawn.values()]

    def enter(self, name: str, value: Any) -> None:
        """Keep what was entered: the draft is on the storage when this returns."""
        self.values[name] = value
        self._screen.app.do(lambda: self._screen.replica.drafts.save(self._draft, self.values, self._about))
        self._changed()

    def check(self) -> bool:
        """Whether it may be stored; what hinders that is said beside its field, or below where that is not drawn."""
        troubles = {name: one for name, one in self.form.check(self.values).items() if one.stops}
        for name, drawn in self._drawn.items():
            drawn.complain(self._screen.t(troubles[name].zh, troubles[name].en) if name in troubles else None)
        for name in troubles.keys() - self._drawn.keys():
            self._screen.app.say(self._screen.t(troubles[name].zh, troubles[name].en), alert=True)
        self._screen.app.page.update()
        return not troubles

    def done(self) -> None:
        """It was stored: nothing is left to go on with."""
        self._screen.app.do(lambda: self._screen.replica.drafts.discard(self._draft))

    # ---- drawing --------------------------------------------------------

    def _control(self, one: FormField) -> _Drawn | None:
        label = self._screen.t(one.zh, one.en) + (" *" if one.required else "")
        value = self.values.get(one.name, one.value)
        if one.input is Input.CHOICE:
            return self._choice(one, label, value)
        if one.input is Input.YES_NO:
            drawn = look.switch(label, bool(value), lambda is_on: self.enter(one.name, is_on))
            return _Drawn(drawn, lambda _: None)
        return self._text(one, label, value) if one.input in _KEYBOARDS else None

    def _text(self, one: FormField, label: str, value: object) -> _Drawn:
        drawn = ft.TextField(
            label=label,
            value=one.text(value),
            helper=self._screen.t(one.hint_zh, one.hint_en) or None,
            keyboard_type=_KEYBOARDS[one.input],
            multiline=one.input is Input.LONG_TEXT,
            text_size=look.SIZE,
        )
        drawn.on_change = lambda _: self.enter(one.name, drawn.value)
        return _Drawn(drawn, lambda said: setattr(drawn, "error", said))

    def _choice(self, one: FormField, label: str, value: object) -> _Drawn:
        """All there is to choose lies open: one tap, and nothing to scroll in a list of its own."""
        keys = ft.Row(wrap=True, spacing=8, run_spacing=4)
        wrong = look.note("", alert=True)
        wrong.visible = False

        def show(chosen: str | None) -> None:
            keys.controls = [
                look.choice(self._screen.t(each.zh, each.en), each.value == chosen, partial(pick, each.value))
                for each in one.choices
            ]

        def pick(chosen: str) -> None:
            show(chosen)
            self.enter(one.name, chosen)
            keys.update()

        def complain(said: str | None) -> None:
            wrong.value, wrong.visible = said or "", said is not None

        show(None if value is None else str(value))
        return _Drawn(ft.Column([look.note(label), keys, wrong], spacing=4), complain)

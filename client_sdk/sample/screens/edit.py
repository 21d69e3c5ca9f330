"""Mending what stands in the archive: an outlet, a person at one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import flet as ft

from client_sdk import Form, Record
from client_sdk.sample import look
from client_sdk.sample.fields import Fields
from client_sdk.sample.screen import Screen

if TYPE_CHECKING:
    from client_sdk.sample.app import App

__all__ = ["EDITS", "SAFE", "EditContact", "EditOutlet", "NewContact"]


SAFE = "已存在本机，会自动同步", "Safe on this phone; it syncs by itself"


class _Edit(Screen):
    """One form with a button, about one record."""

    def __init__(self, app: App, record: UUID) -> None:
        super().__init__(app)
        self._id = record

    def form(self) -> Form:
        """What is asked for."""
        raise NotImplementedError

    def save(self, values: dict[str, Any]) -> Record:
        """Store it. Raises what the SDK raises."""
        raise NotImplementedError

    def draw(self, seen: Any) -> list[ft.Control]:
        """The fields with what stands there now."""
        del seen
        self._fields = Fields(self, self.form(), f"{type(self).__name__}/{self._id}", about=self._id)
        return [*self._fields.controls(), look.button(self.t("保存", "Save"), self._save, icon=ft.Icons.CHECK)]

    def _save(self) -> None:
        fields = self._fields
        if not fields.check():
            return
        made = self.app.do(lambda: self.save(fields.form.given(fields.values)), *SAFE)
        if made is not None:
            fields.done()
            self.app.back()


class EditOutlet(_Edit):
    """An outlet of this phone."""

    zh, en = "修改终端", "Edit the outlet"

    def form(self) -> Form:
        """The outlet as it stands."""
        return self.replica.form("outlet", record=self.replica.outlets.get(self._id))

    def save(self, values: dict[str, Any]) -> Record:
        """What was changed."""
        return self.replica.outlets.update(self._id, **values)


class EditContact(_Edit):
    """A person. Their number is shown here, and the company hears that it was opened (docs/sdk.md)."""

    zh, en = "联系人", "Person"

    def form(self) -> Form:
        """The person as they stand."""
        return self.replica.form("contact", record=self.replica.contacts.get(self._id))

    def save(self, values: dict[str, Any]) -> Record:
        """What was changed."""
        return self.replica.contacts.update(self._id, **values)


class NewContact(_Edit):
    """A person at an outlet who is not in the archive yet."""

    zh, en = "添加联系人", "Add a person"

    def form(self) -> Form:
        """An empty form."""
        return self.replica.form("contact")

    def save(self, values: dict[str, Any]) -> Record:
        """A new person."""
        return self.replica.contacts.add(self._id, **values)


EDITS: dict[str, type[_Edit]] = {kind.__name__: kind for kind in (EditOutlet, EditContact, NewContact)}
"""By what their drafts are named after."""

"""A visit: it begins and ends on the spot, with what was counted, a picture of the shelf, and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import flet as ft

from client_sdk import Going, Product, Seen, Stock, Visit
from client_sdk.sample import look
from client_sdk.sample.camera import take_picture
from client_sdk.sample.fields import Fields
from client_sdk.sample.screen import Screen

if TYPE_CHECKING:
    from client_sdk.sample.app import App

__all__ = ["VisitScreen"]

Goods = tuple[str, list[Product]]


class VisitScreen(Screen):
    """Opened again after a kill, it goes on with what was entered."""

    zh, en = "拜访", "Visit"

    def __init__(self, app: App, outlet: UUID) -> None:
        super().__init__(app)
        self._outlet = outlet

    def look(self) -> Goods:
        """The outlet's name, and what there is to count: little that changes while somebody types."""
        return self.replica.outlets.get(self._outlet).name, self.replica.company.products()

    def draw(self, seen: Goods) -> list[ft.Control]:
        """One visit goes on at a time; another window may have ended this one."""
        name, products = seen
        going = self.replica.visits.going()
        if going is None:
            return [look.line(self.t("拜访已经结束。", "This visit is over."))]
        if going.outlet != self._outlet:
            return self._elsewhere(going)
        draft = _draft_of(self._outlet)
        self._fields = Fields(self, self.replica.form("visit"), draft, about=self._outlet, only=("purpose", "notes"))
        taken = look.note(self.t("已拍照", "A picture was taken") if "photo" in self._fields.values else "")
        self._taken = taken
        return [
            look.title(name),
            look.button(
                self.t("拍货架", "Take a picture of the shelf"), self._picture, quiet=True, icon=ft.Icons.CAMERA_ALT
            ),
            taken,
            look.title(self.t("盘点", "Count the stock")),
            *(self._counter(one) for one in products),
            *self._fields.controls(),
            look.button(self.t("结束拜访", "Finish the visit"), self._finish, icon=ft.Icons.CHECK),
        ]

    def _elsewhere(self, going: Going) -> list[ft.Control]:
        def go_on() -> None:
            self.app.back()
            self.app.open(VisitScreen(self.app, going.outlet))

        return [
            look.line(self.t("另一家的拜访还没有结束。", "A visit at another outlet is not finished.")),
            look.button(self.t("继续那次拜访", "Go on with that one"), go_on),
            look.button(self.t("放弃那次拜访", "Give that one up"), lambda: self._give_up(going.outlet), quiet=True),
        ]

    def _give_up(self, outlet: UUID) -> None:
        """Nothing that was entered is left for the next visit there."""
        self.app.do(lambda: self._forget(outlet))
        self.app.back()

    def _forget(self, outlet: UUID) -> None:
        self.replica.visits.give_up()
        self.replica.drafts.discard(_draft_of(outlet))

    # ---- what is entered --------------------------------------------------------

    def _counter(self, one: Product) -> ft.Control:
        """Two large keys for a thumb: what is not touched was not counted."""
        counts: dict[str, int] = self._fields.values.get("counts", {})
        shown = ft.Text(str(counts.get(one.code, "–")), size=20, width=48, text_align=ft.TextAlign.CENTER)

        def by(step: int) -> None:
            count = max(0, counts.get(one.code, 0) + step)
            counts[one.code] = count
            self._fields.enter("counts", counts)
            shown.value = str(count)
            shown.update()

        name = ft.Text(one.name, size=16, expand=True)
        return ft.Row(
            [
                name,
                look.key("－", self.t(f"{one.name} 减一", f"{one.name}, one fewer"), lambda: by(-1)),
                shown,
                look.key("＋", self.t(f"{one.name} 加一", f"{one.name}, one more"), lambda: by(1)),
            ]
        )

    def _picture(self) -> None:
        take_picture(self.app.page, self._keep_picture)

    def _keep_picture(self, picture: bytes) -> None:
        """Small at once: it lies in the draft, which is written with each letter."""
        small = self.app.do(lambda: self.replica.photos.prepare(picture))
        if small is None:
            return
        self._fields.enter("photo", small)
        self._taken.value = self.t("已拍照", "A picture was taken")
        self.app.page.update()

    # ---- the end --------------------------------------------------------

    def _finish(self) -> None:
        """A picture that could not be kept is said; the visit is over all the same."""
        picture = self._fields.values.get("photo")
        made = self.app.do(
            self._log, "拜访已存在本机，会自动同步", "The visit is safe on this phone; it syncs by itself"
        )
        if made is None:
            return
        if picture is not None:
            self.app.do(lambda: self.replica.photos.attach(made.id, picture, kind="shelf"))
        self._fields.done()
        self.app.back()

    def _log(self) -> Visit:
        values = dict(self._fields.values)
        counts, _ = values.pop("counts", {}), values.pop("photo", None)
        stock = [Stock(code, on_hand=count) for code, count in counts.items()]
        made = self.replica.visits.finish(**self._fields.form.given(values | {"stock": stock}))
        if walk := self.replica.sweeps.current():
            walk.saw(made.outlet, Seen.VISITED)
        return made


def _draft_of(outlet: UUID) -> str:
    """What is entered at an outlet until its visit ends."""
    return f"visit/{outlet}"

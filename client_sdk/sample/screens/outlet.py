"""One outlet: people, stock, what was done there, what it owes; from here a visit begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import flet as ft

from client_sdk import About, Brief, ContactCard, Form, Going, OutcomeCode, Outlet, Review
from client_sdk.sample import look
from client_sdk.sample.camera import take_picture
from client_sdk.sample.screen import Screen
from client_sdk.sample.screens.edit import EditContact, EditOutlet, NewContact
from client_sdk.sample.screens.visit import VisitScreen

if TYPE_CHECKING:
    from client_sdk.sample.app import App

__all__ = ["OutletScreen"]

ASKED = frozenset({Review.PENDING, Review.QUESTIONED})
"""While a registration is looked at, what it lacks is asked for."""


class Seen(NamedTuple):
    """What the phone has of an outlet."""

    brief: Brief
    about: About
    missing: tuple[str, ...]
    form: Form
    goods: dict[str, str]


class OutletScreen(Screen):
    """The file on one outlet."""

    zh, en = "终端", "Outlet"

    def __init__(self, app: App, outlet: UUID) -> None:
        super().__init__(app)
        self._id = outlet

    def look(self) -> Seen:
        """All of it from the phone. Raises NotFound once it is another's."""
        replica = self.replica
        brief = replica.brief(self._id)
        goods = {one.code: one.name for one in replica.company.products()}
        missing, form = replica.outlets.missing(self._id), replica.form("outlet", record=brief.outlet)
        return Seen(brief, replica.about(brief.outlet.id), missing, form, goods)

    def draw(self, seen: Seen) -> list[ft.Control]:
        """From what is needed at the door to what is read in the car."""
        one = seen.brief.outlet
        return [
            self._head(one, seen),
            look.button(self.t("开始拜访", "Begin a visit"), self._visit, icon=ft.Icons.STOREFRONT),
            look.button(self.t("修改档案", "Edit"), self._edit, quiet=True, icon=ft.Icons.EDIT),
            *self._front(seen),
            look.title(self.t("联系人", "People")),
            *(self._person(card) for card in seen.brief.contacts if card.active),
            look.button(self.t("添加联系人", "Add a person"), self._add_person, quiet=True),
            look.title(self.t("进销存", "Stock")),
            *self._stock(one, seen.goods),
            look.title(self.t("最近拜访", "Last visits")),
            *self._visits(seen.brief),
        ]

    def _head(self, one: Outlet, seen: Seen) -> ft.Control:
        lines = [look.title(one.name), look.line(one.address or self.t("地址未填", "no address yet"))]
        if seen.about.pending:
            lines.append(look.note(self.t("改动已存在本机，待同步", "Changes are safe on this phone, not synced yet")))
        elif seen.about.outcome is not None and seen.about.outcome.code is OutcomeCode.PROPOSED:
            lines.append(look.note(self.t("等级、账期等改动待经理批准", "A change waits for a manager's word")))
        if seen.missing and one.review in ASKED:
            lines.append(look.note(self.t("登记还缺：", "Still missing: ") + self._named(seen), alert=True))
        if seen.brief.money.balance:
            lines.append(look.note(self.t("欠款 ", "Owes ") + f"¥{seen.brief.money.balance / 100:,.2f}"))
        return look.card(*lines)

    def _front(self, seen: Seen) -> list[ft.Control]:
        """The review asks for a picture of the front."""
        if "photo" not in seen.missing or seen.brief.outlet.review not in ASKED:
            return []
        words = self.t("拍门头照片", "Take a picture of the front")
        return [look.button(words, self._take, quiet=True, icon=ft.Icons.CAMERA_ALT)]

    def _take(self) -> None:
        take_picture(self.app.page, self._keep)

    def _keep(self, picture: bytes) -> None:
        words = "照片已存在本机", "The picture is safe on this phone"
        self.app.do(lambda: self.replica.photos.attach(self._id, picture, kind="front"), *words)

    def _named(self, seen: Seen) -> str:
        labels = {one.name: self.t(one.zh, one.en) for one in seen.form.fields}
        return self.t("、", ", ").join(labels[name] for name in seen.missing)

    def _person(self, one: ContactCard) -> ft.Control:
        return look.row(one.name, one.role, lambda: self.app.open(EditContact(self.app, one.id)))

    def _stock(self, one: Outlet, goods: dict[str, str]) -> list[ft.Control]:
        said: list[ft.Control] = []
        for code, held in sorted(one.stock.items()):
            count = self.t("未盘点", "not counted") if held.on_hand is None else str(held.on_hand)
            said.append(
                look.note(f"{goods.get(code, code)}：{count}" + self.t(f"（已售 {held.sold}）", f" ({held.sold} sold)"))
            )
        return said or [look.note(self.t("还没有盘点", "Nothing counted yet"))]

    def _visits(self, brief: Brief) -> list[ft.Control]:
        none = look.note(self.t("还没有拜访", "No visit yet"))
        said = [look.note(one.notes or self.t("（无备注）", "(no notes)")) for one in brief.visits]
        return [*said] or [none]

    def _visit(self) -> None:
        """Begin one, unless one goes on: the screen says where."""
        if self.app.do(self._begin):
            self.app.open(VisitScreen(self.app, self._id))

    def _begin(self) -> Going:
        return self.replica.visits.going() or self.replica.visits.start(self._id, self.app.phone.here)

    def _edit(self) -> None:
        self.app.open(EditOutlet(self.app, self._id))

    def _add_person(self) -> None:
        self.app.open(NewContact(self.app, self._id))

"""The form for an archive and for its contacts: what it shows, and what of that somebody changed.

A form carries what it showed. Only what was changed in it is sent, with the revision that it showed, so that two who
mend one archive never write over each other without having seen it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.console.outlets.archive import family_of
from server.console.outlets.listing import Choices, choices
from server.console.outlets.telling import Book, book_of
from server.console.viewer import Viewer
from server.field.ground import Ground
from server.field.intake.places import read_pair
from server.field.intake.values import read_day
from server.master.store import Tx
from server.master.typed import TYPED
from server.master.working import load
from server.values import Unfit
from sync.business.today import WEEKDAYS
from sync.changes import SetChange
from sync.errors import Refusal
from sync.ids import parse_id
from sync.policies.archive import REQUIRED
from sync.positions import Position
from sync.records import Contact, Cooperation, Outlet

__all__ = ["DATUMS", "Editing", "Overtaken", "Typed", "changes_in", "contact_form", "new_contact", "outlet_form"]

DATUMS = {"wgs84": "WGS-84 (GPS)", "gcj02": "GCJ-02 (高德 Amap, 腾讯 Tencent)", "bd09": "BD-09 (百度 Baidu)"}
_LENGTHS = {"name": 120, "address": 200, "phone": 200, "opening_hours": 200, "code": 60, "notes": 4000, "role": 60,
            "terms": 4000}  # fmt: skip
_OUTLET = ("name", "outlet_class", "grade", "status", "address", "phone", "opening_hours", "code", "notes")
_COOPERATION = ("since", "level", "terms")
_CONTACT = ("name", "role", "phone", "channel", "notes")
_MOST_LEVEL = 9


class Typed(Protocol):
    """What was typed in a form."""

    def text(self, name: str) -> str:
        """What was typed in a field; empty where nothing was."""

    def many(self, name: str) -> list[str]:
        """All values of a field that may be chosen several times."""


class Overtaken(msgspec.Struct, frozen=True):
    """A field that somebody else changed meanwhile: what stands there now, and what was typed."""

    label: str
    theirs: str
    mine: str


class Editing(msgspec.Struct, frozen=True):
    """A form as it is shown: the record (None for one to be made) at its revision, the outlet that it belongs to with
    its name, the texts of its fields and what they were when it was shown. `required` are what the class requires.
    """

    outlet: UUID
    name: str
    record: UUID | None
    revision: int
    values: dict[str, str]
    was: dict[str, str]
    days: tuple[str, ...] = ()
    was_days: tuple[str, ...] = ()
    contacts: tuple[tuple[str, str], ...] = ()
    known: Choices | None = None
    required: tuple[str, ...] = ()
    overtaken: tuple[Overtaken, ...] = ()


async def outlet_form(
    tx: Tx,
    outlet: UUID,
    ground: Ground,
    viewer: Viewer,
    typed: Typed | None = None,
    told: Mapping[str, Any] | None = None,
) -> Editing:
    """The form of an outlet's archive; after `typed` with what was changed in it, and what others had `told` instead.
    Raises Refusal.
    """
    family = await family_of(tx, outlet)
    held = (await load(tx, [family[0].bytes], (), {})).held[family[0].bytes]
    if not isinstance(held.record, Outlet):
        raise Refusal("not_found", f"there is no outlet {outlet}")
    now = _texts(held.record)
    contacts = TYPED["contact"]
    is_offered = contacts.c.active | (contacts.c.id == held.record.main_contact)
    there = select(contacts.c.id, contacts.c.name).where(contacts.c.outlet.in_(family), is_offered)
    named = tuple((str(row.id), row.name) for row in await tx.execute(there.order_by(contacts.c.name)))
    book = await book_of(tx, viewer, family)
    days = tuple(one for one in WEEKDAYS if one in held.record.visit_days)
    return Editing(
        family[0],
        held.record.name,
        family[0],
        held.revision,
        _kept(now, typed),
        now,
        tuple(typed.many("visit_days")) if typed is not None else days,
        days,
        named,
        await choices(tx),
        ground.policies.of(REQUIRED, held.record.outlet_class),
        _overtaken(book, "outlet", told or {}, typed),
    )


async def contact_form(
    tx: Tx,
    outlet: UUID,
    contact: UUID,
    viewer: Viewer,
    typed: Typed | None = None,
    told: Mapping[str, Any] | None = None,
) -> Editing:
    """The form of a contact of an outlet. Raises Refusal where there is no such contact."""
    family = await family_of(tx, outlet)
    held = (await load(tx, [family[0].bytes, contact.bytes], (), {})).held
    shop, here = held[family[0].bytes].content, held.get(contact.bytes)
    if here is None or not isinstance(here.record, Contact) or here.record.outlet not in family:
        raise Refusal("not_found", f"there is no contact {contact} at this outlet")
    now = {name: _text(getattr(here.record, name)) for name in _CONTACT}
    now["active"] = "yes" if here.record.active else ""
    book = await book_of(tx, viewer, family)
    told_of = _overtaken(book, "contact", told or {}, typed)
    name = str(getattr(shop, "name", ""))
    return Editing(family[0], name, contact, here.revision, _kept(now, typed), now, overtaken=told_of)


async def new_contact(tx: Tx, outlet: UUID, typed: Typed | None = None) -> Editing:
    """The form of a contact that is still to be made. Raises Refusal where there is no such outlet."""
    family = await family_of(tx, outlet)
    shop = (await load(tx, [family[0].bytes], (), {})).held[family[0].bytes].content
    now = dict.fromkeys((*_CONTACT, "active"), "") | {"channel": "unknown", "active": "yes"}
    return Editing(family[0], str(getattr(shop, "name", "")), None, 0, _kept(now, typed), now)


def _texts(outlet: Outlet) -> dict[str, str]:
    """The fields of an outlet as a form holds them."""
    found = {name: _text(getattr(outlet, name)) for name in (*_OUTLET, "main_contact")}
    place, terms = outlet.position, outlet.cooperation or Cooperation()
    found["position"] = f"{place.lat:.6f}, {place.lon:.6f}" if place is not None else ""
    return found | {name: _text(getattr(terms, name)) for name in _COOPERATION}


def _text(value: Any) -> str:
    """As a browser sends it back."""
    return "" if value is None else str(getattr(value, "value", value)).replace("\r\n", "\n").strip()


def _kept(now: Mapping[str, str], typed: Typed | None) -> dict[str, str]:
    """What was changed in the form, and of the rest what stands now."""
    if typed is None:
        return dict(now)
    return {
        name: _sent(typed, name) if _sent(typed, name) != _sent(typed, f"was_{name}") else now[name] for name in now
    }


def _sent(typed: Typed, name: str) -> str:
    return typed.text(name).replace("\r\n", "\n").strip()


def _overtaken(book: Book, collection: str, told: Mapping[str, Any], typed: Typed | None) -> tuple[Overtaken, ...]:
    if typed is None:
        return ()
    return tuple(
        Overtaken(book.label(collection, name), book.value(name, value), _mine(typed, name, book))
        for name, value in told.items()
    )


def _mine(typed: Typed, name: str, book: Book) -> str:
    if name == "cooperation":
        return " · ".join(one for one in (typed.text(each) for each in _COOPERATION) if one)
    known = parse_id(typed.text(name)) if name == "main_contact" else None
    return book.value(name, known or typed.text(name))


def changes_in(typed: Typed, collection: str) -> dict[str, Any]:
    """The fields that were changed in a form, as values. Raises Unfit with what is wrong and what to do."""
    names = (*_OUTLET, "main_contact") if collection == "outlet" else _CONTACT
    found = {name: _READERS.get(name, _line)(name, _sent(typed, name)) for name in names if _is_changed(typed, name)}
    if collection == "contact":
        is_there = typed.text("active") == "yes"
        return found | ({"active": is_there} if is_there != (typed.text("was_active") == "yes") else {})
    if _is_changed(typed, "position"):
        found["position"] = _position(_sent(typed, "position"), typed.text("datum"))
    if any(_is_changed(typed, name) for name in _COOPERATION):
        found["cooperation"] = _cooperation(typed)
    days, was = set(typed.many("visit_days")) & set(WEEKDAYS), set(typed.many("was_visit_days"))
    if days != was:
        found["visit_days"] = SetChange(tuple(sorted(days - was)), tuple(sorted(was - days)))
    return found


def _is_changed(typed: Typed, name: str) -> bool:
    return _sent(typed, name) != _sent(typed, f"was_{name}")


def _line(name: str, text: str) -> str:
    most = _LENGTHS.get(name, 60)
    if len(text) > most:
        raise Unfit(
            f"{name}: at most {most} characters, not {len(text)}", f"内容过长：最多 {most} 个字，现有 {len(text)} 个"
        )
    return text


def _name(name: str, text: str) -> str:
    if not text:
        raise Unfit("name: must not be empty", "名称：不能为空")
    return _line(name, text)


def _reference(_name: str, text: str) -> UUID | None:
    return parse_id(text) if text else None


_READERS: dict[str, Callable[[str, str], Any]] = {"name": _name, "main_contact": _reference}


def _position(text: str, datum: str) -> Position | None:
    if not text:
        return None
    place, reasons = read_pair(text, "", datum if datum in DATUMS else "wgs84")  # type: ignore[arg-type]
    if place is None or reasons:
        raise Unfit(
            f"position: {text!r} cannot be read; write latitude, longitude, such as 28.68123, 115.85712",
            f"位置：无法识别“{text}”，请写成 纬度, 经度，例如 28.68123, 115.85712",
        )
    return place


def _cooperation(typed: Typed) -> Cooperation | None:
    since, level, terms = (_sent(typed, name) for name in _COOPERATION)
    day = read_day(since) if since else None
    if since and day is None:
        raise Unfit(
            f"cooperation since: {since!r} is no day such as 2026-03-01",
            f"合作起始：“{since}”不是 2026-03-01 这样的日期",
        )
    if level and not (level.isascii() and level.isdigit() and int(level) <= _MOST_LEVEL):
        raise Unfit("cooperation level: a whole number from 0 to 9", "合作级别：须为 0 至 9 的整数")
    made = Cooperation(day, int(level) if level else None, _line("terms", terms))
    return made if made != Cooperation() else None

"""Making a form: the declared fields in the order of the eye, with the company's classes, products and rules."""

from __future__ import annotations

from typing import Any

import msgspec

from client_sdk.errors import InvalidInput
from client_sdk.forms.fields import Choice, FormField, Input
from client_sdk.forms.form import Form
from client_sdk.forms.order import APART, ASIDE, ASKED, CODES, HINTS, LINES, OPEN, ORDER, PRODUCTS, RECORDS
from client_sdk.forms.shape import Shape, shapes_of
from client_sdk.local.policies import policies_of
from client_sdk.writing import Desk
from sync.business.registration import FRONT, NO_CLASS
from sync.policies.archive import REQUIRED
from sync.records import COLLECTIONS, Collection, Contact, Outlet, OutletClass, Photo, Product, Record
from sync.rules import Merge, Writer
from sync.words import KINDS, LABELS, VALUES, label, part_label

__all__ = ["form_of"]

_SAID = ("of", "outlet", "contact")
"""What a record hangs on: the screen that somebody is on knows it."""
_DAY_MS = 86_400_000
_UNTIL_TOMORROW = frozenset({("delivery", "delivered_on"), ("payment", "paid_on")})
"""Days that are refused where they are still to come: one beyond today is let pass, as clocks differ."""


def form_of(desk: Desk, kind: str, outlet_class: str, record: Record | None) -> Form:
    """The form for a collection, or for one of its lines. Raises InvalidInput for a kind that has none."""
    made = _Maker(desk)
    if kind in LINES:
        collection, field = LINES[kind]
        part = shapes_of(COLLECTIONS[collection].type)[field].part
        assert part is not None  # noqa: S101  # both are lines
        return Form(kind, *label(collection, field), made.parts(part), collection=collection, field=field)
    if kind not in ORDER:
        raise InvalidInput("unknown_collection", "kind", kind)
    one = COLLECTIONS[kind]
    if record is not None and not isinstance(record, one.type):
        raise InvalidInput("bad_value", "record", f"a record of {kind}")
    fields = made.fields(one, outlet_class, record)
    belongs = tuple(
        name for name in ("of", "outlet", "contact") if name in ASIDE[kind] and shapes_of(one.type)[name].needed
    )
    return Form(kind, *LABELS[kind], fields, belongs=belongs, collection=kind, record=record)


class _Maker:
    """Makes the fields of one form; classes, products and rules are read once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def fields(self, one: Collection, outlet_class: str, record: Record | None) -> tuple[FormField, ...]:
        """The fields of a collection's form."""
        beside = APART if one.type is Outlet else ()
        found = [
            self._apart(name, record) if name in beside else self._field(one, name, record)
            for name in ORDER[one.name]
            if name in beside or _may_write(one, name, record)
        ]
        if one.type is not Outlet:
            return tuple(found)
        kind = outlet_class or str(getattr(record, "outlet_class", "")) or NO_CLASS
        with self._desk.serving() as replica:
            wanted = policies_of(replica).of(REQUIRED, kind)
        return tuple(
            msgspec.structs.replace(
                field, required=field.stops or field.name in wanted, value=_of_class(field, outlet_class)
            )
            for field in found
        )

    def parts(self, part: type[msgspec.Struct]) -> tuple[FormField, ...]:
        """The fields of a part of a record."""
        aside = ASIDE.get(part.__name__, frozenset())
        return tuple(
            self._made(part.__name__, name, shape, part_label(part.__name__, name))
            for name, shape in shapes_of(part).items()
            if name not in aside
        )

    # ---- inside --------------------------------------------------------

    def _field(self, one: Collection, name: str, record: Record | None) -> FormField:
        rule, shape = one.rule(name), shapes_of(one.type)[name]
        field = self._made(one.name, name, shape, label(one.name, name))
        choices = tuple(msgspec.structs.replace(each, proposed=each.value in rule.propose) for each in field.choices)
        return msgspec.structs.replace(
            field,
            proposed=rule.write is Writer.PROPOSE,
            choices=choices,
            value=getattr(record, name) if record is not None else _preset(one, name, shape),
            latest=self._latest(one.name, name),
        )

    def _made(self, owner: str, name: str, shape: Shape, said: tuple[str, str]) -> FormField:
        choices, hint = self._choices(owner, name, shape), HINTS.get((owner, name), ("", ""))
        stops = shape.needed or (owner, name) in ASKED
        return FormField(
            name=name,
            zh=said[0],
            en=said[1],
            input=_chosen(shape.input) if choices else shape.input,
            required=stops,
            stops=stops,
            choices=choices,
            is_open=(owner, name) in OPEN,
            longest=shape.longest,
            least=shape.least,
            most=shape.most,
            of=RECORDS.get(name, "") if shape.input in {Input.RECORD, Input.RECORDS} else "",
            parts=self.parts(shape.part) if shape.part is not None else (),
            part=shape.part,
            hint_zh=hint[0],
            hint_en=hint[1],
        )

    def _choices(self, owner: str, name: str, shape: Shape) -> tuple[Choice, ...]:
        if shape.words is not None:
            return _said(KINDS[shape.words], [str(one.value) for one in shape.words])
        if (kind := CODES.get((owner, name))) is not None:
            return _said(kind, VALUES[kind])
        if (owner, name) in PRODUCTS:
            held = sorted((one for one in self._desk.all(Product) if one.active), key=lambda one: one.code)
            return tuple(Choice(one.code, one.name, one.name) for one in held)
        if (owner, name) == ("outlet", "outlet_class"):
            classes = sorted((one for one in self._desk.all(OutletClass) if one.active), key=lambda one: one.code)
            return tuple(Choice(one.code, one.zh, one.en, one.colour) for one in classes)
        return ()

    def _apart(self, name: str, record: Record | None) -> FormField:
        zh, en = VALUES["missing"][name]
        hint = HINTS.get(("outlet", name), ("", ""))
        is_photo = name == "photo"
        parts = () if is_photo else self.fields(COLLECTIONS["contact"], "", None)
        kind: type[Record] = Photo if is_photo else Contact
        held = self._desk.all(kind, record.id) if record is not None else []
        is_there = any(getattr(one, "kind", "") == FRONT if is_photo else getattr(one, "active", False) for one in held)
        return FormField(
            name=name,
            zh=zh,
            en=_capital(en),
            input=Input.PHOTO if is_photo else Input.GROUP,
            parts=parts,
            hint_zh=hint[0],
            hint_en=hint[1],
            apart=True,
            value=is_there or None,
        )

    def _latest(self, owner: str, name: str) -> str:
        device = self._desk.device
        is_bounded = (owner, name) in _UNTIL_TOMORROW
        return device.ports.clock.day_of(device.now() + _DAY_MS) if is_bounded else ""


def _may_write(one: Collection, name: str, record: Record | None) -> bool:
    rule = one.rule(name)
    if record is None or one.append_only:
        return True
    return rule.merge is not Merge.FIXED and rule.write is not Writer.REGISTRAR


def _preset(one: Collection, name: str, shape: Shape) -> Any:
    """What a new record has where nothing is chosen."""
    if shape.needed or (shape.words is None and shape.input is not Input.YES_NO):
        return None
    return next(each.default for each in msgspec.structs.fields(one.type) if each.name == name)


def _of_class(field: FormField, outlet_class: str) -> Any:
    return outlet_class if field.name == "outlet_class" and outlet_class else field.value


def _chosen(entered: Input) -> Input:
    return Input.CHOICES if entered is Input.WORDS else Input.CHOICE


def _said(kind: str, values: Any) -> tuple[Choice, ...]:
    return tuple(Choice(one, VALUES[kind][one][0], _capital(VALUES[kind][one][1])) for one in values)


def _capital(said: str) -> str:
    """The console writes some of these words within sentences."""
    return said[:1].upper() + said[1:]

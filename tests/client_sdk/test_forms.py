"""Forms: fields, words, bounds and choices as the archive declares them; what is entered is checked and stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec
import pytest
from PIL import Image

from client_sdk import FormField, Input, InvalidInput, Position, Replica
from client_sdk.forms.order import APART, ASIDE, LINES, ORDER
from client_sdk.forms.reading import read
from client_sdk.testing import HERE, World
from sync import scopes
from sync.policies.archive import DESCRIBABLE, REQUIRED
from sync.records import COLLECTIONS, Cooperation, CreditTerms, OutletClass, Policy, Relative, Stock
from sync.rules import Merge, Writer

KINDS = [*ORDER, *LINES]
FRONT = BytesIO()
Image.new("RGB", (40, 30), "#8e44ad").save(FRONT, "JPEG")


@pytest.fixture
def company(world: World) -> World:
    """A company with two classes, a product, and a rule of its own for one of the classes."""
    put = world.company.master.put
    put(OutletClass(world.company.new_id(), "grocery", "食杂店", "Grocery", "#2980b9"), scopes.COMPANY)
    put(OutletClass(world.company.new_id(), "hotel_a", "A类酒店", "Hotel A", "#c0392b"), scopes.COMPANY)
    every = ",".join(sorted(DESCRIBABLE))
    put(Policy(world.company.new_id(), f"{REQUIRED.key}_hotel_a", every), scopes.COMPANY)
    world.product()
    return world


@pytest.fixture
def replica(company: World) -> Replica:
    """A phone with one outlet."""
    company.outlet("老张烟酒")
    return company.phone()


def everything(fields: tuple[FormField, ...]) -> Iterator[FormField]:
    """All fields, those in groups and lines too."""
    for one in fields:
        yield one
        yield from everything(one.parts)


def entered(field: FormField) -> Any:
    """Something that fits a field, as a screen would have it: texts for numbers, dicts for groups."""
    if field.input is Input.GROUP:
        return {one.name: entered(one) for one in field.parts}
    if field.input is Input.LINES:
        return [{one.name: entered(one) for one in field.parts}]
    if field.input is Input.CHOICE:
        return field.choices[0].value
    if field.input is Input.CHOICES:
        return [one.value for one in field.choices[:2]]
    return {
        Input.TEXT: "甲",
        Input.LONG_TEXT: "一行\n又一行",
        Input.PHONE: "13800000000",
        Input.NUMBER: "2",
        Input.MONEY: "68.50",
        Input.YES_NO: True,
        Input.DAY: "2026-01-01",
        Input.WORDS: "钓鱼，象棋",
        Input.POSITION: Position(39.95, 116.45),
        Input.PHOTO: FRONT.getvalue(),
    }.get(field.input)


def filled(fields: tuple[FormField, ...]) -> dict[str, Any]:
    """A whole form, but for other records."""
    return {one.name: entered(one) for one in fields if one.input not in {Input.RECORD, Input.RECORDS}}


@pytest.mark.parametrize("kind", ORDER)
def test_every_field_that_a_rep_may_write_is_shown_or_left_to_the_call(kind: str) -> None:
    """A new field of the archive is put into the order of the eye, or said to be no matter of the screen."""
    own = {Writer.REP, Writer.PROPOSE, Writer.REGISTRAR}
    rules = COLLECTIONS[kind].rules
    writable = {name for name, rule in rules.items() if rule.merge is not Merge.DERIVED and rule.write in own}
    beside = set(APART) if kind == "outlet" else set()
    assert set(ORDER[kind]) - beside | ASIDE[kind] == writable
    assert set(ORDER[kind]) & ASIDE[kind] == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_says_everything_in_both_languages(replica: Replica, kind: str) -> None:
    """Its name, each field, each choice; hints stand in both or in neither."""
    form = replica.form(kind)
    fields = list(everything(form.fields))
    said = [(form.zh, form.en), *((one.zh, one.en) for one in fields)]
    said += [(choice.zh, choice.en) for one in fields for choice in one.choices]
    assert [one for one in said if not (one[0] and one[1])] == []
    assert [one.name for one in fields if one.zh == one.name] == []
    assert [one.name for one in fields if bool(one.hint_zh) != bool(one.hint_en)] == []
    assert len({one.name for one in form.fields}) == len(form.fields)


def test_a_form_has_what_the_archive_declares(replica: Replica) -> None:
    """Bounds from the types, classes and products of the company, what is proposed from the rules."""
    fields = {one.name: one for one in replica.form("outlet").fields}
    assert (fields["name"].longest, fields["notes"].longest) == (120, 4000)
    assert [(one.value, one.zh, one.colour) for one in fields["outlet_class"].choices] == [
        ("grocery", "食杂店", "#2980b9"),
        ("hotel_a", "A类酒店", "#c0392b"),
    ]
    assert [one.value for one in fields["visit_days"].choices][:2] == ["mon", "tue"]
    assert (fields["grade"].proposed, fields["phone"].proposed) == (True, False)
    assert [one.value for one in fields["status"].choices if one.proposed] == ["closed"]
    level = next(one for one in fields["cooperation"].parts if one.name == "level")
    assert (level.input, level.least, level.most) == (Input.NUMBER, 0, 9)
    line = next(one for one in replica.form("order").fields if one.name == "lines")
    assert [one.value for one in line.parts[0].choices] == ["SKU-1"]
    assert [one.input for one in line.parts] == [Input.CHOICE, Input.NUMBER, Input.MONEY, Input.TEXT]


def test_what_is_required_is_the_classs_own(replica: Replica) -> None:
    """A class without a rule has the company's; what nothing is stored without is told apart."""
    required = {
        kind: {one.name for one in replica.form("outlet", outlet_class=kind).fields if one.required}
        for kind in ("grocery", "hotel_a")
    }
    assert required == {"grocery": set(REQUIRED.read(REQUIRED.default)), "hotel_a": set(DESCRIBABLE)}
    assert {one.name for one in replica.form("outlet").fields if one.stops} == {"name"}


@pytest.mark.parametrize("kind", ["grocery", "hotel_a"])
def test_an_outlet_is_registered_from_its_form_alone_with_nothing_missing(replica: Replica, kind: str) -> None:
    """Whatever the class requires is in the form, and what was entered goes into the calls as it is."""
    form = replica.form("outlet", outlet_class=kind)
    values = filled(tuple(one for one in form.fields if one.required)) | {"outlet_class": kind, "name": "新张烟酒"}
    assert form.check(values) == {}
    shop = replica.outlets.register(**form.given(values))
    if "contact" in values:
        replica.contacts.add(shop.id, **form.given(values, "contact"))
    replica.photos.attach(shop.id, values["photo"], kind="front")
    assert replica.outlets.missing(shop.id) == ()


def test_what_only_the_company_requires_does_not_stop(replica: Replica) -> None:
    """The archive takes it, and the review asks for the rest."""
    form = replica.form("outlet", outlet_class="hotel_a")
    found = form.check({"name": "新张烟酒"})
    assert {name for name, one in found.items() if not one.stops} == DESCRIBABLE - {"name", "outlet_class", "status"}
    assert replica.outlets.register(**form.given({"name": "新张烟酒", "outlet_class": "hotel_a"})).name == "新张烟酒"
    assert replica.form("outlet").check({"name": "新张烟酒"})["outlet_class"].code == "missing"


Store = Callable[[Replica, UUID, dict[str, Any]], Any]
CALLS: dict[str, Store] = {
    "contact": lambda replica, shop, given: replica.contacts.add(shop, **given),
    "visit": lambda replica, shop, given: replica.visits.log(shop, **given),
    "order": lambda replica, shop, given: replica.orders.record(shop, **given),
    "delivery": lambda replica, shop, given: replica.deliveries.record(shop, **(given | {"on_credit": False})),
    "payment": lambda replica, shop, given: replica.payments.record(shop, **given),
    "contact_report": lambda replica, shop, given: replica.contact_reports.write(shop, **given),
    "credit_application": lambda replica, shop, given: replica.credit.apply(shop, **given),
    "occasion": lambda replica, shop, given: replica.care.note(shop, **given),
    "gift": lambda replica, shop, given: replica.care.gave(shop, **given),
    "practice": lambda replica, _, given: replica.practices.write(**given),
}


@pytest.mark.parametrize("kind", CALLS)
def test_what_a_form_takes_is_what_the_call_takes(replica: Replica, kind: str) -> None:
    """Every field of every form, filled in as a screen would, is stored under its own name."""
    form, shop = replica.form(kind), replica.outlets.list()[0].id
    values = filled(form.fields)
    assert form.check(values) == {}
    given = form.given(values)
    stored = CALLS[kind](replica, shop, given)
    expected = given | ({"on_credit": False} if kind == "delivery" else {})
    assert {name: getattr(stored, name) for name in expected} == expected
    assert set(given) == {one.name for one in form.fields if one.name in values}


def test_the_private_part_is_taken_with_consent_for_something(replica: Replica) -> None:
    """Relatives are told apart without the screen's help; consent says what it is for, as the call demands."""
    shop = replica.outlets.list()[0]
    person = replica.contacts.add(shop.id, name="张三")
    form = replica.form("contact_private")
    family = [{"name": "李四", "relation": "配偶"}, {"name": "张五"}, {"name": " "}]
    assert form.check({"consent": {"given": True}})["consent.purposes"].code == "missing"
    given = form.given({"family": family, "consent": {"given": True, "purposes": ["care"]}, "hobbies": "钓鱼，象棋"})
    assert given["family"] == (Relative("1", "李四", "配偶"), Relative("2", "张五"))
    assert given["hobbies"] == ("钓鱼", "象棋")
    assert replica.contacts.update_private(person.id, **given).family == given["family"]


@pytest.mark.parametrize(
    ("kind", "values", "where", "code"),
    [
        ("outlet", {"name": "长" * 121}, "name", "too_long"),
        ("outlet", {"name": "  "}, "name", "missing"),
        ("outlet", {"outlet_class": "castle"}, "outlet_class", "not_a_choice"),
        ("outlet", {"grade": "D"}, "grade", "not_a_choice"),
        ("outlet", {"visit_days": ["mon", "someday"]}, "visit_days", "not_a_choice"),
        ("outlet", {"cooperation": {"level": "12"}}, "cooperation.level", "too_large"),
        ("outlet", {"cooperation": {"since": "2026-02-30"}}, "cooperation", "bad_value"),
        ("outlet", {"cooperation": {"smell": "1"}}, "cooperation.smell", "unfit"),
        ("outlet", {"credit": {"limit": "12.345"}}, "credit.limit", "not_a_number"),
        ("outlet", {"position": Position(99, 0)}, "position", "bad_value"),
        ("outlet", {"notes": "甲\x00乙"}, "notes", "bad_value"),
        ("outlet", {"smell": "rose"}, "smell", "unknown_field"),
        ("outlet", {"main_contact": "not an id"}, "main_contact", "unfit"),
        ("order", {"lines": [{"product": "SKU-1", "quantity": "x"}]}, "lines.0.quantity", "not_a_number"),
        ("order", {"lines": [{"product": "SKU-1"}]}, "lines.0.quantity", "missing"),
        ("order", {"lines": [{"product": "SKU-9", "quantity": "1"}]}, "lines.0.product", "not_a_choice"),
        ("order", {"lines": [Stock("SKU-1")] * 501}, "lines", "too_many"),
        ("payment", {"amount": "1e9"}, "account", "missing"),
        ("payment", {"amount": "ten", "account": "对公"}, "amount", "not_a_number"),
        ("payment", {"amount": "1", "account": "对公", "paid_on": "2199-01-01"}, "paid_on", "too_late"),
        ("occasion", {"kind": "wedding"}, "day", "missing"),
        ("stock", {"on_hand": "3"}, "product", "missing"),
        ("credit_application", {"days": 400}, "days", "too_large"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    replica: Replica, kind: str, values: dict[str, Any], where: str, code: str
) -> None:
    """By the place in the form, in both languages, with nothing stored; and the values are not given out."""
    form = replica.form(kind)
    found = form.check(values)[where]
    assert (found.code, found.stops) == (code, True)
    assert found.zh
    assert found.en
    with pytest.raises(InvalidInput):
        form.given(values)
    assert replica.status().pending == 0


def test_money_and_numbers_are_read_as_people_write_them(replica: Replica) -> None:
    """Full-width digits, a currency sign, commas between thousands; minor units come out."""
    form = replica.form("payment")
    typed = {"1,234.5": 123450, "¥68.50": 6850, "６８": 6800, " 7 ": 700, "-0.05": -5, "3.": 300, 995: 995}
    assert {one: form.given({"amount": one, "account": "对公"})["amount"] for one in typed} == typed
    for wrong in ("1e9", "1.234", "--1", ".", "1 2", "9" * 30):
        assert form.check({"amount": wrong, "account": "对公"})["amount"].code == "not_a_number", wrong


@pytest.mark.parametrize(
    ("kind", "name", "value", "text"),
    [
        ("payment", "amount", 6850, "68.50"),
        ("payment", "amount", -5, "-0.05"),
        ("payment", "account", "对公", "对公"),
        ("credit_application", "days", 30, "30"),
        ("contact_private", "hobbies", ("钓鱼", "象棋"), "钓鱼, 象棋"),
        ("outlet", "visit_days", ("mon", "tue"), "mon, tue"),
        ("outlet", "status", "buyer", "buyer"),
    ],
)
def test_a_value_is_shown_as_text_that_is_taken_back(
    replica: Replica, kind: str, name: str, value: object, text: str
) -> None:
    """What stands there goes into an input for text and comes out of it as the same value."""
    field = next(one for one in replica.form(kind).fields if one.name == name)
    assert field.text(value) == text
    assert read(field, text) == value
    assert msgspec.structs.replace(field, value=value).text() == text
    assert msgspec.structs.replace(field, value=None).text() == ""


def test_mending_gives_only_what_is_another_value(replica: Replica) -> None:
    """The form holds what stands there; a code that is given once is not in it; clearing a field is a change."""
    shop = replica.outlets.list()[0]
    shop = replica.outlets.update(
        shop.id, phone="13900000001", cooperation=Cooperation(level=3), visit_days=("mon",), code=""
    )
    form = replica.form("outlet", record=shop)
    held = {one.name: one.value for one in form.fields}
    assert (held["name"], held["phone"], held["cooperation"]) == ("老张烟酒", "13900000001", Cooperation(level=3))
    assert "code" not in held
    values = {"name": "老张烟酒", "phone": "", "credit": {"limit": "100", "days": "30"}, "visit_days": ["mon"]}
    assert form.given(values) == {"phone": "", "credit": CreditTerms(10000, 30)}
    after = replica.outlets.update(shop.id, **form.given(values))
    assert (after.phone, after.credit, after.position) == ("", CreditTerms(10000, 30), HERE)


def test_a_value_that_stands_there_is_no_trouble(replica: Replica, company: World) -> None:
    """A class that the company does not use any more may stay; nobody is made to choose another to mend a phone."""
    company.outlet("老李烟酒", outlet_class="kiosk")
    replica.sync()
    shop = replica.outlets.search("老李")[0]
    form = replica.form("outlet", record=shop)
    assert {one for one, said in form.check({"phone": "13900000002"}).items() if said.stops} == set()


def test_a_visit_is_amended_from_its_form(replica: Replica) -> None:
    """What was logged stands in the form; lines that are structs already are taken as they are."""
    visit = replica.visits.log(replica.outlets.list()[0].id, notes="货架已谈妥", stock=[Stock("SKU-1", on_hand=3)])
    form = replica.form("visit", record=visit)
    assert {one.name: one.value for one in form.fields}["stock"] == (Stock("SKU-1", on_hand=3),)
    given = form.given({"stock": [Stock("SKU-1", on_hand=3), {"product": "SKU-1", "sold": "2"}], "notes": "货架已谈妥"})
    assert given == {"stock": (Stock("SKU-1", on_hand=3), Stock("SKU-1", sold=2))}
    assert replica.visits.amend(visit.id, **given).stock == given["stock"]


def test_a_kind_without_a_form_is_refused(replica: Replica) -> None:
    """And a record of another kind."""
    with pytest.raises(InvalidInput) as refused:
        replica.form("score")
    assert (refused.value.code, refused.value.field) == ("unknown_collection", "kind")
    with pytest.raises(InvalidInput) as other:
        replica.form("visit", record=replica.outlets.list()[0])
    assert other.value.field == "record"
    assert msgspec.structs.asdict(replica.form("task"))["kind"] == "task"

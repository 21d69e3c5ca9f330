"""Care, codes, practice and the brief on the phone, without a network."""

from __future__ import annotations

import msgspec
import pytest

from client_sdk.errors import InvalidInput
from client_sdk.testing.world import World
from sync import scopes
from sync.records import Birthday, Calendar, CodeBlock, ContactPrivate, Gift, Grade, Occasion, Outlet, Relative


def test_days_of_care_come_from_what_the_phone_holds_and_only_with_consent(world: World) -> None:
    """Birthdays, the family's, occasions, festivals of key outlets; after a withdrawal no birthday."""
    shop, key = world.outlet("甲"), world.outlet("乙", grade=Grade.A)
    person = world.contact(shop)
    replica = world.phone()
    today = replica.today().day
    month, day = int(today[5:7]), int(today[8:])
    family = (Relative("w", "李梅", "妻子", Birthday(month, day)),)
    replica.contacts.update_private(person.id, birthday=Birthday(month, day), family=family)
    assert [one.kind for one in replica.care.ahead(0)] == []
    replica.contacts.consent(person.id, ["birthday:care"])
    assert [one.kind for one in replica.care.ahead(0)] == ["birthday"]
    replica.contacts.consent(person.id)
    assert sorted(one.kind for one in replica.care.ahead(0)) == ["birthday", "family_birthday"]
    noted = replica.care.note(shop.id, "wedding", today, contact=person.id)
    assert isinstance(noted, Occasion)
    replica.contacts.withdraw_consent(person.id)
    assert [(one.kind, one.about) for one in replica.care.ahead(0)] == [("wedding", noted.id)]
    assert {one.outlet for one in replica.care.ahead(400) if one.kind == "mid_autumn"} == {key.id}
    lunar = Birthday(1, 1, Calendar.LUNAR)
    replica.contacts.update_private(person.id, birthday=lunar)
    replica.contacts.consent(person.id)
    days = {one.kind: one.day for one in replica.care.ahead(400)}
    assert days["birthday"] == days["spring_festival"]
    replica.sync()
    (private,) = world.in_master(ContactPrivate)
    assert private.consent is not None
    assert private.consent.given


def test_the_people_of_a_merged_outlet_have_their_days_at_the_one_that_stands(world: World) -> None:
    """Birthdays and occasions that were noted before the merge; a gone person's are none."""
    stays, gone = world.outlet("甲"), world.outlet("乙")
    person, left = world.contact(gone), world.contact(gone, "李四")
    replica = world.phone()
    today = replica.today().day
    for one in (person, left):
        replica.contacts.update_private(one.id, birthday=Birthday(int(today[5:7]), int(today[8:])))
        replica.contacts.consent(one.id)
    replica.contacts.update(left.id, active=False)
    replica.care.note(gone.id, "wedding", today)
    replica.sync()
    world.put(msgspec.structs.replace(gone, merged_into=stays.id))
    replica.sync()
    assert [(one.kind, one.outlet) for one in replica.care.ahead(0)] == [("birthday", stays.id), ("wedding", stays.id)]
    assert len(replica.brief(stays.id).care) == 2


def test_a_gift_is_recorded_with_what_it_cost(world: World) -> None:
    """An amended one as it stands."""
    shop = world.outlet()
    replica = world.phone()
    gift = replica.care.gave(shop.id, "茶叶", cost=20000, occasion="mid_autumn")
    replica.care._amend(gift.id, {"cost": 18000})
    (one,) = replica.care.gifts(shop.id)
    assert isinstance(one, Gift)
    assert (one.gift, one.cost, one.given_on) == ("茶叶", 18000, replica.today().day)


def test_codes_are_given_once_whatever_becomes_of_the_form(world: World) -> None:
    """Also after a kill; none is left when the block is used up."""
    block = CodeBlock(world.company.new_id(), "K", 7, 9)
    world.company.master.put(block, scopes.staff(world.rep.id))
    world.outlet("老店", code="K0008")
    replica = world.phone()
    assert (replica.codes.left(), replica.codes.take()) == (2, "K0007")
    replica._device.close()
    replica = world.opened()
    shop = replica.outlets.register(name="新店", code=replica.codes.take() or "")
    assert shop.code == "K0009"
    assert (replica.codes.left(), replica.codes.take()) == (0, None)


def test_practice_is_written_mended_and_read(world: World) -> None:
    """By its author."""
    replica = world.phone()
    written = replica.practices.write("先看货架", "进门先数货", "shelf")
    assert replica.practices.mend(written.id, body="进门先数货，再看价签").body == "进门先数货，再看价签"
    assert [one.id for one in replica.practices.mine()] == [written.id]
    with pytest.raises(InvalidInput):
        replica.practices.write("", "x")


def test_a_brief_has_what_the_next_one_needs(world: World) -> None:
    """Without a number of anybody, and without counting an opening."""
    shop = world.outlet("甲", grade=Grade.A)
    world.contact(shop, "张三")
    task = world.task(world.rep, "送海报")
    world.company.master.put(msgspec.structs.replace(task, outlet=shop.id), scopes.staff(world.rep.id))
    replica = world.phone()
    first = replica.visits.log(shop.id, notes="一")
    replica.visits.amend(first.id, notes="二")
    replica.contact_reports.write(shop.id, said="要样品", promised="送样品", promised_by="2030-01-01")
    replica.payments.record(shop.id, amount=5000, account="对公")
    found = replica.brief(shop.id)
    assert [one.name for one in found.contacts] == ["张三"]
    assert [one.notes for one in found.visits] == ["二"]
    assert ([one.promised for one in found.promises], [one.title for one in found.tasks]) == (["送样品"], ["送海报"])
    assert (len(found.payments), len(found.orders), isinstance(found.outlet, Outlet)) == (1, 0, True)
    replica.sync()
    assert replica.status().pending == 0

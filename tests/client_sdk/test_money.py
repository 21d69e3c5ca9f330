"""Money on the phone, offline: what an outlet owes and since when, its statement, and when there is no credit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from client_sdk.errors import InvalidInput
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import World
from sync import scopes
from sync.records import CreditTerms, Delivery, Finding, OrderLine, Outlet, Payment, Review


def day(world: World, ago: int = 0) -> str:
    """The phone's day, or one so many days ago."""
    return world.clock().day_of(world.time.now - ago * DAY)


def bring(replica: Replica, outlet: Outlet, amount: int, **more: Any) -> Delivery:
    """A delivery of that amount on credit."""
    lines = iter([OrderLine("SKU-1", 1, amount)])
    return replica.deliveries.record(outlet.id, lines=lines, **({"on_credit": True} | more))


def refused(replica: Replica, outlet: Outlet, amount: int = 1) -> str:
    """Why a delivery on credit is not recorded; empty where it is."""
    before = len(replica.deliveries.of(outlet.id))
    try:
        bring(replica, outlet, amount)
    except InvalidInput as error:
        assert len(replica.deliveries.of(outlet.id)) == before
        return error.code
    return ""


def test_what_is_owed_is_known_without_a_network(world: World) -> None:
    """With what is still pending, and what the company brought and got."""
    replica = world.phone()
    shop = world.outlet(credit=CreditTerms(100_000, 10))
    other = world.outlet("福顺超市")
    lines = (OrderLine("SKU-1", 2, 500),)
    world.put(Delivery(world.company.new_id(), shop.id, lines=lines, delivered_on=day(world, 11), on_credit=True))
    replica.sync()
    assert replica.money.of(shop.id).overdue(day(world)) == 1000
    assert replica.money.of(shop.id).overdue(day(world, 1)) == 0
    replica.payments.record(shop.id, amount=400, account="公司账户")
    bring(replica, other, 70, on_credit=False, delivered_on=day(world, 1))
    found = replica.money.statement(shop.id, day(world, 3))
    assert (found.before, [line.balance for line in found.lines], found.overdue) == (1000, [600], 600)
    assert [(one.name, amount) for one, amount in replica.money.overdue()] == [("老张烟酒", 600), ("福顺超市", 70)]
    assert [item.due for item in replica.money.of(shop.id).open_items] == [day(world, 1)]


def test_a_delivery_and_a_payment_are_of_today_unless_said_otherwise(world: World) -> None:
    """So that each has a day to be due on."""
    shop = world.outlet()
    replica = world.phone()
    assert bring(replica, shop, 5, on_credit=False).delivered_on == day(world)
    assert replica.payments.record(shop.id, amount=5, account="x").paid_on == day(world)
    assert replica.payments.record(shop.id, amount=5, account="x", paid_on=day(world, 2)).paid_on == day(world, 2)


def test_no_credit_before_approval_over_the_limit_or_while_money_is_overdue(world: World) -> None:
    """Refused before anything is stored; cash is never refused."""
    shop = world.outlet()
    replica = world.phone()
    assert refused(replica, shop) == "credit_not_approved"
    replica.outlets.update(shop.id, credit=CreditTerms(1000, 10))
    assert refused(replica, shop) == "credit_not_approved"
    world.put(msgspec.structs.replace(shop, credit=CreditTerms(1000, 10)))
    replica.sync()
    assert [refused(replica, shop, amount) for amount in (1001, 600, 600)] == [
        "credit_over_limit",
        "",
        "credit_over_limit",
    ]
    replica.sync()
    world.time.now += 11 * DAY
    replica.sync()
    assert refused(replica, shop) == "credit_stopped"
    assert bring(replica, shop, 5, on_credit=False).lines[0].price == 5
    replica.payments.record(shop.id, amount=605, account="x")
    assert refused(replica, shop) == ""


def test_what_the_server_stopped_is_stopped_until_it_says_otherwise(world: World) -> None:
    """A case of overdue money that is open, whatever has been paid."""
    shop = world.outlet(credit=CreditTerms(1000, 10))
    found = Finding(world.company.new_id(), world.company.new_id(), "credit", "stopped", shop.id)
    world.company.master.put(found, scopes.staff(world.rep.id))
    replica = world.phone()
    assert refused(replica, shop) == "credit_stopped"
    world.company.master.put(msgspec.structs.replace(found, state="open"), scopes.staff(world.rep.id))
    replica.sync()
    assert refused(replica, shop) == ""


def test_an_amendment_may_take_back_and_not_add(world: World) -> None:
    """While money is overdue."""
    shop = world.outlet(credit=CreditTerms(1000, 10))
    replica = world.phone()
    first = bring(replica, shop, 100, delivered_on=day(world, 20))
    with pytest.raises(InvalidInput, match="overdue"):
        replica.deliveries.amend(first.id, lines=[OrderLine("SKU-1", 1, 101)])
    replica.deliveries.amend(first.id, lines=[OrderLine("SKU-1", 1, 99)])
    assert replica.money.of(shop.id).balance == 99


def test_merged_outlets_have_one_account(world: World) -> None:
    """Asked of either; the terms are the survivor's."""
    shop = world.outlet(credit=CreditTerms(1000, 10))
    gone = world.outlet("老张烟酒店", merged_into=shop.id)
    replica = world.phone()
    world.put(Payment(world.company.new_id(), gone.id, 30, "x", paid_on=day(world)))
    replica.sync()
    bring(replica, shop, 100)
    assert replica.money.of(gone.id) == replica.money.of(shop.id)
    assert replica.money.of(shop.id).balance == 70


def test_a_form_is_handed_in_and_its_review_heard(world: World) -> None:
    """Questions are answered by mending it."""
    shop = world.outlet()
    replica = world.phone()
    form = replica.credit.apply(shop.id, operations="日销两箱", creditworthiness="房东可作担保", limit=500_000, days=30)
    replica.sync()
    assert form.review is Review.PENDING
    replica.credit.update(form.id, limit=300_000)
    assert [one.limit for one in replica.credit.of(shop.id)] == [300_000]
    with pytest.raises(InvalidInput):
        replica.credit.update(form.id, days=-1)


def test_no_delivery_or_payment_is_of_a_day_to_come_and_credit_names_its_day(world: World) -> None:
    """It would be due late, or never."""
    replica = world.phone()
    shop = world.outlet(credit=CreditTerms(100_000, 10))
    replica.sync()
    assert bring(replica, shop, 5, on_credit=False, delivered_on=day(world, -1)).delivered_on == day(world, -1)
    kept = bring(replica, shop, 5, on_credit=True)
    pay = replica.payments.record(shop.id, amount=5, account="x")
    wrong: list[Callable[[], object]] = [
        lambda: bring(replica, shop, 5, on_credit=False, delivered_on=day(world, -2)),
        lambda: bring(replica, shop, 5, on_credit=True, delivered_on=None),
        lambda: replica.deliveries.amend(kept.id, delivered_on=day(world, -2)),
        lambda: replica.payments.record(shop.id, amount=5, account="x", paid_on=day(world, -2)),
        lambda: replica.payments.amend(pay.id, paid_on=day(world, -2)),
    ]
    for act in wrong:
        with pytest.raises(InvalidInput) as said:
            act()
        assert said.value.code == "bad_value"


def test_what_is_owed_and_stopped_at_a_merged_outlet_is_the_survivors(world: World) -> None:
    """In the list of what is overdue, and where credit is asked for."""
    shop = world.outlet(credit=CreditTerms(0, 10))
    gone = world.outlet("章记副食", merged_into=shop.id)
    replica = world.phone()
    world.put(Delivery(world.company.new_id(), gone.id, lines=(OrderLine("SKU-1", 1, 70),), delivered_on=day(world, 1)))
    replica.sync()
    assert [(one.id, amount) for one, amount in replica.money.overdue()] == [(shop.id, 70)]
    replica.payments.record(shop.id, amount=70, account="x")
    assert (replica.money.overdue(), refused(replica, shop)) == ([], "")
    found = Finding(world.company.new_id(), world.company.new_id(), "credit", "stopped", gone.id)
    world.company.master.put(found, scopes.staff(world.rep.id))
    replica.sync()
    assert refused(replica, shop) == "credit_stopped"

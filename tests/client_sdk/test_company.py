"""What the company tells everybody, and what a rep answers: products, classes, notices."""

from __future__ import annotations

import msgspec

from client_sdk.testing.world import World
from sync import scopes
from sync.records import Notice, OutletClass, Policy, Price


def test_products_prices_classes_and_policies_are_there(world: World) -> None:
    """By code, and only what is in use."""
    master = world.company.master
    gone = world.product("SKU-0")
    world.product("SKU-2")
    world.product("SKU-1")
    master.put(msgspec.structs.replace(gone, active=False), scopes.COMPANY)
    master.put(Price(world.company.new_id(), "SKU-1", 500), scopes.COMPANY)
    master.put(OutletClass(world.company.new_id(), "hotel", "酒店", "Hotel", "#ff0000"), scopes.COMPANY)
    master.put(Policy(world.company.new_id(), "visit_days_A", "5"), scopes.COMPANY)
    company = world.phone().company
    assert [one.code for one in company.products()] == ["SKU-1", "SKU-2"]
    assert [one.amount for one in company.prices()] == [500]
    assert [one.zh for one in company.classes()] == ["酒店"]
    assert company.policies() == {"visit_days_A": "5"}
    assert company.scores() == []


def test_a_notice_is_acknowledged_as_it_stands(world: World) -> None:
    """A changed notice has to be read again."""
    notice = Notice(world.company.new_id(), "保密须知", "客户资料归公司所有", must_acknowledge=True)
    world.company.master.put(notice, scopes.COMPANY)
    replica = world.phone()
    assert [one.id for one in replica.notices.list(unread=True)] == [notice.id]
    replica.notices.acknowledge(notice.id)
    assert replica.notices.list(unread=True) == []
    replica.sync()
    assert replica.notices.list(unread=True) == []
    world.company.master.put(msgspec.structs.replace(notice, body="新内容"), scopes.COMPANY)
    replica.sync()
    assert [one.id for one in replica.notices.list(unread=True)] == [notice.id]
    assert len(replica.notices.list()) == 1

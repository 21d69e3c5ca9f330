"""Mending a record at a desk: what others changed since it was looked at is told, and nothing is written over."""

from __future__ import annotations

import pytest

from server.field.mending import add, mend
from server.field.proposals import listed
from server.identity import staff
from server.identity.staff import Person
from sync import scopes
from sync.changes import SetChange
from sync.errors import Refusal
from sync.outcomes import OutcomeCode
from sync.records import Outlet
from tests.server.firm import Firm


async def person(firm: Firm, who: str = "刘") -> Person:
    """Somebody of the firm."""
    async with firm.store.read() as tx:
        return (await staff.named(tx, who))[0]


async def outlet(firm: Firm, shop: object) -> Outlet:
    """The outlet as it stands."""
    found = [one for one in (await firm.desk.records(scopes.territory(firm.east))).values() if one.id == shop]
    assert isinstance(found[0], Outlet)
    return found[0]


async def test_a_change_is_written_in_the_name_of_who_made_it(firm: Firm) -> None:
    """Fields that others changed since, and that are not in it, are no matter."""
    shop = await firm.shop(phone="1")
    await firm.desk.edit(firm.desk.rep(firm.wang, firm.east), "outlet", shop, 1, notes="停车方便")
    done = await mend(firm.store, firm.sources, await person(firm), "outlet", shop, 1, {"phone": "2", "grade": "A"})
    stands = await outlet(firm, shop)
    assert (stands.phone, stands.grade, stands.notes) == ("2", "A", "停车方便")
    assert done.outcome is not None
    assert scopes.territory(firm.east) in done.changed


async def test_what_somebody_else_changed_since_is_told_and_nothing_is_written(firm: Firm) -> None:
    """Not even the fields that nobody else touched; having seen it, one may write over it."""
    shop, dealer = await firm.shop(phone="1"), await person(firm)
    await firm.desk.edit(firm.desk.rep(firm.wang, firm.east), "outlet", shop, 1, phone="2")
    done = await mend(firm.store, firm.sources, dealer, "outlet", shop, 1, {"phone": "3", "notes": "x"})
    assert (done.overtaken, done.outcome) == ({"phone": "2"}, None)
    assert ((await outlet(firm, shop)).phone, (await outlet(firm, shop)).notes) == ("2", "")
    again = await mend(firm.store, firm.sources, dealer, "outlet", shop, 2, {"phone": "3", "notes": "x"})
    assert again.overtaken == {}
    assert ((await outlet(firm, shop)).phone, (await outlet(firm, shop)).notes) == ("3", "x")


async def test_the_same_value_by_two_and_elements_of_a_set_overtake_nothing(firm: Firm) -> None:
    """They do not stand in each other's way."""
    shop, dealer = await firm.shop(phone="1", visit_days={"add": ["mon"]}), await person(firm)
    days = SetChange(("tue",), ())
    await firm.desk.edit(firm.desk.rep(firm.wang, firm.east), "outlet", shop, 1, phone="2", visit_days=days)
    changes = {"phone": "2", "visit_days": SetChange(("wed",), ("mon",))}
    assert (await mend(firm.store, firm.sources, dealer, "outlet", shop, 1, changes)).overtaken == {}
    assert (await outlet(firm, shop)).visit_days == ("tue", "wed")


async def test_an_archivist_proposes_what_is_a_managers(firm: Firm) -> None:
    """A grade waits, an address is written, and what is a manager's alone is refused and leaves no letter."""
    shop, archivist = await firm.shop(), await person(firm, "档")
    done = await mend(firm.store, firm.sources, archivist, "outlet", shop, 1, {"grade": "A", "address": "一号"})
    assert done.outcome is not None
    assert done.outcome.code is OutcomeCode.PROPOSED
    assert ((await outlet(firm, shop)).grade, (await outlet(firm, shop)).address) == ("C", "一号")
    async with firm.store.read() as tx:
        assert [(one.staff, dict(one.changes)) for one in await listed(tx)] == [(archivist.id, {"grade": "A"})]
    with pytest.raises(Refusal, match="not_yours"):
        await mend(firm.store, firm.sources, archivist, "outlet", shop, 2, {"review": "refused"})


async def test_a_contact_is_added_at_its_outlet(firm: Firm) -> None:
    """And nowhere else; what is too long is refused."""
    shop, dealer = await firm.shop(), await person(firm)
    done = await add(firm.store, firm.sources, dealer, "contact", {"outlet": shop, "name": "张三"})
    assert done.record in await firm.desk.records(scopes.territory(firm.east))
    for fields in ({"outlet": firm.desk.id(), "name": "张三"}, {"outlet": shop, "name": "长" * 121}):
        with pytest.raises(Refusal):
            await add(firm.store, firm.sources, dealer, "contact", fields)

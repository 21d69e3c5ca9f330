"""Informing customers and closing formalities: by whom, how, and until nothing is open."""

from __future__ import annotations

from uuid import UUID

import pytest

from server.departure.leaving.checklist import Point, listed, remind
from server.departure.leaving.formalities import see_to
from server.departure.leaving.informing import Progress, Word, inform
from server.identity import channels
from server.identity.channels import ChannelKind
from server.master import inbox
from sync.errors import Refusal
from tests.server.departure.ground import Ground
from tests.server.departure.office import Office
from tests.server.departure.test_notice import carry_out_due, given, matters, person, told


@pytest.fixture
def ground(office: Office) -> Ground:
    """Where the office's people work."""
    return Ground(office)


async def say(office: Office, outlets: list[UUID], number: str = "13800000009", by: UUID | None = None) -> Progress:
    """Somebody informs these outlets."""
    async with office.store.write() as tx:
        return await inform(tx, office.wang, outlets, Word(by or office.li, number), office.sources)


async def issue(office: Office, number: str, to: UUID | None) -> None:
    """A company phone for somebody."""
    async with office.store.write() as tx:
        await channels.add(tx, ChannelKind.PHONE, number, to, office.sources)


async def test_customers_are_informed_by_a_colleague_over_a_company_channel(office: Office, ground: Ground) -> None:
    """Key outlets first on the list; who, when and how is kept; when all are, the item is ticked off."""
    small, key = (
        await ground.outlet(office.east, "小店", grade="C"),
        await ground.outlet(office.west, "大店", grade="A"),
    )
    await ground.write("visit", by=office.wang, outlet=small)
    await given(office)
    await issue(office, "13800000009", office.li)
    assert [one.id for one in (await told(office)).waiting] == [key, small]
    office.clock.tick()
    assert [one.id for one in (await say(office, [key])).waiting] == [small]
    done = await say(office, [small])
    assert (done.waiting, done.total) == ((), 2)
    assert [(one.by, one.at) for one in done.done] == [(office.li, office.clock())] * 2
    async with office.store.read() as tx:
        points = {one.point: one.done_by for one in await listed(tx, office.wang)}
    assert points[Point.CUSTOMERS] == office.li
    assert [kind for kind, _ in await office.journal()].count("customers_informed") == 2


async def test_never_by_the_leaver_and_never_by_a_private_number(office: Office, ground: Ground) -> None:
    """Nor by a channel that is still in the leaver's hands, nor for an outlet that is not theirs."""
    shop, other = await ground.outlet(office.east, "小店"), await ground.outlet(office.west, "大店")
    await given(office)
    await issue(office, "13800000001", office.wang)
    await issue(office, "13800000009", office.li)
    asked = [
        ([shop], "13800000009", office.wang, "not_yours"),
        ([shop], "13800000001", office.li, "not_yours"),
        ([shop], "110", office.li, "not_found"),
        ([office.company], "13800000009", office.li, "record_unknown"),
    ]
    for outlets, number, by, code in asked:
        with pytest.raises(Refusal) as caught:
            await say(office, outlets, number, by)
        assert caught.value.code == code
    assert {one.id for one in (await told(office)).waiting} == {shop, other}


async def test_the_hour_holds_even_if_customers_were_not_informed(office: Office, ground: Ground) -> None:
    """The inbox says how many; informing goes on after the cut-off until it is done."""
    shop = await ground.outlet(office.east, "大店", grade="A")
    office.clock.ms = (await given(office)).last_at
    await carry_out_due(office.means)
    assert (await matters(office))[
        "customers_not_informed"
    ] == "1 customers (1 key outlets) have not been told that 王芳 left"
    await issue(office, "13800000009", office.li)
    assert (await say(office, [shop])).waiting == ()
    assert "customers_not_informed" not in await matters(office)


async def test_formalities_close_when_everything_is_seen_to(office: Office, ground: Ground) -> None:
    """Each item takes a person; customers who were not informed take a reason; the inbox item goes with the last."""
    await ground.outlet(office.east, "小店")
    await given(office)
    who = await person(office, office.wang)

    async def tick(point: Point, by: UUID, **more: str) -> bool:
        async with office.store.write() as tx:
            return await see_to(tx, who, point, office.sources, by=by, **more)

    with pytest.raises(Refusal, match="own departure"):
        await tick(Point.DEVICES, office.wang)
    with pytest.raises(Refusal, match="one of these reasons"):
        await tick(Point.INTERVIEW, office.li, code="none of yours")
    with pytest.raises(Refusal, match="have not been informed"):
        await tick(Point.CUSTOMERS, office.li)
    assert await tick(Point.INTERVIEW, office.li, code="pay")
    assert await tick(Point.CUSTOMERS, office.li, said="closed for good")
    for point in (Point.DEVICES, Point.NUMBERS, Point.RETURN_STATEMENT):
        assert await tick(point, office.li)
    assert (await matters(office))["leaving_checklist"].endswith(": allowance agreed and paid")
    assert await tick(Point.ALLOWANCE, office.li)
    assert not await tick(Point.ALLOWANCE, office.li)
    assert await matters(office) == {}


async def test_what_somebody_settled_comes_back_while_items_are_open(office: Office) -> None:
    """The inbox forgets no formality; a second look changes nothing."""
    await given(office)
    async with office.store.write() as tx:
        (item,) = await inbox.listed(tx)
        await inbox.settle(tx, item.id, "later", office.sources)
    await remind(office.store, office.sources)
    await remind(office.store, office.sources)
    async with office.store.read() as tx:
        assert [one.times for one in await inbox.listed(tx)] == [1]

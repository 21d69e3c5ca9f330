"""Key outlets have more than one face: who counts as one, who is asked to be next, and how often."""

from __future__ import annotations

from uuid import UUID

from server.field.second_faces import faces_seen, propose_faces
from server.identity import territories
from server.master.people import staff
from sync.operations import Act
from sync.records import Task
from tests.server.firm import Firm

DAY = 86_400_000


async def asked(firm: Firm, who: UUID) -> list[tuple[UUID | None, str]]:
    """The tasks that somebody has, after the rule of the day has looked."""
    async with firm.store.write() as tx:
        await propose_faces(tx, await firm.ground())
    return sorted((one.outlet, one.status) for one in await firm.own(who, Task) if one.kind == "second_face")


async def test_a_colleague_is_asked_once_where_only_one_is_in_contact(firm: Firm) -> None:
    """Of key outlets; where nobody is in contact yet, it is no second face that is missing."""
    alone, plain = await firm.shop("甲", grade="A"), await firm.shop("乙", grade="B")
    await firm.shop("丙", grade="A")
    for shop in (alone, plain):
        await firm.does(firm.wang, "visit", outlet=shop.bytes)
    assert await asked(firm, firm.li) == await asked(firm, firm.li) == [(alone, "open")]
    assert await asked(firm, firm.sun) == []
    await firm.does(firm.li, "contact_report", outlet=alone.bytes, said="认识了店主")
    assert await asked(firm, firm.li) == [(alone, "done")]


async def test_a_face_is_who_visited_took_an_order_or_reported_a_contact(firm: Firm) -> None:
    """Companions too; on the last of the days; not who has left."""
    shop = await firm.shop(grade="A")
    since = firm.desk.now - 180 * DAY
    await firm.does(firm.wang, "visit", outlet=shop.bytes, companions=[firm.dealer.bytes], at=since)
    await firm.does(firm.sun, "visit", outlet=shop.bytes, at=since - 1)
    await firm.does(firm.li, "order", outlet=shop.bytes, lines=[])
    async with firm.store.write() as tx:
        assert (await faces_seen(tx, since))[shop] == {firm.wang, firm.dealer, firm.li}
        await tx.execute(staff.update().where(staff.c.id == firm.li.bytes).values(status="departed"))
        assert (await faces_seen(tx, since))[shop] == {firm.wang, firm.dealer}


async def test_prospects_come_first_and_nobody_is_asked_for_more_than_five(firm: Firm) -> None:
    """The service people come next, and each outlet has one who is asked."""
    buyers = [await firm.shop(f"店{number}", grade="A") for number in range(6)]
    prospect = await firm.shop("洽谈中", grade="A", status="prospect")
    for shop in (*buyers, prospect):
        await firm.does(firm.wang, "visit", outlet=shop.bytes)
    mine = await asked(firm, firm.li)
    theirs = await asked(firm, firm.sun)
    assert (len(mine), len(theirs)) == (5, 2)
    assert (prospect, "open") in mine
    assert not {one for one, _ in mine} & {one for one, _ in theirs}


async def test_what_was_done_before_the_customer_closed_asks_nobody(firm: Firm) -> None:
    """A closed outlet needs no face."""
    shop = await firm.shop(grade="A")
    await firm.does(firm.wang, "visit", outlet=shop.bytes)
    await firm.desk.submit(firm.desk.manager(), firm.desk.operation(Act.EDIT, "outlet", shop, base=1, status="closed"))
    assert await asked(firm, firm.li) == []


async def test_who_was_asked_and_is_off_the_roster_stands_in_nobodys_way(firm: Firm) -> None:
    """As after a transfer or a departure: somebody else of the roster is asked."""
    shop = await firm.shop(grade="A")
    await firm.does(firm.wang, "visit", outlet=shop.bytes)
    assert await asked(firm, firm.li) == [(shop, "open")]
    async with firm.store.write() as tx:
        await territories.unassign(tx, firm.east, firm.li, firm.sources)
    assert await asked(firm, firm.sun) == await asked(firm, firm.sun) == [(shop, "open")]

"""Registrations that nobody else ever saw are asked about once, and settled where something speaks for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from server.field.invented import INVENTED, ask_about_invented
from server.field.policies import policies_of
from server.master.inbox import Item, listed
from sync.ids import new_id
from sync.operations import Act
from sync.positions import Position
from tests.server.field.registration.office import WHOLE, Office

DAY = 86_400_000


async def asked(office: Office, *, is_open: bool = True) -> list[Item]:
    """Let the rule look, and list what is asked."""
    async with office.desk.store.write() as tx:
        await ask_about_invented(tx, replace(office.ground, policies=await policies_of(tx)))
        return await listed(tx, kind=INVENTED, is_open=is_open)


async def registered(office: Office, name: str = "无名小店", **fields: Any) -> UUID:
    """A shop that Wang registers now."""
    outlet = new_id(office.desk.now, office.desk.random.randbytes(10))
    desk = office.desk
    made = desk.operation(Act.CREATE, "outlet", outlet, scope=office.scope, name=name, **WHOLE | fields)
    assert (await desk.submit(desk.rep(office.wang, office.east), made))[0].code == "applied"
    await office.look()
    return outlet


async def visit(office: Office, person: UUID, outlet: UUID, **fields: Any) -> None:
    """A visit at the place itself, unless it says otherwise."""
    said = {"outlet": outlet.bytes, "position": WHOLE["position"], "duration_s": 600} | fields
    made = office.desk.operation(Act.CREATE, "visit", office.desk.id(), **said)
    assert (await office.desk.submit(office.desk.rep(person, office.east), made))[0].code == "applied"
    await office.look()


async def test_a_shop_that_only_its_registrar_claims_to_have_seen_is_asked_about_once(office: Office) -> None:
    """After a week, not before; and not again when a manager has settled it."""
    outlet = await registered(office)
    await visit(office, office.wang, outlet, mock=True)
    office.desk.now += 6 * DAY
    assert await asked(office) == []
    office.desk.now += DAY
    (item,) = await asked(office)
    assert (item.matter.about, item.matter.staff) == (outlet, office.wang)
    assert [one.id for one in await asked(office)] == [item.id]


async def test_an_undoubted_visit_of_somebody_else_settles_it(office: Office) -> None:
    """A doubtful one does not."""
    outlet = await registered(office)
    office.desk.now += 7 * DAY
    assert len(await asked(office)) == 1
    await visit(office, office.li, outlet, position=Position(39.95, 116.4074))
    assert len(await asked(office)) == 1
    office.desk.now += DAY
    await visit(office, office.li, outlet)
    assert await asked(office) == []
    assert len(await asked(office, is_open=False)) == 1


async def test_what_was_ordered_or_merely_has_one_sign_is_not_asked_about(office: Office) -> None:
    """An order speaks for a shop; a photo, a contact and a good visit of the registrar's leave too little."""
    bought = await registered(office, "买货店")
    order = office.desk.operation(Act.CREATE, "order", office.desk.id(), outlet=bought.bytes)
    assert (await office.desk.submit(office.desk.rep(office.wang, office.east), order))[0].code == "applied"
    shown = await registered(office, "有照片店", position=Position(39.91, 116.41))
    await office.front(office.wang, shown)
    await visit(office, office.wang, shown, position=Position(39.91, 116.41))
    office.desk.now += 8 * DAY
    assert await asked(office) == []


async def test_what_stands_no_more_is_asked_about_no_more(office: Office) -> None:
    """Refused with the manager's own word, or closed: the question is settled with it."""
    first, second = await registered(office), await registered(office, "另一小店")
    office.desk.now += 7 * DAY
    assert len(await asked(office)) == 2
    await office.decide("refuse", first, reason="查无此店")
    await office.desk.edit(office.desk.manager(), "outlet", second, 9, status="closed")
    assert await asked(office) == []
    assert len(await asked(office, is_open=False)) == 2


async def test_a_verification_that_was_amended_confirms_nothing(office: Office) -> None:
    """Whoever wrote *confirmed* by mistake has put it right."""
    outlet = await registered(office)
    first = office.desk.id()
    said: dict[str, Any] = {"outlet": outlet.bytes, "quarter": "2027Q1", "means": "phone"}
    amending: dict[str, Any] = {"confirmed": False, "amends": first.bytes}
    more: dict[str, Any]
    for record, more in ((first, {}), (office.desk.id(), amending)):
        made = office.desk.operation(Act.CREATE, "verification", record, **said, **more)
        assert (await office.desk.submit(office.desk.manager(), made))[0].code == "applied"
    office.desk.now += 7 * DAY
    assert [one.matter.about for one in await asked(office)] == [outlet]

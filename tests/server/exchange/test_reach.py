"""What no operation can name: people, devices, rosters, leases, orders, and every field that is not a rep's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import Table, select

from server.departure.cutoff import lose_device
from server.identity import devices as device_rows
from server.master.actors import Actor, Authority, Rights
from server.master.departures import receipts, wipe_orders
from server.master.people import devices, enrolments, holdings, pools, rosters, staff, territories
from server.master.tables import METADATA, operations
from sync.clock import Moment
from sync.codec import encode
from sync.messages import Standing
from sync.operations import Act, Operation, changes_of
from sync.outcomes import OutcomeCode
from sync.records import COLLECTIONS, Collection, Home
from sync.rules import Merge, Writer
from sync.scopes import COMPANY, teasers
from sync.scopes import staff as staff_scope
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import contact, count, outlets

OURS: tuple[Table, ...] = (enrolments, pools, receipts, rosters, staff, territories, wipe_orders)
NOT_A_REPS = {Writer.MANAGER, Writer.SERVER}
DEVICE = ("id", "staff", "enrolment", "public_key", "standing", "enrolled_at", "confirmed_at", "lease_share")


async def picture(company: Company) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that only the rooms above write, as it is now."""
    async with company.desk.store.read() as tx:
        found = {
            one.name: [tuple(row) for row in await tx.execute(select(one).order_by(*one.primary_key))] for one in OURS
        }
        columns = [getattr(devices.c, name) for name in DEVICE]
        found["devices"] = [tuple(row) for row in await tx.execute(select(*columns).order_by(devices.c.id))]
        return found


def owned(one: Collection, shop: UUID) -> dict[str, Any]:
    """The fields of a collection that no rep writes, each with a value that would be right."""
    kinds = {field.name: field for field in msgspec.structs.fields(one.type)}
    rules = one.rules.items()
    closed = {name for name, rule in rules if rule.merge is Merge.DERIVED or rule.write in NOT_A_REPS}
    return {name: _specimen(kinds[name], shop) for name in sorted(closed)}


def least(one: Collection, shop: UUID) -> dict[str, Any]:
    """What a record cannot be without, and what no rep writes of it as far as the server does; at the outlet."""
    given = {name: value for name, value in owned(one, shop).items() if one.rule(name).merge is not Merge.DERIVED}
    needed = [field for field in msgspec.structs.fields(one.type)[1:] if field.required and field.name not in given]
    return given | {field.name: shop if field.name == "outlet" else _specimen(field, shop) for field in needed}


def _specimen(field: msgspec.structs.FieldInfo, shop: UUID) -> Any:
    if field.default is not msgspec.NODEFAULT and field.default is not None:
        return field.default
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return next(one for one in ("x", "#aa0000", "other", 1, True, shop, None) if _fits(one, field.type))


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


async def there(company: Company, shop: UUID) -> dict[str, UUID]:
    """A record of every collection that is not made at an outlet, and the outlet's own, all on the rep's phone."""
    person, private = await contact(company, shop)
    made = {"outlet": shop, "contact": person, "contact_private": private}
    places = {Home.COMPANY: COMPANY, Home.STAFF: staff_scope(company.wang), Home.NAMED: teasers(company.pool)}
    ours = Actor(bytes(16), Rights(Authority.SERVER), COMPANY)
    for one in COLLECTIONS.values():
        if one.name in made or one.append_only:
            continue
        made[one.name], fields = company.desk.id(), changes_of(**least(one, shop))
        moment, place = Moment("", 0, company.desk.now), places.get(one.home)
        body = Operation(company.desk.id(), Act.CREATE, one.name, made[one.name], 0, moment, place, fields)
        (outcome,) = await company.desk.submit(ours, body)
        assert outcome.code is OutcomeCode.APPLIED, (one.name, outcome)
    return made


async def refused(phone: Phone) -> list[str]:
    """Hand everything in and say the reason of each refusal; nothing else came of it."""
    reasons = []
    while phone.bodies[phone.acknowledged :]:
        reply = await phone.ask()
        assert {one.code for one in reply.head.outcomes} == {OutcomeCode.REFUSED}
        reasons += [one.reason for one in reply.head.outcomes]
        phone.take(reply)
    return reasons


async def test_no_table_of_the_store_can_be_named_by_an_operation(company: Company) -> None:
    """Devices, staff, rosters, leases, wipe orders, the feed itself: whatever is asked of them is a dead letter."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    before = await picture(company)
    named = sorted({*METADATA.tables, *(name.rstrip("s") for name in METADATA.tables), "lease"} - COLLECTIONS.keys())
    for name in named:
        for act in Act:
            for record in (wang.device, company.wang, shop):
                wang.log(act, name, record, base=1, scope=f"staff/{company.wang}", standing="active", status="active")
    reasons = await refused(wang)
    assert set(reasons) == {"unknown_collection"}
    assert len(reasons) == 3 * len(named) * len(Act)
    assert await picture(company) == before


async def test_no_field_that_is_the_servers_or_a_managers_can_be_written_by_a_rep(company: Company) -> None:
    """Fields are allow-listed: every other one is refused, alone or in a crowd, on new records and on old ones."""
    (shop,) = await outlets(company, company.east, 1)
    made = await there(company, shop)
    wang = await company.phone(company.wang)
    await wang.sync()
    before = wang.digests()
    tried = 0
    for one in COLLECTIONS.values():
        for field, value in owned(one, shop).items():
            for act in (Act.CREATE, Act.EDIT):
                record = made.get(one.name, wang.id()) if act is Act.EDIT else wang.id()
                changes = changes_of(**{field: value})
                body = Operation(wang.id(), act, one.name, record, 1, wang.moment, company.east_scope, changes)
                wang.bodies.append(encode(body))
                tried += 1
    reasons = await refused(wang)
    assert len(reasons) == tried > 60
    assert set(reasons) <= {"not_yours", "never_changed", "unknown_field"}
    await wang.sync()
    own = staff_scope(company.wang)
    after = wang.digests()
    assert {name: one for name, one in after.items() if name != own} == {
        name: one for name, one in before.items() if name != own
    }
    assert wang.records(own)[made["score"]] is not None


@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.DEPARTED])
async def test_a_device_cannot_bring_itself_back(company: Company, standing: Standing) -> None:
    """Whatever a device that was ended says of itself, it stays ended, and nothing that it hands in is applied."""
    (shop,) = await outlets(company, company.east, 1)
    wang = await company.phone(company.wang)
    await wang.sync()
    if standing is Standing.DEPARTED:
        await lose_device(company.means.departure, wang.device)
    else:
        async with company.desk.store.write() as tx:
            await device_rows.suspend(tx, wang.device, "a test", company.means.departure.sources)
    before, known = await picture(company), await count(company, operations)
    wang.log(Act.EDIT, "devices", wang.device, base=1, standing="active", lease_share=bytes(32))
    wang.log(Act.CREATE, "rosters", wang.id(), territory=company.east, staff=company.wang)
    wang.log(Act.EDIT, "outlet", shop, base=1, notes="still here")
    for changes in ({}, {"cursors": {}, "lease": 0}, {"wants": {company.east_scope: (shop.bytes,)}}):
        reply = await wang.ask(**changes)
        assert reply.head.standing is standing
        assert reply.head.lease is None
        assert not reply.gives
    assert await picture(company) == before
    assert await count(company, operations) == known
    assert await count(company, holdings) > 0

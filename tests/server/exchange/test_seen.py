"""The server looks for itself whether a device holds what it was given; what a phone says of it stands beside."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import event

from server.identity import devices
from server.identity.devices import Device
from sync.messages import Condition
from sync.operations import Act
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import boss, outlets

MINUTE = 60_000
LATER = 11 * MINUTE


async def kept(company: Company, phone: Phone) -> Device:
    """What the store keeps of a phone."""
    async with company.desk.store.read() as tx:
        found = await devices.find(tx, phone.device)
    assert found is not None
    return found


async def told(company: Company, phone: Phone, **changes: Any) -> Device:
    """A phone that tells its digests, as one does that has had a checkpoint; what is kept of it then."""
    phone.take(await phone.ask(digests=phone.digests(), **changes))
    return await kept(company, phone)


@pytest.fixture
async def wang(company: Company) -> Phone:
    """A phone with three outlets that has had its first checkpoint, eleven minutes ago."""
    await outlets(company, company.east, 3)
    phone = await company.phone(company.wang)
    await phone.sync()
    company.desk.now += LATER
    return phone


async def test_equal_digests_are_noted_and_a_checkpoint_alone_is_not(company: Company, wang: Phone) -> None:
    """That an answer was a checkpoint shows nothing: it may never have arrived."""
    assert (await kept(company, wang)).verified_at is None
    assert (await told(company, wang)).verified_at == company.desk.now
    before = company.desk.now
    company.desk.now += LATER
    wang.take(await wang.ask())
    found = await kept(company, wang)
    assert (found.verified_at, found.last_contact) == (before, company.desk.now)


async def test_what_came_in_between_does_not_hide_what_was_held(company: Company, wang: Phone) -> None:
    """In a territory where somebody always writes, digests are held against the last checkpoint that was given."""
    (shop,) = await outlets(company, company.east, 1)
    found = await told(company, wang)
    assert (found.verified_at, found.apart) == (company.desk.now, None)
    company.desk.now += LATER
    await company.desk.edit(boss(company), "outlet", shop, 1, notes="新")
    assert (await told(company, wang)).verified_at == company.desk.now


async def test_a_row_that_differs_is_seen_at_once_and_forgotten_once_it_is_mended(
    company: Company, wang: Phone
) -> None:
    """Since when stands until the digests are equal; no contact in between makes it younger or verified."""
    right = wang.digests()
    wrong = right | {company.east_scope: bytes(16)}
    began = company.desk.now
    for _ in range(3):
        wang.take(await wang.ask(digests=wrong))
        found = await kept(company, wang)
        assert (found.apart, found.apart_since, found.verified_at) == (company.east_scope, began, None)
        company.desk.now += MINUTE
    company.desk.now += LATER
    found = await told(company, wang)
    assert (found.apart, found.apart_since, found.verified_at) == (None, None, company.desk.now)


async def test_a_wrong_body_under_what_came_since_is_not_called_equal(company: Company, wang: Phone) -> None:
    """Neither right nor wrong can be shown of a scope that moved on: it is not judged, and nothing is verified."""
    wrong = wang.digests() | {company.east_scope: bytes(16)}
    await outlets(company, company.east, 1)
    wang.take(await wang.ask(digests=wrong))
    found = await kept(company, wang)
    assert (found.verified_at, found.apart) == (None, None)


async def test_digests_of_another_history_show_nothing(company: Company, wang: Phone) -> None:
    """An epoch is part of each digest."""
    await wang.ask(digests=wang.digests(), epoch=b"epoch-00", cursors={})
    assert (await kept(company, wang)).verified_at is None


async def test_what_a_phone_says_of_itself_is_kept_where_it_changed(company: Company, wang: Phone) -> None:
    """The version, damaged files and rebuilt replicas: at once when they change, and as text that any store takes."""
    fine = Condition("1.2.3", 5, 6)
    found = await told(company, wang, condition=fine)
    assert (found.sdk, found.said_verified_at, found.damaged, found.rebuilt) == ("1.2.3", 5, "", 0)
    hurt = Condition("1.2.3\x00 ", 5, 6, (company.east_scope,), ("outbox.db", "re\x00plica.db"), 2)
    found = await told(company, wang, condition=hurt)
    assert (found.sdk, found.differing) == ("1.2.3", company.east_scope)
    assert (found.damaged, found.rebuilt) == ("outbox.db replica.db", 2)


async def test_a_condition_that_stays_the_same_writes_nothing(company: Company, wang: Phone) -> None:
    """Not even with digests: what is as it was ten minutes ago is not written again."""
    condition = Condition("1.2.3", 5, 6)
    await told(company, wang, condition=condition)
    written: list[str] = []

    def watch(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        written.append(statement)

    event.listen(company.desk.store._writer.sync_engine, "before_cursor_execute", watch)
    company.desk.now += MINUTE
    later = msgspec.structs.replace(condition, verified_at=7, checked_at=8)
    await wang.ask(digests=wang.digests(), condition=later)
    assert written == []


async def test_pending_is_what_the_device_said_last(company: Company, wang: Phone) -> None:
    """Work that was told of and not sent counts, and no longer once it came."""
    (shop,) = [one.id for one in (await company.desk.records(company.east_scope)).values()][:1]
    for _ in range(3):
        wang.log(Act.CREATE, "visit", wang.id(), outlet=shop.bytes)
    wang.take(await wang.ask(operations=()))
    assert (await kept(company, wang)).pending == 3
    company.desk.now += MINUTE
    await wang.sync()
    assert (await kept(company, wang)).pending == 0

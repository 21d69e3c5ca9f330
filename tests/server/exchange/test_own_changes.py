"""What a device did itself comes back without a body, where it can foresee every byte; else whole."""

from __future__ import annotations

from uuid import UUID

import pytest

from server.exchange.serve import Reply
from server.master.feed import read_heads, read_slice
from sync.codec import peek
from sync.digest import short_hash
from sync.messages import Light, Row
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.records import Stock
from sync.versions import SCHEMA
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import outlets


@pytest.fixture
async def wang(company: Company) -> Phone:
    """A phone in step, with two outlets."""
    company.extra = dict(zip(("shop", "other"), await outlets(company, company.east, 2), strict=True))
    phone = await company.phone(company.wang)
    await phone.sync()
    return phone


async def answer(phone: Phone, schema: int = SCHEMA) -> Reply:
    """The answer to what the phone would send now."""
    return await phone.ask(schema=schema)


def light(reply: Reply) -> dict[bytes, Light]:
    """What came without a body."""
    return {one.record: one for page in reply.page.scopes for one in page.light}


def whole(reply: Reply) -> set[bytes]:
    """What came of the territory with one; a visit without a position makes a rule write to the rep besides."""
    pages = [page for page in reply.page.scopes if page.scope.startswith("territory/")]
    return {peek(row.packed)[1] for page in pages for row in page.rows}


async def stored(company: Company, record: UUID) -> Row:
    """A record of the eastern territory as the feed has it."""
    async with company.desk.store.read() as tx:
        head = (await read_heads(tx, [company.east_scope]))[company.east_scope]
        rows = (await read_slice(tx, head, 0, 1 << 30)).rows
    return next(row for row in rows if peek(row.packed)[1] == record.bytes)


async def test_own_clean_work_comes_back_by_id_version_and_hash(company: Company, wang: Phone) -> None:
    """An edit, a new outlet, a visit and the outlet whose stock it moved: nothing of it is sent back."""
    shop, other = company.extra["shop"], company.extra["other"]
    new, visit = wang.id(), wang.id()
    wang.log(Act.EDIT, "outlet", shop, base=1, phone="13800000001")
    wang.log(Act.CREATE, "outlet", new, scope=company.east_scope, name="新店")
    wang.log(Act.CREATE, "visit", visit, outlet=other, notes="来过", stock=[Stock("SKU-1", 3, 1)])
    reply = await answer(wang)
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.APPLIED] * 3
    assert whole(reply) == set()
    assert set(light(reply)) == {one.bytes for one in (shop, other, new, visit)}
    for record in (shop, other, new, visit):
        row, told = await stored(company, record), light(reply)[record.bytes]
        assert (told.version, told.revision, told.hash) == (row.version, row.revision, short_hash(row.packed))
    assert reply.tail.checkpoint


async def test_what_a_colleague_had_changed_comes_whole(company: Company, wang: Phone) -> None:
    """The phone has not seen it: not the record that was merged, and not one where both wrote the same."""
    shop, other, desk = company.extra["shop"], company.extra["other"], company.desk
    await desk.edit(desk.manager(), "outlet", shop, 1, address="解放路 1 号")
    wang.log(Act.EDIT, "outlet", shop, base=1, phone="13800000001")
    wang.log(Act.EDIT, "outlet", other, base=1, phone="13800000002")
    reply = await answer(wang)
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.MERGED, OutcomeCode.APPLIED]
    assert (whole(reply), set(light(reply))) == ({shop.bytes}, {other.bytes})


async def test_a_visit_to_an_outlet_that_changed_meanwhile_foresees_only_itself(company: Company, wang: Phone) -> None:
    """The visit is as the phone made it; the outlet is not as it had it."""
    shop, desk, visit = company.extra["shop"], company.desk, wang.id()
    await desk.edit(desk.manager(), "outlet", shop, 1, address="解放路 1 号")
    wang.log(Act.CREATE, "visit", visit, outlet=shop, stock=[Stock("SKU-1", 3, 1)])
    reply = await answer(wang)
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.APPLIED], reply.head.outcomes
    assert (whole(reply), set(light(reply))) == ({shop.bytes}, {visit.bytes})


async def test_what_was_only_proposed_or_refused_in_part_comes_whole(company: Company, wang: Phone) -> None:
    """A grade is the manager's to give; a later clean edit of the same record does not make it foreseeable."""
    shop = company.extra["shop"]
    wang.log(Act.EDIT, "outlet", shop, base=1, grade="A", notes="要升级")
    wang.log(Act.EDIT, "outlet", shop, base=1, phone="13800000001")
    reply = await answer(wang)
    assert [one.code for one in reply.head.outcomes] == [OutcomeCode.PROPOSED, OutcomeCode.APPLIED]
    assert (whole(reply), light(reply)) == ({shop.bytes}, {})


async def test_an_answer_that_was_lost_is_given_whole_when_it_is_asked_for_again(company: Company, wang: Phone) -> None:
    """The second time the server did nothing, and does not know what the phone has made of it since."""
    shop = company.extra["shop"]
    wang.log(Act.EDIT, "outlet", shop, base=1, phone="13800000001")
    lost = await answer(wang)
    assert set(light(lost)) == {shop.bytes}
    again = await answer(wang)
    assert again.head.outcomes == lost.head.outcomes
    assert (whole(again), light(again)) == ({shop.bytes}, {})


@pytest.mark.parametrize("schema", [SCHEMA - 1, SCHEMA + 1])
async def test_a_phone_that_packs_records_otherwise_is_told_them_whole(
    company: Company, wang: Phone, schema: int
) -> None:
    """Its bytes would not be ours."""
    wang.log(Act.EDIT, "outlet", company.extra["shop"], base=1, phone="13800000001")
    reply = await answer(wang, schema)
    assert (whole(reply), light(reply)) == ({company.extra["shop"].bytes}, {})


async def test_a_phone_that_begins_a_scope_is_told_it_whole(company: Company, wang: Phone) -> None:
    """Without a cursor it has nothing that its work could be laid over."""
    wang.log(Act.EDIT, "outlet", company.extra["shop"], base=1, phone="13800000001")
    reply = await wang.ask(schema=SCHEMA, cursors={})
    assert company.extra["shop"].bytes in whole(reply)
    assert light(reply) == {}

"""Brief answers: changes in place of whole records, for a phone that asks for them and has what they are changes of."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from server.exchange.serve import Reply
from sync.codec import peek
from sync.messages import Patch
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.patches import laid_over
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


def patches(reply: Reply) -> dict[bytes, Patch]:
    """What came as changes."""
    return {one.record: one for page in reply.page.scopes for one in page.patches}


def whole(reply: Reply) -> set[bytes]:
    """What came whole."""
    return {peek(row.packed)[1] for page in reply.page.scopes for row in page.rows}


async def edit(company: Company, record: UUID, base: int, **fields: object) -> None:
    """Edit an outlet as the manager does."""
    await company.desk.edit(company.desk.manager(), "outlet", record, base, **fields)


async def test_what_changed_once_comes_as_its_changes(company: Company, wang: Phone) -> None:
    """Laid over the phone's row they are the record as it comes whole, to the byte."""
    shop = company.extra["shop"]
    held = wang.rows[company.east_scope][shop.bytes]
    await edit(company, shop, 1, notes="门口修路", phone="13900000009")
    brief, plain = await wang.ask(brief=True), await wang.ask()
    patch = patches(brief)[shop.bytes]
    (row,) = plain.page.scopes[0].rows
    assert (whole(brief), patches(plain)) == (set(), {})
    assert (patch.since, patch.version, patch.revision) == (held.version, row.version, row.revision)
    assert len(patch.changes) == 2
    assert laid_over(held.packed, patch.changes) == row.packed
    assert brief.tail == plain.tail


async def test_changes_of_one_batch_are_one_change(company: Company, wang: Phone) -> None:
    """Several operations, one version."""
    shop, desk = company.extra["shop"], company.desk
    edits = [desk.operation(Act.EDIT, "outlet", shop, base=1, **one) for one in ({"notes": "一"}, {"phone": "1"})]
    await desk.submit(desk.manager(), *edits)
    assert set(patches(await wang.ask(brief=True))) == {shop.bytes}


async def test_what_changed_more_than_once_since_comes_whole(company: Company, wang: Phone) -> None:
    """Only the latest change is kept, and it is of something that the phone does not have."""
    shop = company.extra["shop"]
    await edit(company, shop, 1, notes="一")
    await edit(company, shop, 2, notes="二")
    reply = await wang.ask(brief=True)
    assert (whole(reply), patches(reply)) == ({shop.bytes}, {})


async def test_what_is_new_here_comes_whole(company: Company, wang: Phone) -> None:
    """A new outlet, and one that moved here: the phone has nothing of them."""
    (new,) = await outlets(company, company.east, 1)
    (moved,) = await outlets(company, company.west, 1)
    desk = company.desk
    move = desk.operation(Act.MOVE, "outlet", moved, base=1, scope=company.east_scope)
    assert [one.code for one in await desk.submit(desk.manager(), move)] == [OutcomeCode.APPLIED]
    reply = await wang.ask(brief=True)
    assert (whole(reply), patches(reply)) == ({new.bytes, moved.bytes}, {})


async def test_a_first_sync_has_no_changes_in_it(company: Company, wang: Phone) -> None:
    """Who begins has nothing."""
    await edit(company, company.extra["shop"], 1, notes="一")
    reply = await wang.ask(brief=True, cursors={})
    assert company.extra["shop"].bytes in whole(reply)
    assert patches(reply) == {}


async def test_a_brief_outcome_names_no_operation_but_a_refused_one(company: Company, wang: Phone) -> None:
    """The phone knows the others by their numbers."""
    shop, ids = company.extra["shop"], [wang.id(), wang.id()]
    wang.log(Act.EDIT, "outlet", shop, base=1, notes="一")
    wang.log(Act.EDIT, "outlet", ids[0], base=1, notes="there is no such outlet")
    full = await wang.ask()
    brief = await wang.ask(brief=True)
    assert [one.code for one in brief.head.outcomes] == [OutcomeCode.APPLIED, OutcomeCode.REFUSED]
    assert [one.operation is None for one in brief.head.outcomes] == [True, False]
    assert full.head.outcomes[1] == brief.head.outcomes[1]
    assert brief.head.outcomes[0] == msgspec.structs.replace(full.head.outcomes[0], operation=None)

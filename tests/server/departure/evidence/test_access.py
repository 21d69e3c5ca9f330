"""The access ledger: what it holds, in the order of time, and what it leaves to others."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.departure.evidence.access import Access, ledger_of, note_access
from server.departure.evidence.exposure import exposure_of
from server.field.export import export_outlets
from server.master.store import Store
from sync.errors import Refusal
from sync.operations import Act
from tests.server.departure.evidence.case import Case, whole_case
from tests.server.exchange.conftest import Company


@pytest.fixture
async def case(store: Store, tmp_path: Path) -> Case:
    """A rep who worked, signed and left."""
    return await whole_case(store, tmp_path)


async def ledger(company: Company) -> list[Access]:
    """Wang's ledger."""
    async with company.desk.store.read() as tx:
        return await ledger_of(tx, company.wang, await exposure_of(tx, company.wang))


async def test_it_has_enrolment_openings_photos_exports_and_the_departure(case: Case) -> None:
    """Each with its time, in order; an export that was refused is there, and one by somebody else is not."""
    company = case.company
    sources = company.means.departure.sources
    with pytest.raises(Refusal):
        await export_outlets(company.desk.store, sources, staff=company.wang)
    await export_outlets(company.desk.store, sources, staff=company.boss)
    found = await ledger(company)
    kinds = [one.kind for one in found]
    assert {"device_enrolled", "contact_opened", "photo_given", "departure", "wipe_receipt"} <= set(kinds)
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert [kind for kind in kinds if kind.startswith("export")] == ["export_refused"]


async def test_it_has_what_was_refused(company: Company) -> None:
    """An operation on an outlet of another territory is refused, and stands in the ledger with the reason."""
    shop = await company.desk.register(company.desk.manager(), company.west)
    wang = await company.phone(company.wang)
    await wang.sync()
    wang.log(Act.EDIT, "outlet", shop, base=1, phone="1")
    await wang.sync()
    (refused,) = [one for one in await ledger(company) if one.kind == "operation_refused"]
    assert (refused.detail["reason"], refused.device) == ("record_unknown", wang.device)


async def test_a_list_that_a_command_shows_is_noted_before_it_is_shown(company: Company) -> None:
    """In the chain of whoever looked, with what and how many lines."""
    async with company.desk.store.write() as tx:
        await note_access(tx, "proposals", company.wang, 3, company.means.departure.sources)
    (noted,) = [one for one in await ledger(company) if one.kind == "accessed"]
    assert (noted.detail["what"], noted.detail["lines"]) == ("proposals", 3)
    assert noted.ref is not None

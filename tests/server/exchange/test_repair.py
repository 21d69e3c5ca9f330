"""Repair: a wrong row is found and mended alone; a restored store begins anew and loses nothing."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, select

from server.master.audit import audit
from sync import digest
from sync.operations import Act
from tests.server.exchange.conftest import Company
from tests.server.exchange.ways import outlets


async def test_a_wrong_row_is_found_by_buckets_and_mended_alone(company: Company) -> None:
    """A difference is repaired by (id, version, hash), without sending the rest again."""
    shops = await outlets(company, company.east, 20)
    wang = await company.phone(company.wang)
    reply = await wang.sync()
    scope, victim = company.east_scope, shops[7].bytes
    row = wang.rows[scope][victim]
    wang.rows[scope][victim] = msgspec.structs.replace(row, packed=row.packed[:-1] + bytes([row.packed[-1] ^ 1]))
    del wang.rows[scope][shops[3].bytes]
    wang.rows[scope][b"x" * 16] = row
    assert not wang.agrees(reply)
    entries = (
        (record, digest.entry_hash(wang.epoch, one.version, one.revision, one.packed))
        for record, one in wang.rows[scope].items()
    )
    mended = await wang.ask(sums={scope: digest.bucket_sums(entries)})
    assert len(mended.page.indexes[0].light) < 20
    wang.take(mended)
    assert wang.agrees(await wang.sync())


async def test_a_store_restored_from_yesterday_begins_a_new_epoch_and_phones_bring_their_work_back(
    company: Company,
) -> None:
    """A cursor of ours that is ahead proves lost history: new epoch, reconcile by (id, version), outbox resent."""
    shops = await outlets(company, company.east, 5)
    wang = await company.phone(company.wang)
    await wang.sync()
    yesterday = await _image(company)
    wang.log(Act.EDIT, "outlet", shops[0], base=1, notes="today")
    await wang.sync()
    await _restore(company, yesterday)
    before = wang.epoch
    reply = await wang.sync()
    assert wang.epoch != before
    assert wang.agrees(reply)
    assert wang.records(company.east_scope)[shops[0]].notes == "today"  # type: ignore[attr-defined]
    async with company.desk.store.read() as tx:
        assert await audit(tx) == []


async def _image(company: Company) -> dict[str, list[dict[str, object]]]:
    from server.master.tables import METADATA  # noqa: PLC0415

    async with company.desk.store.read() as tx:
        return {
            table.name: [dict(row) for row in (await tx.execute(select(table))).mappings()]
            for table in METADATA.sorted_tables
        }


async def _restore(company: Company, image: dict[str, list[dict[str, object]]]) -> None:
    from server.master.tables import METADATA  # noqa: PLC0415

    async with company.desk.store.write() as tx:
        for table in reversed(METADATA.sorted_tables):
            await tx.execute(delete(table))
        for table in METADATA.sorted_tables:
            if image[table.name]:
                await tx.execute(table.insert(), image[table.name])

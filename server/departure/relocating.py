"""The master store moves to another database, with phones in the field; they notice nothing but a new epoch.

seal the old store → copy in one transaction of the new one → compare row by row, audit → the new epoch, in the
departures file first → settle in the old store → commit in the new one.

Until it is settled the move can be called off; from then on the old store never answers again. So at no moment can
both be the company's truth, and wherever a move is stopped, running it again ends it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import msgspec
from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy.engine import make_url

from server.departure.departures_file import EpochBegan
from server.departure.means import Means
from server.master.audit import audit
from server.master.copying import TableSum, copy_table, go_on_counting, sum_of, tables_in_order
from server.master.epochs import enter_epoch
from server.master.journal import Note, note
from server.master.meta import EPOCH_BYTES, Move, read_identity
from server.master.migrations import upgrade_in
from server.master.misfits import misfits
from server.master.schema import StoreError, check_schema
from server.master.sealing import arrived_by, read_move, seal, settle, take_over, unseal
from server.master.store import Store, Tx
from server.master.verify import verify
from sync.scopes import COMPANY

__all__ = ["Moved", "call_off", "count_rows", "move", "shown"]

_TOKEN_BYTES = 16


class Moved(msgspec.Struct, frozen=True):
    """What a move came to: where to (without a password), the new epoch, and how many rows each table has. `is_again`
    where an earlier run had done it.
    """

    to: str
    epoch: bytes
    tables: dict[str, int]
    is_again: bool = False


def shown(url: str) -> str:
    """A database's URL without its password."""
    return make_url(url).render_as_string(hide_password=True)


async def count_rows(store: Store) -> int:
    """How many rows there are to copy."""
    async with store.read() as tx:
        return sum((await _counts(tx)).values())


async def _counts(tx: Tx) -> dict[str, int]:
    counts = [(one.name, select(func.count()).select_from(one)) for one in tables_in_order()]
    return {name: (await tx.execute(count)).scalar_one() for name, count in counts}


async def move(means: Means, target: Store, told: Callable[[int], None], *, despite_faults: bool = False) -> Moved:
    """Move the store of `means` into the empty database `target`; `told` hears how many rows went with each batch.

    What was stopped half way is done again from the start. Raises StoreError and DeparturesFileError; the old store
    stays sealed then.
    """
    await check_schema(means.store)
    async with means.store.read() as tx:
        mark = await read_move(tx)
    to = shown(target.url)
    if mark is not None and mark.settled and mark.to != to:
        raise StoreError("move_elsewhere", f"the store was moved to {mark.to}", f"数据库已迁移到 {mark.to}")
    if await _is_taken(target):
        return await _found_there(target, mark, to)
    if mark is None:
        await _check(means, target, despite_faults=despite_faults)
    if mark is None or not mark.settled:
        mark = Move(means.sources.random(_TOKEN_BYTES), to)
    await means.store.transact(partial(seal, move=mark), is_repeatable=True)
    return await _copy(means, target, mark, told, despite_faults=despite_faults)


async def call_off(means: Means) -> None:
    """Take the seal off a store whose move is not settled. Raises StoreError.

    The mark gets another name first, so that a copy that is under way cannot settle any more and lets go of the tables.
    """

    async def rename(tx: Tx) -> Move:
        mark = await read_move(tx, is_locked=True)
        if mark is None:
            raise StoreError("move_none", "the store is not being moved", "数据库没有在迁移")
        if mark.settled:
            raise StoreError(
                "move_settled", f"the store was moved to {mark.to}; that cannot be called off",
                f"数据库已迁移到 {mark.to}，无法取消",
            )  # fmt: skip
        renamed = Move(means.sources.random(_TOKEN_BYTES), mark.to)
        await seal(tx, renamed)
        return renamed

    async def work(tx: Tx) -> None:
        # Waits for a copy to let go of the tables, and holds nothing meanwhile that the copy would wait for.
        if await unseal(tx) != renamed:
            raise _overtaken()

    renamed = await means.store.transact(rename, is_repeatable=True)
    await means.store.transact(work)


def _overtaken() -> StoreError:
    return StoreError("move_overtaken", "the move was called off or begun again meanwhile", "迁移已被取消或重新开始")


def _tables(connection: Connection) -> bool:
    ours = {one.name for one in tables_in_order()} | {"alembic_version"}
    return bool(ours & set(inspect(connection).get_table_names()))


async def _is_taken(target: Store) -> bool:
    async with target.read() as tx:
        return await tx.run_sync(_tables)


async def _found_there(target: Store, mark: Move | None, to: str) -> Moved:
    """What an earlier run of this move has brought there. Raises StoreError where it is something else."""
    await check_schema(target)
    async with target.read() as tx:
        if mark is None or await arrived_by(tx) != mark.token:
            raise StoreError(
                "move_target_taken", f"{to} holds a store already; give an empty database",
                f"{to} 中已有数据，请使用空数据库",
            )  # fmt: skip
        return Moved(to, (await read_identity(tx)).epoch, await _counts(tx), is_again=True)


async def _check(means: Means, target: Store, *, despite_faults: bool) -> None:
    """Before anything is sealed: the store is sound, and all that it holds fits. Raises StoreError."""
    async with means.store.read() as tx:
        await read_identity(tx)
        if means.store.is_sqlite and not target.is_sqlite:
            found = await misfits(tx)
            if found:
                where = ", ".join(f"{one.table}.{one.column} ({one.rows})" for one in found)
                raise StoreError("move_unfit", f"PostgreSQL would not take: {where}", f"PostgreSQL 无法存放：{where}")
        if despite_faults:
            return
        if await audit(tx) or not (await verify(tx, means.keys.signing_public)).is_sound:
            raise StoreError(
                "move_unsound",
                "see `saojie audit` and `saojie journal verify` for its faults; --despite-faults takes them along",
                "数据库存在问题，请查看 saojie audit 与 saojie journal verify；--despite-faults 可连同问题一起迁移",
            )


async def _copy(means: Means, target: Store, mark: Move, told: Callable[[int], None], *, despite_faults: bool) -> Moved:
    async with target.write() as tx:
        if not target.is_sqlite:
            await tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await upgrade_in(tx)
        async with means.store.read() as source:
            sums = {one.name: await copy_table(source, tx, one, told) for one in tables_in_order()}
        await _compare(tx, sums)
        await go_on_counting(tx)
        await take_over(tx, mark)
        company = (await read_identity(tx)).company
        epoch = means.sources.random(EPOCH_BYTES)
        await enter_epoch(tx, epoch)
        now, random = means.sources.now(), means.sources.random
        await note(tx, [Note(COMPANY, "store_moved", {"to": mark.to, "epoch": epoch})], now, random)
        if not despite_faults and await audit(tx):
            raise StoreError("move_differs", "the copy has faults that the store has not", "副本出现了原库没有的问题")
        if not target.is_sqlite:
            await tx.execute(text("ANALYZE"))
        await asyncio.to_thread(means.file.append, [EpochBegan(company, epoch.hex(), now)])
        if not await means.store.transact(partial(settle, move=mark), is_repeatable=True):
            raise _overtaken()
    return Moved(mark.to, epoch, {name: one.rows for name, one in sums.items()})


async def _compare(tx: Tx, sums: dict[str, TableSum]) -> None:
    for table in tables_in_order():
        if await sum_of(tx, table) != sums[table.name]:
            en, zh = f"{table.name} did not arrive as it was", f"{table.name} 的内容与原库不一致"
            raise StoreError("move_differs", en, zh)

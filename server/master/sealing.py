"""A store that is being moved is sealed: a mark says where it goes, and triggers refuse every write, whoever tries.

The triggers stand in the database itself, so that no process that is still running, no command and no tool can write
what the copy would miss. Making them waits for the writers that are at work; from their commit on there are none.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table, delete, insert, select, update

from server.master.faults import SEALED
from server.master.meta import MOVE, Move
from server.master.migrations.rooms import METADATA
from server.master.store import Tx
from server.master.tables import meta
from sync.codec import decode, encode

__all__ = ["arrived_by", "read_move", "seal", "settle", "take_over", "unseal"]

_ARRIVED = "arrived_by"
_ROWS = {"INSERT": "NEW", "UPDATE": "OLD", "DELETE": "OLD"}
_MAKE_REFUSING = f"""
CREATE OR REPLACE FUNCTION saojie_sealed() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{SEALED}'; END $$
"""


async def read_move(tx: Tx, *, is_locked: bool = False) -> Move | None:
    """The mark of the move of this store, if there is one; locked until the transaction ends where that is asked."""
    wanted = select(meta.c.value).where(meta.c.key == MOVE)
    mark = (await tx.execute(wanted.with_for_update() if is_locked else wanted)).scalar_one_or_none()
    return decode(bytes(mark), Move) if mark is not None else None


async def seal(tx: Tx, move: Move) -> None:
    """Mark the store and refuse all writes from the commit on; where that is so already, mark it anew."""
    if await read_move(tx) is not None:
        await tx.execute(update(meta).where(meta.c.key == MOVE).values(value=encode(move)))
        return
    await tx.execute(insert(meta).values(key=MOVE, value=encode(move)))
    is_sqlite = tx.dialect.name == "sqlite"
    if not is_sqlite:
        await tx.exec_driver_sql(_MAKE_REFUSING)
    for name, table, event in _triggers():
        # The mark itself can be changed: a move is settled or called off.
        when = f"WHEN ({_ROWS[event]}.key <> '{MOVE}') " if table is meta else ""
        does = f"BEGIN SELECT RAISE(ABORT, '{SEALED}'); END" if is_sqlite else "EXECUTE FUNCTION saojie_sealed()"
        await tx.exec_driver_sql(f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table.name}" FOR EACH ROW {when}{does}')


async def unseal(tx: Tx) -> Move | None:
    """Take triggers and mark away again: the store is the company's truth as before. The mark that was there."""
    is_sqlite = tx.dialect.name == "sqlite"
    for name, table, _ in _triggers():
        await tx.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{name}"' + ("" if is_sqlite else f' ON "{table.name}"'))
    if not is_sqlite:
        await tx.exec_driver_sql("DROP FUNCTION IF EXISTS saojie_sealed()")
    mark = await read_move(tx, is_locked=True)
    await tx.execute(delete(meta).where(meta.c.key == MOVE))
    return mark


async def settle(tx: Tx, move: Move) -> bool:
    """Settle the move, which cannot be called off from then on; False where it was, or began anew meanwhile."""
    held = await read_move(tx, is_locked=True)
    if held is None or held.token != move.token:
        return False
    settled = Move(move.token, move.to, settled=True)
    await tx.execute(update(meta).where(meta.c.key == MOVE).values(value=encode(settled)))
    return True


async def take_over(tx: Tx, move: Move) -> None:
    """In the copy: it is nobody's to be moved from, and says which move it came by."""
    await tx.execute(delete(meta).where(meta.c.key.in_((MOVE, _ARRIVED))))
    await tx.execute(insert(meta).values(key=_ARRIVED, value=move.token))


async def arrived_by(tx: Tx) -> bytes | None:
    """The name of the move that this store came by, if it came by one."""
    token = (await tx.execute(select(meta.c.value).where(meta.c.key == _ARRIVED))).scalar_one_or_none()
    return bytes(token) if token is not None else None


def _triggers() -> Iterator[tuple[str, Table, str]]:
    for table in METADATA.sorted_tables:
        for event in _ROWS:
            yield f"sealed_{table.name}_{event.lower()}", table, event

"""Whose turn it is: work that one process does for all, once in a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update

from server.master.store import Tx
from server.master.tables import meta

__all__ = ["is_turn", "last_turn", "latest", "not_done", "one_at_a_time", "take_turn"]

_TURN = select(meta.c.value).where(meta.c.key == bindparam("turn"))
_ONE_AT_A_TIME = select(meta.c.key).where(meta.c.key == "company").with_for_update()


def latest(now: int, hour: int) -> int:
    """When it was last that hour of the day where this machine stands; both times in milliseconds."""
    local = datetime.fromtimestamp(now / 1000).astimezone()
    then = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return int((then if then <= local else then - timedelta(days=1)).timestamp() * 1000)


async def not_done(tx: Tx, names: Sequence[str], since: int) -> tuple[str, ...]:
    """Which of these works nobody has done since `since`, in their order: those whose turn may be taken."""
    keys = {f"turn/{name}": name for name in names}
    rows = await tx.execute(select(meta.c.key, meta.c.value).where(meta.c.key.in_(keys)))
    done = {keys[row.key] for row in rows if int.from_bytes(bytes(row.value), "big") >= since}
    return tuple(name for name in names if name not in done)


async def is_turn(tx: Tx, name: str, since: int) -> bool:
    """Whether nobody has done the work `name` since `since`; somebody else may take the turn before the caller does."""
    last = await last_turn(tx, name)
    return last is not None and last < since


async def last_turn(tx: Tx, name: str) -> int | None:
    """When the work `name` was last done, or began to wait for its first turn; None where neither is so."""
    value = (await tx.execute(_TURN, {"turn": f"turn/{name}"})).scalar_one_or_none()
    return int.from_bytes(bytes(value), "big") if value is not None else None


async def one_at_a_time(tx: Tx) -> None:
    """Let one process at a time go on from here, until its commit: the company's row is locked."""
    await tx.execute(_ONE_AT_A_TIME)


async def take_turn(tx: Tx, name: str, since: int, now: int) -> bool:
    """Whether the caller is to do the work `name`, which nobody has done since `since`; it then counts as done.

    A store that never did it begins to wait: its first turn comes with the next `since`.
    """
    await one_at_a_time(tx)
    key, last = f"turn/{name}", await last_turn(tx, name)
    if last is None:
        await tx.execute(insert(meta).values(key=key, value=now.to_bytes(8, "big")))
        return False
    if last >= since:
        return False
    await tx.execute(update(meta).where(meta.c.key == key).values(value=now.to_bytes(8, "big")))
    return True

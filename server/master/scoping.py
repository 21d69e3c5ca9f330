"""Scopes in the store: opening them, finding their numbers, locking them in order.

A scope's row holds head, count, digest and the head of the journal's chain. It is locked by the first write of a
transaction to that scope, always in the order of numbers, so that version order is commit order, scopes do not
wait for one another, and no two transactions wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update

from server.master.plans import small
from server.master.store import Tx
from server.master.tables import records, scopes
from server.master.upserts import insert_new

__all__ = [
    "ScopeState",
    "end_scope",
    "lock_places",
    "lock_scopes",
    "names",
    "numbers",
    "open_scope",
    "save_scopes",
]


@dataclass(slots=True)
class ScopeState:
    """A locked scope's row while a transaction works on it; `save_scopes` writes it back."""

    no: int
    name: str
    head: int
    count: int
    digest: bytes
    last_ms: int
    entries: int
    link: bytes

    def next_version(self) -> int:
        """The next version of this scope."""
        self.head += 1
        return self.head


async def open_scope(tx: Tx, name: str) -> int:
    """The number of the scope `name`, which is made if it is not there."""
    wanted = select(scopes.c.no).where(scopes.c.name == name)
    found = (await tx.execute(wanted)).scalar_one_or_none()
    if found is None:
        await insert_new(tx, scopes, [{"name": name}])
        found = (await tx.execute(wanted)).scalar_one()
    return int(found)


async def end_scope(tx: Tx, name: str) -> None:
    """Mark a scope as ended; its journal stays in every checkpoint."""
    await tx.execute(update(scopes).where(scopes.c.name == name).values(ended=True))


async def numbers(tx: Tx, wanted: Iterable[str]) -> dict[str, int]:
    """The numbers of the scopes that exist among `wanted`, by name."""
    rows = await tx.execute(select(scopes.c.name, scopes.c.no).where(scopes.c.name.in_(list(wanted))))
    return {row.name: row.no for row in rows}


async def names(tx: Tx, wanted: Iterable[int]) -> dict[int, str]:
    """The names of scopes by number."""
    rows = await tx.execute(select(scopes.c.no, scopes.c.name).where(scopes.c.no.in_(list(wanted))))
    return {row.no: row.name for row in rows}


async def lock_scopes(tx: Tx, by_name: Iterable[str], by_number: Iterable[int] = ()) -> dict[int, ScopeState]:
    """Lock scopes in the order of their numbers and read them. Names that do not exist are passed over."""
    rows = await tx.execute(_LOCK, {"names": list(by_name), "numbers": list(by_number)})
    return {row.no: ScopeState(*row) for row in rows}


_LOCK = small(
    select(*(getattr(scopes.c, field) for field in ScopeState.__slots__))
    .where(
        or_(
            scopes.c.name.in_(bindparam("names", expanding=True)), scopes.c.no.in_(bindparam("numbers", expanding=True))
        )
    )
    .order_by(scopes.c.no)
    .with_for_update()
)


async def lock_places(tx: Tx, wanted: Iterable[UUID]) -> None:
    """Lock the scopes in which these records stand: of two who decide on one of them, the second reads what the first
    wrote.
    """
    stand = select(records.c.scope).where(records.c.record.in_([one.bytes for one in wanted])).distinct()
    await lock_scopes(tx, (), (await tx.execute(stand)).scalars().all())


_SAVE = (
    update(scopes)
    .where(scopes.c.no == bindparam("b_no"))
    .values({field: bindparam(f"b_{field}") for field in ("head", "count", "digest", "last_ms", "entries", "link")})
)


async def save_scopes(tx: Tx, states: Iterable[ScopeState]) -> None:
    """Write locked scopes back."""
    rows = [{f"b_{field}": getattr(one, field) for field in ScopeState.__slots__ if field != "name"} for one in states]
    if rows:
        await tx.execute(_SAVE, rows)

"""Every checkpoint checked: its number, its predecessor, its signature, and its root against the heads on record."""

from __future__ import annotations

from bisect import insort
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from server.master.checkpoints import FIRST, ChainHead, body_hash, checkpoint_heads, checkpoints
from server.master.flaws import Flaws
from server.master.store import Tx
from server.master.tables import scopes
from sync.codec import DecodeError, decode
from sync.merkle import leaf, root
from sync.signing import Kind, Signed, verified_company
from sync.statements import Checkpoint

__all__ = ["check_checkpoints"]

PAGE = 10
"""So few at a time: between two pages whatever else the process does has its turn."""


async def check_checkpoints(tx: Tx, company: UUID, pinned: Collection[bytes], flaws: Flaws) -> int:
    """Check all checkpoints in the snapshot of `tx` against the company's public keys; how many there are."""
    names = {row.no: row.name for row in await tx.execute(select(scopes.c.no, scopes.c.name))}
    check = _Check(company, tuple(pinned), names, flaws)
    wanted = select(checkpoints).order_by(checkpoints.c.number).limit(PAGE)
    rows: Sequence[Row[Any]] = (await tx.execute(wanted)).all()
    while rows:
        await check.take(tx, rows)
        rows = (await tx.execute(wanted.where(checkpoints.c.number > rows[-1].number))).all()
    await check.end(tx)
    return check.count


@dataclass
class _Check:
    company: UUID
    pinned: tuple[bytes, ...]
    names: dict[int, str]
    flaws: Flaws
    count: int = 0
    number: int = 0
    previous: bytes = FIRST
    at: int = 0
    heads: dict[int, ChainHead] = field(default_factory=dict)
    leaves: dict[int, bytes] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    fitted: bool = True

    async def take(self, tx: Tx, rows: Sequence[Row[Any]]) -> None:
        """Check the next checkpoints, in order."""
        of = checkpoint_heads
        wanted = select(of).where(of.c.number >= self.number + 1, of.c.number <= rows[-1].number)
        moved: dict[int, list[Row[Any]]] = {}
        for row in await tx.execute(wanted):
            moved.setdefault(row.number, []).append(row)
        for row in rows:
            self.one(row, moved)

    def one(self, row: Row[Any], moved: dict[int, list[Row[Any]]]) -> None:
        """Check one checkpoint."""
        self.count += 1
        if row.number != self.number + 1:
            self.flaws.add("checkpoint_missing", "", self.number + 1, f"{row.number - 1}")
        for number in sorted(one for one in moved if one <= row.number):
            self._move(moved.pop(number))
        said = self._said(row)
        if said is not None:
            self._check(row, said)
        self.number, self.previous = row.number, body_hash(bytes(row.body))

    def _move(self, rows: Sequence[Row[Any]]) -> None:
        for row in rows:
            head = ChainHead(row.scope, self.names.get(row.scope, f"#{row.scope}"), row.entries, bytes(row.link))
            if row.scope not in self.heads:
                insort(self.order, row.scope, key=self._named)
            self.heads[row.scope] = head
            self.leaves[row.scope] = leaf(head.name, max(0, head.entries), head.link)

    def _named(self, scope: int) -> bytes:
        return self.names.get(scope, f"#{scope}").encode()

    def _root(self) -> bytes:
        """The root over the heads as they are by now; a leaf is hashed only when its head has moved."""
        return root([self.leaves[one] for one in self.order])

    def _said(self, row: Row[Any]) -> Checkpoint | None:
        signed = Signed(Kind.CHECKPOINT, bytes(row.body), row.key, bytes(row.signature))
        if not verified_company(signed, Kind.CHECKPOINT, self.pinned):
            self.flaws.add("checkpoint_unsigned", "", row.number)
        try:
            return decode(signed.body, Checkpoint)
        except DecodeError:
            self.flaws.add("checkpoint_altered", "", row.number)
            return None

    def _check(self, row: Row[Any], said: Checkpoint) -> None:
        if (said.number, said.at, said.company) != (row.number, row.at, self.company):
            self.flaws.add("checkpoint_altered", "", row.number)
        if said.previous != self.previous or said.at < self.at:
            self.flaws.add("checkpoint_breaks", "", row.number)
        heads = self.heads.values()
        is_possible = all(one.entries >= 0 for one in heads)
        covered = (len(heads), sum(one.entries for one in heads))
        fits = is_possible and covered == (said.scopes, said.entries) and self._root() == said.root
        # A head that is wrong makes later roots wrong too: the first tells where.
        if not fits and self.fitted:
            self.flaws.add("root_differs", "", row.number)
        self.fitted, self.at = fits, said.at

    async def end(self, tx: Tx) -> None:
        """Heads beyond the last checkpoint mean that checkpoints were removed from the end."""
        of = checkpoint_heads
        beyond = select(of.c.number).where((of.c.number > self.number) | (of.c.number < 1)).distinct()
        for number in sorted((await tx.execute(beyond)).scalars()):
            self.flaws.add("checkpoint_missing", "", number)

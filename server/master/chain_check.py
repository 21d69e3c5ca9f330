"""Every scope's chain checked entry by entry: that each follows from the one before it, that bodies are what was
committed to, that the chain is what each checkpoint signed, and that it ends where its scope says.

It reads page by page, so that a million entries take no more memory than a thousand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, bindparam, select, tuple_

from server.master.checkpoints import ChainHead, checkpoint_heads
from server.master.flaws import Flaws
from server.master.journal import ERASED, SALT_BYTES, Change, commit_to, linked
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, scopes
from sync.codec import decode

__all__ = ["ChainsChecked", "check_chains"]

PAGE = 2000
_START = bytes(32)
_OPERATION = b"\xa9operation"
"""How the body of an operation's entry goes on after its first byte."""

Place = tuple[str, int]


@dataclass
class ChainsChecked:
    """What a check of all chains came to. `erased` counts entries whose body an order removed."""

    flaws: Flaws
    entries: int = 0
    chains: int = 0
    erased: int = 0
    ordered: set[Place] = field(default_factory=set)
    bare: set[Place] = field(default_factory=set)


async def check_chains(tx: Tx, flaws: Flaws, page: int = PAGE) -> ChainsChecked:
    """Check all chains in the snapshot of `tx`."""
    checked = ChainsChecked(flaws)
    columns = (scopes.c.no, scopes.c.name, scopes.c.entries, scopes.c.link)
    known = {row[0]: ChainHead(row[0], row[1], row[2], bytes(row[3])) for row in await tx.execute(select(*columns))}
    chain: _Chain | None = None
    seen: set[int] = set()
    async for row in _entries(tx, page):
        if chain is None or chain.no != row.scope:
            _end(chain, known, flaws)
            chain = await _begin(tx, row.scope, known, checked)
            seen.add(row.scope)
        chain.take(row)
    _end(chain, known, flaws)
    for no in known.keys() - seen:
        _end(await _begin(tx, no, known, checked), known, flaws)
    checked.chains = len(known)
    await _check_strays(tx, known, flaws)
    _check_erased(checked)
    return checked


async def _entries(tx: Tx, page: int) -> AsyncIterator[Row[Any]]:
    """All entries with their bodies, by scope and position."""
    key = journal.c.scope, journal.c.position, journal.c.at
    mine = (journal_bodies.c.scope == journal.c.scope) & (journal_bodies.c.position == journal.c.position)
    at = journal_bodies.c.at.label("held_at")
    bodies = (journal_bodies.c.record, journal_bodies.c.salt, journal_bodies.c.body, at)
    wanted = select(*journal.c, *bodies).select_from(journal.outerjoin(journal_bodies, mine))
    wanted = wanted.order_by(*key).limit(page)
    rows: Sequence[Any] = (await tx.execute(wanted)).all()
    while rows:
        for row in rows:
            yield row
        after = tuple_(rows[-1].scope, rows[-1].position, rows[-1].at)
        rows = (await tx.execute(wanted.where(tuple_(*key) > after))).all()


_SIGNED = (
    select(checkpoint_heads.c.number, checkpoint_heads.c.entries, checkpoint_heads.c.link)
    .where(checkpoint_heads.c.scope == bindparam("scope"))
    .order_by(checkpoint_heads.c.number)
)


async def _begin(tx: Tx, no: int, known: dict[int, ChainHead], checked: ChainsChecked) -> _Chain:
    signed = await tx.execute(_SIGNED, {"scope": no})
    name = known[no].name if no in known else f"#{no}"
    heads: dict[int, list[tuple[int, bytes]]] = {}
    for row in signed:
        heads.setdefault(row.entries, []).append((row.number, bytes(row.link)))
    chain = _Chain(no, name, checked, heads)
    chain.compare(0, _START)
    return chain


def _end(chain: _Chain | None, known: dict[int, ChainHead], flaws: Flaws) -> None:
    """Compare where a chain ended with its scope's row, and with checkpoints that cover more than there is."""
    if chain is None:
        return
    head = known.get(chain.no)
    if head is None:
        flaws.add("entry_inserted", chain.name, chain.position)
    elif head.entries > chain.position:
        flaws.add("chain_short", chain.name, chain.position, f"{head.entries}")
    elif (head.entries, head.link) != (chain.position, chain.link):
        flaws.add("head_altered", chain.name, chain.position, f"{head.entries}")
    for position, signed in chain.heads.items():
        for number, _ in signed:
            flaws.add("checkpoint_differs", chain.name, min(position, chain.position + 1), f"{number}")


@dataclass
class _Chain:
    """One chain while it is checked. `heads` are what checkpoints signed: position → number and head."""

    no: int
    name: str
    checked: ChainsChecked
    heads: dict[int, list[tuple[int, bytes]]]
    position: int = 0
    link: bytes = _START
    before: tuple[bytes, ...] = (_START,)

    def take(self, row: Row[Any]) -> None:
        """Check the next entry."""
        self.checked.entries += 1
        commitment, link = bytes(row.commitment), bytes(row.link)
        if row.position != self.position + 1:
            self._gap(row.position)
        follows = _following(self.before, row.position, row.at, commitment)
        if link not in follows:
            self.checked.flaws.add("entry_altered", self.name, row.position)
        # Whichever of the two the next entry follows from: one altered entry is found once.
        self.before = (link,) if link in follows else (link, *follows)
        self.position, self.link = row.position, link
        self.compare(row.position, link)
        self._body(row, commitment)

    def _gap(self, position: int) -> None:
        if position > self.position + 1:
            self.checked.flaws.add("entry_missing", self.name, self.position + 1, f"{position - 1}")
        else:
            self.checked.flaws.add("entry_inserted", self.name, position)

    def compare(self, position: int, link: bytes) -> None:
        """Compare the head after `position` with what checkpoints signed of it."""
        for number, signed in self.heads.pop(position, ()):
            if signed != link:
                self.checked.flaws.add("checkpoint_differs", self.name, position, f"{number}")

    def _body(self, row: Row[Any], commitment: bytes) -> None:
        place = (self.name, row.position)
        if row.body is None:
            self.checked.bare.add(place)
            return
        salt, body = bytes(row.salt), bytes(row.body)
        if len(salt) != SALT_BYTES or commit_to(salt, body) != commitment or row.held_at != row.at:
            self.checked.flaws.add("body_altered", *place)
            return
        record = None if row.record is None else bytes(row.record)
        if body[1:11] == _OPERATION:
            if record != _record_of(decode(body, Change)):
                self.checked.flaws.add("record_altered", *place)
            return
        said = decode(body, list)
        if record != (said[2] if len(said) > 2 else None):
            self.checked.flaws.add("record_altered", *place)
        if said[0] == ERASED:
            self.checked.ordered.update((scope, position) for scope, position in said[1]["entries"])


def _following(before: Iterable[bytes], position: int, at: int, commitment: bytes) -> list[bytes]:
    """The heads that an entry may lead to; none for numbers that no entry has."""
    if position < 1 or at < 0:
        return []
    return [linked(one, position, at, commitment) for one in before]


def _record_of(change: Change) -> bytes | None:
    return change.operation.record.bytes if change.operation is not None else None


async def _check_strays(tx: Tx, known: dict[int, ChainHead], flaws: Flaws) -> None:
    of = journal_bodies
    mine = (journal.c.scope == of.c.scope) & (journal.c.position == of.c.position)
    joined = of.outerjoin(journal, mine)
    stray = select(of.c.scope, of.c.position).select_from(joined).where(journal.c.scope.is_(None)).limit(PAGE)
    for row in await tx.execute(stray.order_by(of.c.scope, of.c.position)):
        flaws.add("body_stray", known[row.scope].name if row.scope in known else f"#{row.scope}", row.position)


def _check_erased(checked: ChainsChecked) -> None:
    """A body may be gone only if an order in the journal says so, and then it has to be gone."""
    for place in sorted(checked.bare - checked.ordered):
        checked.flaws.add("body_missing", *place)
    for place in sorted(checked.ordered - checked.bare):
        checked.flaws.add("body_stays", *place)
    checked.erased = len(checked.bare & checked.ordered)

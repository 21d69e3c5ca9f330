"""The accounts of outlets in the store: those that were merged have one, under the outlet that stands for them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from server.master.money import posted_at, terms_of
from server.master.standing import survivors
from server.master.store import Tx
from sync.business.credit import Account, Entry, Statement, account_of, entry_of, last_of, statement_of

__all__ = ["account", "accounts", "statement"]


async def accounts(tx: Tx, outlets: Collection[UUID] | None = None) -> dict[UUID, Account]:
    """The account of every outlet to which anything was delivered, or which paid; of these outlets alone, by whichever
    of them stands for each.
    """
    into = await survivors(tx)
    roots = None if outlets is None else {into.get(one, one) for one in outlets}
    family = None if roots is None else [*roots, *(one for one, root in into.items() if root in roots)]
    terms, entries = await terms_of(tx, roots), dict[UUID, list[Entry]]()
    for one in last_of(await posted_at(tx, family)):
        entries.setdefault(into.get(one.outlet, one.outlet), []).append(entry_of(one))
    return {root: account_of(found, terms.get(root)) for root, found in entries.items()}


async def account(tx: Tx, outlet: UUID) -> Account:
    """What one outlet owes."""
    return next(iter((await accounts(tx, [outlet])).values()), Account())


async def statement(tx: Tx, outlet: UUID, first: str, last: str) -> Statement:
    """The statement of an outlet from `first` to `last`, both days included."""
    root, entries = await _posted(tx, outlet)
    return statement_of(entries, (await terms_of(tx, [root])).get(root), first, last)


async def _posted(tx: Tx, outlet: UUID) -> tuple[UUID, list[Entry]]:
    into = await survivors(tx)
    root = into.get(outlet, outlet)
    family = [root, *(one for one, of in into.items() if of == root)]
    return root, [entry_of(one) for one in last_of(await posted_at(tx, family))]

"""A dealer's list comes in, with what it needs besides: for the command and the page alike."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec

from server.field.ground import Ground
from server.field.imports import Imported, import_list
from server.field.intake.companions import Companions
from server.field.intake.prepare import Prepared
from server.field.joining import brief_at_once
from server.field.layouts import Said, remember
from server.field.set_up import SetUp, add_places, set_up
from server.identity import territories
from server.master.journal import Note, note
from server.master.store import Store, Tx
from sync import scopes

__all__ = ["OUTLETS", "POOL", "Brought", "Placing", "Wish", "add_what_is_listed", "bring_in", "place_of_rest"]

OUTLETS = "outlets"
"""The kind of lists of outlets."""
POOL = ("公海", "Pool")
"""What a pool is called in a list."""


class Placing(msgspec.Struct, frozen=True):
    """Where rows go that name no place: the scope, and the pool's name where it is one. None: every row names one."""

    scope: str | None = None
    pool: str = ""


class Wish(msgspec.Struct, frozen=True):
    """An import that somebody asks for: the file's `name`, who (`by`), the territory for rows that name none, whether
    what the file lists besides is added (None: at the first import), and what they said of its columns.
    """

    name: str
    by: UUID | None = None
    territory: UUID | None = None
    is_set_up: bool | None = None
    overrides: Said = ()


class Brought(msgspec.Struct, frozen=True):
    """What a list came to: what was added for it, and what was imported."""

    added: SetUp
    imported: Imported

    @property
    def changed(self) -> frozenset[str]:
        """The scopes that changed."""
        return self.added.changed | self.imported.changed


async def add_what_is_listed(
    store: Store, ground: Ground, prepared: Prepared, listed: Companions, *, wanted: bool | None = None
) -> SetUp:
    """Add what the file's other sheets list and its rows name: where it is `wanted`, and (None) at the first import."""
    async with store.read() as tx:
        is_first = not await territories.all_territories(tx)
    if wanted is False or (wanted is None and not is_first):
        return SetUp()
    named = [one.facts.territory for one in prepared.harvest.drafts if one.facts.territory]
    async with store.write() as tx:
        made = await set_up(tx, listed, ground.sources)
        pools = [name for name in named if name in POOL]
        rest = await add_places(tx, [name for name in named if name not in POOL], pools, ground.sources)
    told = await brief_at_once(store, ground) if made.staff else frozenset()
    return msgspec.structs.replace(
        made, territories=made.territories + rest.territories, pools=made.pools + rest.pools,
        changed=made.changed | told,
    )  # fmt: skip


async def place_of_rest(tx: Tx, ground: Ground, prepared: Prepared, territory: UUID | None = None) -> Placing:
    """Where rows go that name no place: to this territory, the only one, or else the pool, made if need be."""
    if territory is not None:
        return Placing(scopes.territory(territory))
    if all(one.facts.territory for one in prepared.harvest.drafts):
        return Placing()
    found = await territories.all_territories(tx)
    if len(found) == 1:
        return Placing(scopes.territory(found[0].id))
    pools = await territories.all_pools(tx)
    pool = pools[0] if pools else await territories.add_pool(tx, POOL[0], ground.sources)
    return Placing(scopes.pool(pool.id), pool.name)


async def bring_in(
    store: Store,
    ground: Ground,
    prepared: Prepared,
    listed: Companions,
    wish: Wish,
    progress: Callable[[int], object] | None = None,
    placed: Callable[[Placing], object] | None = None,
) -> Brought:
    """Import a prepared list, add what it needs, and remember what was said of its columns. `placed` is told where rows
    go that name no place. Journalled.
    """
    added = await add_what_is_listed(store, ground, prepared, listed, wanted=wish.is_set_up)
    async with store.write() as tx:
        rest = await place_of_rest(tx, ground, prepared, wish.territory)
    if placed is not None:
        placed(rest)
    sources = ground.sources
    done = await import_list(store, prepared, sources, default=rest.scope, staff=wish.by, progress=progress)
    await remember(store, OUTLETS, prepared.table.header, wish.overrides, sources.now())
    counts = msgspec.structs.asdict(done.tally)
    async with store.write() as tx:
        body = {"by": wish.by, "file": wish.name[:200], "rows": len(prepared.table.rows), **counts}
        await note(tx, [Note(scopes.COMPANY, "list_imported", body)], sources.now(), sources.random)
    return Brought(added, done)

"""The database has to be as far as the departures file, and the file as far as the database: at each start, and again
and again while a server runs.

A database behind the file was restored from before a departure or an epoch: its history is lost. Then the departures
are applied again and a new epoch begins; at a start that is before anything is answered. A file behind the database
means that the machine stopped between the two, or that the departure was carried out on another machine: the missing
lines are written. So every machine has a whole file of its own, and each of them notices a database that was restored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import msgspec
from sqlalchemy import func, select

from server.departure.departures_file import Departure, DeparturesFile, DeparturesFileError, Entry, EpochBegan
from server.departure.enforce import Enforcer
from server.departure.leaving.notice import ask_whether_they_stand
from server.departure.recorded import recorded
from server.departure.rotation import use_first
from server.identity.keys import CompanyKeys
from server.identity.staff import PersonStatus
from server.master import people
from server.master.departures import wipe_orders
from server.master.epochs import enter_epoch, known_epochs, learn_epochs
from server.master.meta import EPOCH_BYTES, Identity, read_identity
from server.master.store import Store, Tx
from server.master.tables import meta
from server.ports import Sources

__all__ = ["Recovery", "count_missing", "keep_together", "reconcile"]


class Recovery(msgspec.Struct, frozen=True):
    """What reconciling found and did: departures applied again, lines written, and the new epoch if one began."""

    applied_again: int = 0
    written: int = 0
    epoch: bytes | None = None


async def reconcile(
    store: Store, file: DeparturesFile, keys: CompanyKeys, sources: Sources, *, is_lost: bool = False
) -> Recovery:
    """Bring database and file together. With `is_lost` a new epoch begins in any case: a device has shown that
    history is missing. Raises DeparturesFileError for a file that was altered or is another company's.
    """
    async with store.read() as tx:
        identity = await keys.in_step(tx)
    if keys.number > identity.keys.number:
        # It was restored from before a change of keys that phones know of.
        await store.transact(partial(use_first, keys=keys, number=keys.number, sources=sources))
    entries = await asyncio.to_thread(file.read)
    async with store.read() as tx:
        held = await _held(tx)
    _check_company(file, entries, held.identity)
    missing = _unwritten(entries, held, sources.now())
    await asyncio.to_thread(file.append, missing)
    if not (is_lost or held.is_behind(entries)):
        return Recovery(written=len(missing))
    lost = _Lost(file, entries, held.identity.epoch if is_lost else None, sources.random(EPOCH_BYTES))
    enforcer = Enforcer(held.identity.company, keys.signing, sources.now(), sources.random)
    applied = await store.transact(partial(_begin_again, lost=lost, enforcer=enforcer), is_repeatable=True)
    if applied is None:
        return Recovery(written=len(missing))
    return Recovery(applied, len(missing), lost.epoch)


async def count_missing(store: Store, file: DeparturesFile, now: int) -> int:
    """How many lines are not in the file that ought to be. Raises DeparturesFileError."""
    entries = await asyncio.to_thread(file.read)
    async with store.read() as tx:
        return len(_unwritten(entries, await _held(tx), now))


async def keep_together(store: Store, file: DeparturesFile, keys: CompanyKeys, sources: Sources) -> Recovery:
    """Bring the two together where either has changed since they were last found equal. Raises DeparturesFileError."""
    seen = await _seen(store, file)
    if seen == file.found_equal:
        return Recovery()
    found = await reconcile(store, file, keys, sources)
    file.found_equal = seen if found == Recovery() else None
    return found


async def _seen(store: Store, file: DeparturesFile) -> tuple[object, ...]:
    """What changes with every departure and every epoch, on either side."""
    state = await asyncio.to_thread(file.state)
    async with store.read() as tx:
        ordered = select(func.count()).select_from(wipe_orders).scalar_subquery()
        left = select(func.count()).where(people.staff.c.status == PersonStatus.DEPARTED).scalar_subquery()
        orders, leavers = (await tx.execute(select(ordered, left))).one()
        return state, orders, leavers, await known_epochs(tx)


class _Held(msgspec.Struct, frozen=True):
    """What the database has."""

    identity: Identity
    epochs: tuple[bytes, ...]
    departures: list[Departure]

    def lost(self, entries: Sequence[Entry]) -> list[Departure]:
        """What the file has and the database has not, whole or in part."""
        leavers = {one.staff for one in self.departures if one.leaves}
        orders = {each.order for one in self.departures for each in one.devices}
        return [
            one
            for one in entries
            if isinstance(one, Departure)
            and ((one.leaves and one.staff not in leavers) or any(each.order not in orders for each in one.devices))
        ]

    def is_behind(self, entries: Sequence[Entry]) -> bool:
        """Whether it was restored from before something that the file has: a departure, or an epoch that comes after
        the last one that the database knows of.
        """
        in_file = _epochs(entries)
        return bool(self.lost(entries)) or bool(in_file and in_file[-1] not in self.epochs)


class _Lost(msgspec.Struct, frozen=True):
    """Lost history: the file, what it has, the epoch in which a device has shown it (if one has), and the new epoch."""

    file: DeparturesFile
    entries: Sequence[Entry]
    shown_in: bytes | None
    epoch: bytes


async def _held(tx: Tx) -> _Held:
    return _Held(await read_identity(tx), await known_epochs(tx), await recorded(tx))


async def _begin_again(tx: Tx, lost: _Lost, enforcer: Enforcer) -> int | None:
    """Begin the new epoch; how many departures were applied again, or None where another machine was first."""
    await tx.execute(select(meta.c.key).where(meta.c.key == "epoch").with_for_update())
    held = await _held(tx)
    if held.identity.epoch != lost.shown_in and not held.is_behind(lost.entries):
        return None
    began = EpochBegan(held.identity.company, lost.epoch.hex(), enforcer.now)
    await asyncio.to_thread(lost.file.append, [began])
    again = held.lost(lost.entries)
    for one in again:
        await enforcer.enforce(tx, one, "departure_applied_again")
    await ask_whether_they_stand(tx, enforcer.sources)
    await learn_epochs(tx, _epochs(lost.entries))
    await enter_epoch(tx, lost.epoch)
    return len(again)


def _check_company(file: DeparturesFile, entries: Sequence[Entry], identity: Identity) -> None:
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, EpochBegan) and entry.company != identity.company:
            raise DeparturesFileError(file.path, number, "belongs to another company")


def _unwritten(entries: Sequence[Entry], held: _Held, now: int) -> list[Entry]:
    """What the database has and the file has not: epochs that began elsewhere, departures that another machine carried
    out, or whose line was cut off.
    """
    keys = {one.key for one in entries if isinstance(one, Departure)}
    departures = [one for one in held.departures if one.key not in keys]
    in_file = set(_epochs(entries))
    epochs = [EpochBegan(held.identity.company, one.hex(), now) for one in held.epochs if one not in in_file]
    return [*epochs, *departures]


def _epochs(entries: Sequence[Entry]) -> list[bytes]:
    return [bytes.fromhex(one.epoch) for one in entries if isinstance(one, EpochBegan)]

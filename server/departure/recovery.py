"""Start-up: the database has to be as far as the departures file, and the file as far as the database.

A database behind the file was restored from before a departure or an epoch: its history is lost. Then the departures
are applied again and a new epoch begins, before anything is answered. A file behind the database means that the
machine stopped between the two: the missing lines are written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import msgspec
from sqlalchemy import exists, select

from server.departure.departures_file import Departure, DeparturesFile, DeparturesFileError, Entry, EpochBegan
from server.departure.enforce import Enforcer
from server.departure.leaving.notice import ask_whether_they_stand
from server.departure.recorded import recorded
from server.identity.keys import CompanyKeys
from server.master import people
from server.master.audit import take_digests
from server.master.departures import wipe_orders
from server.master.meta import EPOCH_BYTES, Identity, begin_epoch, read_identity
from server.master.store import Store, Tx
from server.ports import Sources

__all__ = ["Recovery", "count_missing", "reconcile", "write_missing"]

_DAY_MS = 86_400_000


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
    entries = await asyncio.to_thread(file.read)
    async with store.read() as tx:
        identity = await read_identity(tx)
        held = await recorded(tx)
    _check_company(file, entries, identity)
    missing = _unwritten(entries, held, identity, sources.now())
    await asyncio.to_thread(file.append, missing)
    lost = _lost(entries, held)
    if not (lost or is_lost or _is_older_epoch(entries, identity)):
        return Recovery(written=len(missing))
    epoch = sources.random(EPOCH_BYTES)
    await asyncio.to_thread(file.append, [EpochBegan(identity.company, epoch.hex(), sources.now())])
    enforcer = Enforcer(identity.company, keys.signing, sources.now(), sources.random)
    await store.transact(partial(_begin_again, lost=lost, epoch=epoch, enforcer=enforcer))
    return Recovery(len(lost), len(missing), epoch)


async def write_missing(store: Store, file: DeparturesFile, sources: Sources) -> int:
    """Write the lines of the last day's departures that could not be written then, as on a full disk; how many lines
    that were. A start writes all others.
    """
    async with store.read() as tx:
        if not await _is_recent(tx, sources.now() - _DAY_MS):
            return 0
    entries = await asyncio.to_thread(file.read)
    async with store.read() as tx:
        missing = _unwritten(entries, await recorded(tx), await read_identity(tx), sources.now())
    await asyncio.to_thread(file.append, missing)
    return len(missing)


async def count_missing(store: Store, file: DeparturesFile, now: int) -> int:
    """How many lines are not in the file that ought to be. Raises DeparturesFileError."""
    entries = await asyncio.to_thread(file.read)
    async with store.read() as tx:
        return len(_unwritten(entries, await recorded(tx), await read_identity(tx), now))


async def _is_recent(tx: Tx, since: int) -> bool:
    ordered, left = exists().where(wipe_orders.c.issued_at > since), exists().where(people.staff.c.left_at > since)
    return bool((await tx.execute(select(ordered | left))).scalar_one())


async def _begin_again(tx: Tx, lost: Sequence[Departure], epoch: bytes, enforcer: Enforcer) -> None:
    for one in lost:
        await enforcer.enforce(tx, one, "departure_applied_again")
    await ask_whether_they_stand(tx, enforcer.sources)
    await begin_epoch(tx, epoch)
    await take_digests(tx)


def _check_company(file: DeparturesFile, entries: Sequence[Entry], identity: Identity) -> None:
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, EpochBegan) and entry.company != identity.company:
            raise DeparturesFileError(file.path, number, "belongs to another company")


def _unwritten(entries: Sequence[Entry], held: Sequence[Departure], identity: Identity, now: int) -> list[Entry]:
    """What the database has and the file has not: its first epoch, and departures whose line was cut off."""
    keys = {one.key for one in entries if isinstance(one, Departure)}
    missing: list[Entry] = [one for one in held if one.key not in keys]
    if not any(isinstance(one, EpochBegan) for one in entries):
        missing.insert(0, EpochBegan(identity.company, identity.epoch.hex(), now))
    return missing


def _lost(entries: Sequence[Entry], held: Sequence[Departure]) -> list[Departure]:
    """What the file has and the database has not, whole or in part."""
    leavers = {one.staff for one in held if one.leaves}
    orders = {each.order for one in held for each in one.devices}
    return [
        one
        for one in entries
        if isinstance(one, Departure)
        and ((one.leaves and one.staff not in leavers) or any(each.order not in orders for each in one.devices))
    ]


def _is_older_epoch(entries: Sequence[Entry], identity: Identity) -> bool:
    epochs = [one.epoch for one in entries if isinstance(one, EpochBegan)]
    return bool(epochs) and epochs[-1] != identity.epoch.hex()

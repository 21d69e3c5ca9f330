"""Putting changes of the company's keys into use, and letting go of keys that nothing needs any more.

From the commit that puts a change into use every process has to follow it: what an answer says is signed with the new
key then, and the statements that lead there go with it. A process that has not got the files refuses to answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlalchemy import select, update

from server.departure.means import Means
from server.departure.orders import OrderState, listed
from server.departure.sealed import INFO, SUITE
from server.files import keep_names
from server.identity import devices
from server.identity.devices import Device
from server.identity.key_changes import said
from server.identity.key_files import key_path
from server.identity.keys import CompanyKeys
from server.master.departures import handed_photos, wipe_orders
from server.master.journal import Note, note
from server.master.meta import lock_keys, read_identity, use_keys
from server.master.store import Tx
from server.ports import Sources
from sync.codec import decode, encode
from sync.messages import Standing
from sync.scopes import COMPANY
from sync.signing import Kind, Signed, company_signed, fingerprint
from sync.statements import KeyChange, KeyTurn

__all__ = ["StillSealed", "put_into_use", "retire_opening", "still_sealed", "unaware", "use_first"]

_HANDED_IN = {OrderState.DRAINED, OrderState.WIPED}


class StillSealed(msgspec.Struct, frozen=True):
    """Phones on which something may be sealed to an opening key that is to be retired: that say so or never said, and
    those under an order that is not carried out.
    """

    phones: tuple[UUID, ...] = ()
    ordered: tuple[UUID, ...] = ()


async def unaware(tx: Tx) -> list[Device]:
    """Phones in use that never said that they can follow a change of keys: they would refuse what a new key signs."""
    found = await devices.listing(tx)
    return [one for one in found if one.standing is Standing.ACTIVE and one.keys_number is None]


async def put_into_use(means: Means) -> tuple[KeyChange, ...]:
    """Put what is prepared on this machine into use, in one transaction; what it was, and empty where nothing is.

    Orders that a retired key signed are signed again: no phone that hears of the change would obey them otherwise.
    """
    number = means.keys.newest
    fresh = await means.store.transact(partial(use_first, keys=means.keys, number=number, sources=means.sources))
    means.keys.follow(means.keys.in_use_at(number))
    return fresh


async def use_first(tx: Tx, keys: CompanyKeys, number: int, sources: Sources) -> tuple[KeyChange, ...]:
    """Put the first `number` changes of this machine into use in the store, as far as they are not; what was new.

    Raises Refusal where other changes than this machine's are in use.
    """
    await lock_keys(tx, exclusive=True)
    held = (await read_identity(tx)).keys
    keys.follow(held)
    fresh = tuple(map(said, keys.all_changes[held.number : number]))
    if fresh:
        await use_keys(tx, keys.in_use_at(number))
        for one in fresh:
            if one.turn is KeyTurn.RETIRED:
                await _sign_again(tx, fingerprint(one.public), keys.signing_at(number))
        await _note(tx, fresh, sources)
    return fresh


async def _sign_again(tx: Tx, retired: str, key: Ed25519PrivateKey) -> None:
    for row in (await tx.execute(select(wipe_orders.c.id, wipe_orders.c.signed))).all():
        signed = decode(bytes(row.signed), Signed)
        if signed.key == retired:
            again = encode(company_signed(Kind.WIPE_ORDER, signed.body, key))
            await tx.execute(update(wipe_orders).where(wipe_orders.c.id == row.id).values(signed=again))


async def _note(tx: Tx, changes: Sequence[KeyChange], sources: Sources) -> None:
    notes = [
        Note(COMPANY, "keys_changed", {"number": one.number, "turn": one.turn, "key": fingerprint(one.public)})
        for one in changes
    ]
    await note(tx, notes, sources.now(), sources.random)


async def still_sealed(tx: Tx, number: int, after: int) -> StillSealed:
    """Where something may still be sealed to the opening key that change `number` brought and `after` replaced."""
    found = {one.id: one for one in await devices.listing(tx) if _may_be_sealed(one, number, after)}
    open_orders = {one.device for one in await listed(tx, open_only=True) if one.state not in _HANDED_IN}
    phones = [name for name, one in found.items() if one.standing is not Standing.DEPARTED]
    return StillSealed(tuple(phones), tuple(name for name in found if name in open_orders))


def _may_be_sealed(device: Device, number: int, after: int) -> bool:
    """Whether a phone may hold what is sealed to it: it says so, or never said."""
    return device.keys_sealed is None or number <= device.keys_sealed < after


async def retire_opening(means: Means, number: int) -> int:
    """Let go of an opening key that was replaced, on this machine. What lies here sealed to it is sealed to the current
    key first; how many photos that were.
    """
    old, public = means.keys.openings[number], X25519PublicKey.from_public_bytes(means.keys.opening_public)

    async def work(tx: Tx) -> int:
        columns = select(handed_photos.c.device, handed_photos.c.photo, handed_photos.c.key)
        count = 0
        for row in (await tx.execute(columns)).all():
            try:
                secret = SUITE.decrypt(bytes(row.key), old, info=INFO)
            except (InvalidTag, ValueError):
                continue
            one = (handed_photos.c.device == row.device) & (handed_photos.c.photo == row.photo)
            sealed = SUITE.encrypt(secret, public, info=INFO)
            await tx.execute(update(handed_photos).where(one).values(key=sealed))
            count += 1
        told = {"number": number, "turn": "opening_retired", "key": fingerprint(means.keys.all_pins[number].opening)}
        await note(tx, [Note(COMPANY, "keys_changed", told)], means.sources.now(), means.sources.random)
        return count

    count = await means.store.transact(work)
    key_path(means.keys.folder, "opening", number).unlink(missing_ok=True)
    keep_names(means.keys.folder)
    return count

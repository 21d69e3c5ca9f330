"""What a request says, read from the files in one go. Remembers what it was read from, for the answer to be checked."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from client_sdk.device import UNREADABLE, Built, Device
from client_sdk.keys import Health, LeaseTerms, ServerFacts, Witness
from client_sdk.local.opened import OpenReplica
from client_sdk.version import __version__
from sync.cursors import Cursor
from sync.machine import State
from sync.messages import Answer, Condition, Head, Page, Sealed, SyncRequest
from sync.outbox import Told, Verdict
from sync.versions import CURRENT, SCHEMA

__all__ = ["Asked", "ask_for_lease", "ask_for_more", "ask_to_drain", "ask_to_hand_in", "ask_to_sync"]

OPERATIONS = 500
OPERATION_BYTES = 1_000_000
SEALED_BYTES = 240_000
WANTS = 1_000
PAGE_BYTES = 614_400
"""Of the smallest page when it is open. A page is taken in at once, in one transaction."""


class Asked(msgspec.Struct, frozen=True):
    """A request and what it was read from: the cursors that stood then, and the outbox that it told of."""

    request: SyncRequest
    cursors: dict[str, Cursor] = {}
    told: Told | None = None
    sealed: Sealed | None = None


def _condition(device: Device, damaged: tuple[str, ...]) -> Condition:
    """How this phone finds itself; `damaged` files are said besides a replica that is not whole again."""
    health, built = device.keys.get(Health) or Health(), device.keys.get(Built) or Built()
    return Condition(
        __version__,
        health.verified_at or 0,
        health.checked_at or 0,
        health.differing,
        ("replica.db", *damaged) if health.rebuilt else damaged,
        built.damaged,
    )


def _base(device: Device, *damaged: str, times: int = 1) -> SyncRequest:
    facts, terms = device.keys.get(ServerFacts), device.keys.get(LeaseTerms)
    holds = device.keys.state is State.OPEN and terms is not None
    witness = device.keys.get(Witness)
    return SyncRequest(
        CURRENT,
        SCHEMA,
        facts.epoch if facts else b"",
        device.moment(),
        receipts=device.keys.receipts_to_send(),
        limit=PAGE_BYTES * times,
        witness=witness.signed if witness else b"",
        lease=terms.locks_at if holds and terms else 0,
        condition=_condition(device, damaged),
        keys=device.keys_held(),
        brief=True,
    )


def ask_for_lease(device: Device, *damaged: str) -> Asked:
    """A request without a replica: for a lease, for orders. It says which other files are damaged."""
    begins = device.keys.state in {State.AWAITING, State.ERASED}
    return Asked(msgspec.structs.replace(_base(device, *damaged), limit=PAGE_BYTES if begins else 1))


def ask_to_sync(device: Device, times: int = 1) -> Asked:
    """An ordinary request, for a page `times` as large as the smallest. Without an open replica it only asks for the
    lease.
    """
    if device.state() is not State.OPEN:
        return ask_for_lease(device)
    base, replica = _base(device, times=times), device.replica()
    told = device.outbox.told()
    cursors = {one.name: one.cursor for one in replica.scopes.all()}
    request = msgspec.structs.replace(
        base,
        epoch=replica.scopes.epoch or base.epoch,
        cursors=cursors,
        digests={one.name: one.digest for one in replica.scopes.all()} if replica.is_complete else {},
        outbox=told,
        operations=device.outbox.to_send(told, OPERATIONS, OPERATION_BYTES) if told else (),
        wants=_wants(replica),
        sums=_sums(replica),
        after={one.name: one.next for one in replica.scopes.all() if one.next},
    )
    return Asked(request, cursors, told)


def ask_for_more(device: Device, asked: Asked, answer: Answer, times: int = 1) -> Asked | None:
    """The request that follows an answer which gives a part of the rows and nothing else, before these are taken in:
    from the cursors that they lead to, for a page `times` as large as the smallest. None where something is to be done
    first, or where nothing follows.
    """
    request, head, page, tail = asked.request, answer.head, answer.page, answer.tail
    if page is None or tail is None or tail.checkpoint or not _only_brings_rows(asked, head, page):
        return None
    if device.outbox.told() != asked.told:
        return None
    cursors = asked.cursors | {one.scope: one.cursor for one in page.scopes}
    base = _base(device, times=times)
    following = msgspec.structs.replace(base, epoch=request.epoch, cursors=cursors, outbox=asked.told)
    return Asked(following, cursors, asked.told)


def _only_brings_rows(asked: Asked, head: Head, page: Page) -> bool:
    """Whether nothing was said either way that has to be seen to before the next request is made."""
    request, told = asked.request, asked.told
    said = (request.operations, request.receipts, request.wants, request.sums)
    heard = (
        head.orders,
        head.outcomes,
        head.evictions,
        head.reconcile,
        head.lease,
        head.keys,
        page.indexes,
        page.mended,
    )
    if any(said) or any(heard) or head.epoch != request.epoch or head.verdict is not Verdict.GO_ON:
        return False
    has_all = told is None or head.acknowledged == told.acknowledged == told.last
    starts = {name: one.version for name, one in asked.cursors.items()}
    follows = all(one.after == starts.get(one.scope, 0) and not (one.light or one.patches) for one in page.scopes)
    return has_all and follows and bool(page.scopes)


def ask_to_drain(device: Device) -> Asked:
    """After an order: receipts, and rows of the outbox that this phone can no longer read."""
    sealed = None
    # Receipts do not wait for an outbox that cannot be read.
    with suppress(*UNREADABLE):
        sealed = device.outbox.sealed(SEALED_BYTES) if device.pending_count() else None
    return Asked(msgspec.structs.replace(_base(device), sealed=sealed), sealed=sealed)


def ask_to_hand_in(device: Device) -> Asked | None:
    """A row of an outbox that this phone can no longer read though it works: its replica was erased. None for none.

    One at a time: a server that takes none of them costs no more than that.
    """
    sealed = device.outbox.sealed(1, unreadable_only=True) if device.pending_count() else None
    if sealed is None:
        return None
    return Asked(msgspec.structs.replace(_base(device), sealed=sealed, limit=1), sealed=sealed)


def _wants(replica: OpenReplica) -> dict[str, tuple[bytes, ...]]:
    wanted: dict[str, tuple[bytes, ...]] = {}
    sql = "SELECT s.name, w.record FROM want w JOIN scope s ON s.id=w.scope ORDER BY w.record LIMIT ?"
    for name, record in replica.file.run(sql, (WANTS,)):
        wanted[name] = (*wanted.get(name, ()), record)
    return wanted


def _sums(replica: OpenReplica) -> dict[str, bytes]:
    """Scopes to compare: all of one whose cursor is of no use, else only the buckets that differ."""
    return {
        one.name: replica.scopes.bucket_sums(one.id) if one.cursor.version else b""
        for one in replica.scopes.all()
        if one.next is not None
    }

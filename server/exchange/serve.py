"""One exchange, in the order it runs: hear or push, pull, settle, answer.

An answer with nothing new writes nothing. What a page gives and when a lease ends is committed before the answer
leaves; whoever is not active gets the first frame only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

import msgspec

from server.departure.contact import Heard, hear
from server.departure.evictions import take_claims
from server.departure.orders import orders_for
from server.departure.sealed import unsealed_rows
from server.exchange.ahead import Ahead, read_ahead
from server.exchange.helped import Helped
from server.exchange.holdings import give, take_away
from server.exchange.keys_followed import followed_keys, keep_keys
from server.exchange.lookout import A_DAYS_WORK
from server.exchange.means import Means
from server.exchange.outboxes import brings, is_quiet
from server.exchange.pull import LostHistory, Pulled, is_near, pull
from server.exchange.push import Ground, Pushed, Sender, push, push_sealed
from server.exchange.reply import Reply, closed_reply
from server.exchange.room import fitting, without_ids, without_values
from server.exchange.seen import seen
from server.field.arrivals import look
from server.identity import devices, leases, staff
from server.identity.contacts import Seen, heard, is_news
from server.identity.devices import Device
from server.identity.grants import Grants, grants_of_device
from server.identity.help import ended_by_time
from server.identity.keys import CompanyKeys
from server.identity.leases import Terms
from server.identity.terms import terms_of
from server.master.checkpoints import newest
from server.master.feed import read_heads
from server.master.meta import Identity, read_identity
from server.master.sqlite import at_once
from server.master.store import Tx
from server.master.witnesses import Strange, brought, keep_strange, strange
from sync.errors import Refusal
from sync.messages import Head, Lease, Page, Standing, SyncRequest, Tail
from sync.scopes import territory
from sync.signing import Signed

__all__ = ["Reply", "closed_reply", "serve"]

_SETTLE_TRIES = 3


class _GrantsMovedError(Exception):
    """Between the snapshot of an answer and its settling a roster changed: the answer has to be read again."""


async def serve(means: Means, device: UUID, request: SyncRequest) -> Reply:
    """Answer one request of an authenticated device. Raises Refusal."""
    for _ in range(2):
        try:
            return await _Exchange(means, device, request).run()
        except LostHistory as lost:
            await _recover(means, lost.epoch)
    raise Refusal("unavailable", "the store lost history and is being brought back")


async def _recover(means: Means, epoch: bytes) -> None:
    """Have the store brought back, unless that has been done since `epoch` was read."""
    if (await means.departure.store.look(read_identity)).epoch == epoch:
        await means.recover()


@dataclass(frozen=True, slots=True)
class _Read:
    """What one snapshot gave for an answer: `granted` scopes and the terms of the lease that hold for an active device,
    `orders` for one that is not. `seen` is what the digests of the request showed.
    """

    device: Device
    identity: Identity
    pushed: Pushed
    pulled: Pulled
    orders: tuple[Signed, ...] = ()
    granted: tuple[str, ...] = ()
    terms: Terms | None = None
    checkpoint: Signed | None = None
    seen: Seen = field(default_factory=Seen)


@dataclass(frozen=True, slots=True)
class _Settled:
    """What an answer is made of, once what it gives is written; `lease` where it brings one."""

    got: _Read
    lease: Lease | None = None


@dataclass(slots=True)
class _Exchange:
    """One exchange in progress; `read` are the operations that it brings."""

    means: Means
    device: UUID
    request: SyncRequest
    read: list[Ahead] = field(default_factory=list)

    async def run(self) -> Reply:
        """Hear or push, then pull and settle. No snapshot is held open while a write waits for its turn."""
        store = self.means.departure.store
        witness, got = await store.glance(self._looked)
        if witness is not None:
            await self._hear_witness(witness)
        if got is None:
            self.read = read_ahead(self.request.operations)
            taken = await store.transact(self._take_in, is_repeatable=True)
            if isinstance(taken, Reply):
                return taken
            pushed = taken.got.pushed if isinstance(taken, _Settled) else taken
            self.means.departure.announcer.announce(pushed.changed)
            if pushed.changed:
                await self._rules_look(len(pushed.outcomes))
            if isinstance(taken, _Settled):
                return self._reply(taken)
            got = await store.glance(partial(self._read_again, pushed=pushed))
        return await self._settled(got)

    async def _rules_look(self, brought: int) -> None:
        """Have the rules look at what was brought: now, or soon where that is much."""
        if brought > A_DAYS_WORK:
            self.means.lookout.tell()
            return
        departure = self.means.departure
        departure.announcer.announce(await look(departure.store, self.means.rules))

    async def _looked(self, tx: Tx) -> tuple[Strange | None, _Read | None]:
        witness = await strange(tx, self.request.witness, self._keys.pins.believed)
        is_asking = witness is None and not brings(self.request)
        return witness, await self._quiet(tx) if is_asking else None

    async def _read_again(self, tx: Tx, pushed: Pushed) -> _Read:
        return await self._read(tx, await self._device(tx), pushed)

    async def _hear_witness(self, witness: Strange) -> None:
        """Keep a checkpoint that this store should have and does not. Raises LostHistory for one of this epoch."""
        store, sources = self.means.departure.store, self.means.departure.sources
        await store.transact(partial(keep_strange, found=witness, device=self.device, sources=sources))
        epoch = (await store.look(read_identity)).epoch
        if self.request.epoch == epoch:
            raise LostHistory(epoch)

    async def _quiet(self, tx: Tx) -> _Read | None:
        """The answer to a request that brings nothing; None where there is something to take in."""
        device = await self._device(tx)
        if device.standing is not Standing.ACTIVE or not await is_quiet(tx, self.request):
            return None
        told = self.request.outbox
        pushed = Pushed(acknowledged=told.acknowledged, hash=told.hash) if told else Pushed()
        return await self._read(tx, device, pushed)

    async def _device(self, tx: Tx) -> Device:
        found = await devices.find(tx, self.device)
        if found is None:
            raise Refusal("unknown_device")
        return found

    async def _locked(self, tx: Tx) -> Device:
        """The device with its person's row and its own locked, in that order."""
        await staff.lock(tx, (await self._device(tx)).staff)
        found = await devices.lock(tx, self.device)
        if found is None:
            raise Refusal("unknown_device")
        return found

    async def _take_in(self, tx: Tx) -> Pushed | _Settled | Reply:
        with at_once(tx) as near:
            return await self._taken_in(near)

    async def _taken_in(self, tx: Tx) -> Pushed | _Settled | Reply:
        device = await self._locked(tx)
        if device.standing is not Standing.ACTIVE:
            return await self._heard(tx, device)
        pushed = await self._pushed(tx, device)
        claims = await take_claims(tx, device, self.request.receipts, self.means.departure.sources)
        pushed = msgspec.structs.replace(pushed, receipts=claims)
        return await self._answered(tx, pushed) or pushed

    async def _answered(self, tx: Tx, pushed: Pushed) -> _Settled | None:
        """The answer, read and settled in the transaction that took in what was `pushed`, where that is a snapshot, no
        rule has its say before it, and it is short.
        """
        has_rules = pushed.changed and len(pushed.outcomes) <= A_DAYS_WORK
        if has_rules or not self.means.departure.store.is_sqlite:
            return None
        device = await self._device(tx)
        if device.standing is not Standing.ACTIVE:
            return None
        grants = await grants_of_device(tx, device.id, device.staff, self._now)
        if not is_near(self.request, (await read_heads(tx, grants.scopes)).values()):
            return None
        try:
            return await self._settled_in(tx, await self._read(tx, device, pushed))
        except _GrantsMovedError:
            return None

    async def _pushed(self, tx: Tx, device: Device) -> Pushed:
        grants = await grants_of_device(tx, device.id, device.staff, self._now)
        sources = self.means.departure.sources
        sender, ground = await self._sender(tx, device, grants), self._ground()
        sealed = self.request.sealed
        if sealed is not None and self.request.outbox is None:
            rows = unsealed_rows(sealed, self._keys.openings.values())
            return await push_sealed(tx, sender, self.request, rows, ground)
        pushed = await push(tx, sender, self.request, ground, self.read)
        if pushed.suspects_clone:
            await devices.suspend(tx, device.id, "two live copies of one phone", sources)
        return pushed

    def _ground(self) -> Ground:
        departure = self.means.departure
        return Ground(departure.sources, self.means.phone_region, self.means.guard, departure.zone)

    async def _sender(self, tx: Tx, device: Device, grants: Grants) -> Sender:
        over = await ended_by_time(tx, device.staff, self._now)
        helped = tuple(Helped(territory(one.territory), one.until) for one in over)
        return Sender(device.id, device.staff, grants.rights, device.enrolled_at, helped)

    async def _heard(self, tx: Tx, device: Device) -> Reply:
        departure = self.means.departure
        told: Heard = await hear(tx, device, self.request, departure.keys, departure.sources.now(), departure.sources)
        head = Head(
            device.standing,
            departure.sources.now(),
            (await read_identity(tx)).epoch,
            told.orders,
            acknowledged=told.acknowledged,
            hash=told.hash,
            receipts=told.receipts,
            staff=device.staff,
            call=self.means.call,
            keys=self._keys.changes_for(self.request.keys),
        )
        return Reply(head, Page(), Tail())

    async def _read(self, tx: Tx, device: Device, pushed: Pushed) -> _Read:
        identity = await read_identity(tx)
        if device.standing is not Standing.ACTIVE:
            return _Read(device, identity, pushed, Pulled(), await orders_for(tx, device.id))
        grants = await grants_of_device(tx, device.id, device.staff, self._now)
        pushed = msgspec.structs.replace(pushed, outcomes=fitting(pushed.outcomes))
        pulled = await pull(tx, self.request, grants.scopes, identity.epoch, self._keys.cursor_key, pushed)
        terms = await terms_of(tx, device, self.means.lease, self._now)
        shown = seen(self.request, identity.epoch, pulled, device.checkpoint_sum)
        latest = await self._checkpoint(tx)
        return _Read(
            device, identity, pushed, pulled, granted=grants.scopes, terms=terms, checkpoint=latest, seen=shown
        )

    async def _checkpoint(self, tx: Tx) -> Signed | None:
        """The newest checkpoint of the journal, for a phone that does not bring that very one."""
        last, witness = await newest(tx), brought(self.request.witness)
        if last is None or (witness is not None and witness.body == last.signed.body):
            return None
        return last.signed

    @property
    def _keys(self) -> CompanyKeys:
        return self.means.departure.keys

    @property
    def _now(self) -> int:
        return self.means.departure.sources.now()

    async def _settled(self, got: _Read) -> Reply:
        for _ in range(_SETTLE_TRIES):
            try:
                return await self._settled_as_granted(got)
            except _GrantsMovedError:
                again = partial(self._read_again, pushed=got.pushed)
                got = await self.means.departure.store.glance(again)
        raise Refusal("busy", "what this device may hold kept changing")

    async def _settled_as_granted(self, got: _Read) -> Reply:
        settled = _Settled(got)
        if got.device.standing is Standing.ACTIVE and self._has_to_settle(got):
            settled = await self.means.departure.store.transact(partial(self._settle, got=got), is_repeatable=True)
        return self._reply(settled)

    def _reply(self, settled: _Settled) -> Reply:
        got, pulled = settled.got, settled.got.pulled
        if got.device.standing is not Standing.ACTIVE:
            return self._closed(got)
        head = msgspec.structs.replace(
            self._head(got), evictions=pulled.evictions, reconcile=pulled.reconcile, lease=settled.lease
        )
        return Reply(head, pulled.page, pulled.tail, pulled.frame, pulled.tail_frame)

    def _closed(self, got: _Read) -> Reply:
        """To a device that ended between its work being taken in and the answer: what was taken in, its orders, and
        no value of any record.
        """
        head = self._head(got)
        return Reply(msgspec.structs.replace(head, outcomes=without_values(head.outcomes)), Page(), Tail())

    def _head(self, got: _Read) -> Head:
        return Head(
            got.device.standing,
            self.means.departure.sources.now(),
            got.identity.epoch,
            got.orders,
            got.pushed.verdict,
            got.pushed.acknowledged,
            got.pushed.hash,
            without_ids(got.pushed.outcomes) if self.request.brief else got.pushed.outcomes,
            receipts=got.pushed.receipts,
            staff=got.device.staff,
            call=self.means.call,
            checkpoint=got.checkpoint,
            keys=self._keys.changes_for(self.request.keys),
        )

    def _has_to_settle(self, got: _Read) -> bool:
        """Whether the answer gives or takes anything, or the contact is to be noted."""
        device, now = got.device, self._now
        needs_lease = self.request.lease != (device.lease_locks_at or 0)
        is_due = got.terms is not None and leases.is_due(device, got.terms, now)
        is_new = is_news(device, self.request, got.seen, now)
        has_followed = bool(followed_keys(device, self.request, self._keys))
        return bool(got.pulled.given or got.pulled.evictions) or needs_lease or is_due or is_new or has_followed

    async def _settle(self, tx: Tx, got: _Read) -> _Settled:
        """Commit what the answer gives before it leaves; a device that is no longer active gets nothing, and nobody
        gets a scope that was taken away since it was read. Raises _GrantsMovedError.
        """
        with at_once(tx) as near:
            return await self._settled_in(near, got)

    async def _settled_in(self, tx: Tx, got: _Read) -> _Settled:
        device = await self._locked(tx)
        if device.standing is not Standing.ACTIVE:
            return _Settled(await self._read(tx, device, got.pushed))
        if (await grants_of_device(tx, device.id, device.staff, self._now)).scopes != got.granted:
            raise _GrantsMovedError
        keys, now = self._keys, self._now
        await give(tx, device.id.bytes, got.pulled.given, now)
        await take_away(tx, device.id.bytes, got.pulled.evictions, now)
        await heard(tx, device, self.request, now, got.seen)
        await keep_keys(tx, device, self.request, self.means.departure)
        lease = await leases.renew(tx, device, await terms_of(tx, device, self.means.lease, now), keys, now)
        if lease is None and self.request.lease != (device.lease_locks_at or 0):
            lease = await leases.lease_of(tx, device, keys)
        return _Settled(got, lease)

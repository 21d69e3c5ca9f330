"""One exchange, in the order it runs: hear or push, pull, settle, answer.

An answer with nothing new writes nothing. What a page gives and when a lease ends is committed before the answer
leaves; whoever is not active gets the first frame only.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.departure.contact import Heard, hear
from server.departure.orders import orders_for
from server.departure.sealed import unsealed_rows
from server.exchange.holdings import give, take_away
from server.exchange.means import Means
from server.exchange.outboxes import is_quiet
from server.exchange.pull import LostHistory, Pulled, pull
from server.exchange.push import Ground, Pushed, Sender, push, push_sealed
from server.identity import devices, leases, staff
from server.identity.devices import Device
from server.identity.grants import Grants, grants_of
from server.master.meta import Identity, read_identity
from server.master.store import Tx
from sync.errors import Refusal
from sync.messages import Head, Lease, Page, Standing, SyncRequest, Tail

__all__ = ["Reply", "closed_reply", "serve"]

_CONTACT_MS = 600_000


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in its three parts. `gives` is true when it holds records or a lease's share."""

    head: Head
    page: Page
    tail: Tail

    @property
    def gives(self) -> bool:
        """Whether it may only be handed over to a device that is still active."""
        return self.head.lease is not None or bool(self.page.scopes or self.page.indexes or self.page.mended)


async def serve(means: Means, device: UUID, request: SyncRequest) -> Reply:
    """Answer one request of an authenticated device. Raises Refusal."""
    for _ in range(2):
        try:
            return await _Exchange(means, device, request).run()
        except LostHistory:
            await means.recover()
    raise Refusal("unavailable", "the store lost history and is being brought back")


async def closed_reply(means: Means, device: UUID) -> Reply:
    """The answer to a device that turned out to have departed while its answer was made: its orders, nothing else."""
    now = means.departure.sources.now()
    async with means.departure.store.read() as tx:
        found = await devices.find(tx, device)
        orders = await orders_for(tx, device)
        epoch = (await read_identity(tx)).epoch
    standing = found.standing if found is not None else Standing.DEPARTED
    return Reply(Head(standing, now, epoch, orders), Page(), Tail())


@dataclass(frozen=True, slots=True)
class _Settled:
    """What was committed for an answer that may leave."""

    lease: Lease | None


@dataclass(slots=True)
class _Exchange:
    """One exchange in progress."""

    means: Means
    device: UUID
    request: SyncRequest

    async def run(self) -> Reply:
        """Hear or push, then pull and settle."""
        async with self.means.departure.store.read() as tx:
            device = await self._device(tx)
            if device.standing is Standing.ACTIVE and await is_quiet(tx, self.request):
                told = self.request.outbox
                pushed = Pushed(acknowledged=told.acknowledged, hash=told.hash) if told else Pushed()
                pulled = await self._pulled(tx, device)
                return await self._settled(device, pushed, pulled)
        taken = await self.means.departure.store.transact(self._take_in)
        if isinstance(taken, Reply):
            return taken
        self.means.departure.announcer.announce(taken.changed)
        async with self.means.departure.store.read() as tx:
            device = await self._device(tx)
            pulled = await self._pulled(tx, device)
        return await self._settled(device, taken, pulled)

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

    async def _take_in(self, tx: Tx) -> Pushed | Reply:
        device = await self._locked(tx)
        if device.standing is not Standing.ACTIVE:
            return await self._heard(tx, device)
        grants = await grants_of(tx, device.staff)
        epoch = (await read_identity(tx)).epoch
        sources = self.means.departure.sources
        sender, ground = self._sender(device, grants), Ground(epoch, sources, self.means.phone_region)
        sealed = self.request.sealed
        if sealed is not None:
            rows = unsealed_rows(sealed, [self.means.departure.keys.opening])
            return await push_sealed(tx, sender, self.request, rows, ground)
        pushed = await push(tx, sender, self.request, ground)
        if pushed.suspects_clone:
            await devices.suspend(tx, device.id, "two live copies of one phone", sources)
        return pushed

    def _sender(self, device: Device, grants: Grants) -> Sender:
        return Sender(device.id, device.staff, grants.rights, device.enrolled_at)

    async def _heard(self, tx: Tx, device: Device) -> Reply:
        departure = self.means.departure
        heard: Heard = await hear(tx, device, self.request, departure.keys, departure.sources.now(), departure.sources)
        head = Head(
            device.standing,
            departure.sources.now(),
            (await read_identity(tx)).epoch,
            heard.orders,
            acknowledged=heard.acknowledged,
            hash=heard.hash,
            receipts=heard.receipts,
            staff=device.staff,
        )
        return Reply(head, Page(), Tail())

    async def _pulled(self, tx: Tx, device: Device) -> tuple[Pulled, Identity]:
        identity = await read_identity(tx)
        if device.standing is not Standing.ACTIVE:
            return Pulled(), identity
        grants = await grants_of(tx, device.staff)
        key = self.means.departure.keys.cursor_key
        return await pull(tx, self.request, grants.scopes, identity.epoch, key), identity

    async def _settled(self, device: Device, pushed: Pushed, pulled: tuple[Pulled, Identity]) -> Reply:
        got, identity = pulled
        lease: Lease | None = None
        if self._has_to_settle(device, got):
            settled = await self.means.departure.store.transact(lambda tx: self._settle(tx, got))
            if isinstance(settled, Reply):
                return settled
            lease = settled.lease
        head = Head(
            device.standing,
            self.means.departure.sources.now(),
            identity.epoch,
            (),
            pushed.verdict,
            pushed.acknowledged,
            pushed.hash,
            pushed.outcomes,
            got.evictions,
            got.reconcile,
            lease,
            staff=device.staff,
        )
        return Reply(head, got.page, got.tail)

    def _has_to_settle(self, device: Device, got: Pulled) -> bool:
        """Whether the answer gives or takes anything, or the contact is to be noted."""
        now = self.means.departure.sources.now()
        is_stale = device.last_contact is None or now - device.last_contact > _CONTACT_MS
        needs_lease = self.request.lease != (device.lease_locks_at or 0)
        return (
            bool(got.given or got.evictions) or is_stale or needs_lease or leases.is_due(device, self.means.lease, now)
        )

    async def _settle(self, tx: Tx, got: Pulled) -> _Settled | Reply:
        """Commit what the answer gives before it leaves; a device that is no longer active gets nothing."""
        device = await self._locked(tx)
        if device.standing is not Standing.ACTIVE:
            return await self._heard(tx, device)
        setting, keys, now = self.means.lease, self.means.departure.keys, self.means.departure.sources.now()
        await give(tx, device.id.bytes, got.given, now)
        await take_away(tx, device.id.bytes, got.evictions, now)
        await devices.heard(tx, device.id, self.request, now)
        lease = await leases.renew(tx, device, setting, keys, now)
        if lease is None and self.request.lease != (device.lease_locks_at or 0):
            lease = await leases.lease_of(tx, device, setting, keys)
        return _Settled(lease)

"""An answer as it is made, in its three parts, and the one that a device gets which has departed meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.departure.orders import orders_for
from server.exchange.means import Means
from server.identity import devices
from server.master.meta import read_identity
from sync.messages import Head, Page, Standing, Tail

__all__ = ["Reply", "closed_reply"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer in its three parts. `gives` is true when it holds records or a lease's share. The frames are page and
    tail as they travel, where they were written already.
    """

    head: Head
    page: Page
    tail: Tail
    page_frame: bytes = b""
    tail_frame: bytes = b""

    @property
    def gives(self) -> bool:
        """Whether it may only be handed over to a device that is still active."""
        return self.head.lease is not None or bool(self.page.scopes or self.page.indexes or self.page.mended)


async def closed_reply(means: Means, device: UUID) -> Reply:
    """The answer to a device that turned out to have departed while its answer was made: its orders, nothing else."""
    now = means.departure.sources.now()
    async with means.departure.store.read() as tx:
        found = await devices.find(tx, device)
        orders = await orders_for(tx, device)
        epoch = (await read_identity(tx)).epoch
    standing = found.standing if found is not None else Standing.DEPARTED
    changes = means.departure.keys.changes
    return Reply(Head(standing, now, epoch, orders, call=means.call, keys=changes), Page(), Tail())

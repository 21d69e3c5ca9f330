"""Machines that stop: after one transaction, or in the first."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from server.departure.means import Means
from server.departure.plan import run_plans
from server.departure.recovery import reconcile
from server.master.store import Store, Tx
from tests.server.departure.office import Office

T = TypeVar("T")


class Stopped(Exception):
    """The machine stopped here."""


class ShortLived(Store):
    """A machine that commits one transaction and stops in the middle of the next."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.committed = 0

    async def transact(self, work: Callable[[Tx], Awaitable[T]], *, is_repeatable: bool = False) -> T:
        """The first is done; of any later one nothing is left."""
        if self.committed:
            await super().transact(partial(self._die, work))
        done = await super().transact(work, is_repeatable=is_repeatable)
        self.committed += 1
        return done

    async def _die(self, work: Callable[[Tx], Awaitable[object]], tx: Tx) -> None:
        await work(tx)
        raise Stopped


async def one_life(office: Office, act: Callable[[Means], Awaitable[object]]) -> bool:
    """Let a machine live for one transaction; whether it came to an end of what it had to do."""
    store = ShortLived(office.store.url)
    try:
        await act(dataclasses.replace(office.means, store=store))
    except Stopped:
        return False
    finally:
        await store.close()
    return True


class FailsAtFirst(Store):
    """A store of which the first transaction fails."""

    is_sound = False

    async def transact(self, work: Callable[[Tx], Awaitable[T]], *, is_repeatable: bool = False) -> T:
        """Fail once."""
        if not self.is_sound:
            self.is_sound = True
            raise OSError("the disk is away")
        return await super().transact(work, is_repeatable=is_repeatable)


async def start(means: Means) -> None:
    """What a server does when it starts."""
    await reconcile(means.store, means.file, means.keys, means.sources)
    await run_plans(means.store, means.sources, means.announcer)

"""The manager: hires, changes a roster, cuts somebody off, again until each is acknowledged."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from server.departure import cutoff
from server.departure.means import Means
from server.identity import staff, territories
from server.identity.staff import Person, Role
from server.identity.territories import Territory
from server.master.store import Tx
from sync.errors import Refusal
from tests.end_to_end.nodes.nodes import Nodes

__all__ = ["Manager", "insisting"]

T = TypeVar("T")
_WITHIN_S = 120.0
_PAUSE_S = 0.2


class Manager:
    """Acts on the store as a command does."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def hire(self, name: str, territory: str) -> None:
        """A new rep in a territory."""

        async def work(tx: Tx, means: Means) -> None:
            if await staff.named(tx, name):
                return
            person = await staff.add(tx, name, Role.REP, means.sources)
            await territories.assign(tx, (await _found(tx, territory)).id, person.id, means.sources)

        self._written(work)

    def put(self, name: str, territory: str, *, is_on: bool) -> None:
        """Put a person on a roster, or take them off."""

        async def work(tx: Tx, means: Means) -> None:
            place, person = await _found(tx, territory), await _named(tx, name)
            if is_on:
                await territories.assign(tx, place.id, person.id, means.sources)
            else:
                await territories.unassign(tx, place.id, person.id, means.sources)

        self._written(work)

    def cut_off(self, name: str) -> None:
        """Offboard a person: returned from, it has committed."""

        async def work(means: Means) -> None:
            async with means.store.read() as tx:
                person = await _named(tx, name)
            await cutoff.cut_off(means, person.id, "left")

        insisting(self._nodes, work)

    def _written(self, work: Callable[[Tx, Means], Awaitable[None]]) -> None:
        async def whole(means: Means) -> None:
            await means.store.transact(lambda tx: work(tx, means))

        insisting(self._nodes, whole)


def insisting(nodes: Nodes, work: Callable[[Means], Awaitable[T]]) -> T:
    """Do something to the company's store, again until it is done."""
    ends_at = time.monotonic() + _WITHIN_S
    while True:
        try:
            return nodes.act(work)
        except Refusal:
            if time.monotonic() > ends_at:
                raise
            time.sleep(_PAUSE_S)


async def _found(tx: Tx, territory: str) -> Territory:
    found = await territories.territory_named(tx, territory)
    assert found is not None
    return found


async def _named(tx: Tx, name: str) -> Person:
    (found,) = await staff.named(tx, name)
    return found

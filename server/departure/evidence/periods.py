"""From when to when each device held which scope, as far as the answers that were committed before they left show it.

A device holds a scope from the first answer that gave records of it until it was told to drop it; that it obeyed is
the device's claim. Between two known moments the state is a bound, never a guess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.master.decoys import no_decoys
from server.master.evidence import past_holdings
from server.master.people import holdings
from server.master.scoping import names
from server.master.store import Tx

__all__ = ["Period", "Step", "periods_of"]


class Step(msgspec.Struct, frozen=True):
    """By `at` the device had been given the scope's records up to `version`, and none beyond it."""

    at: int
    version: int


class Period(msgspec.Struct, frozen=True):
    """One period in which a device held a scope. `evicted_at` is when it was told to drop it; None while it was not.

    `steps` are in the order of time; the last one is where the period stands.
    """

    scope: str
    first_at: int
    steps: tuple[Step, ...]
    evicted_at: int | None

    @property
    def last_at(self) -> int:
        """When records were given last."""
        return self.steps[-1].at

    @property
    def version(self) -> int:
        """Up to which version records were given."""
        return self.steps[-1].version

    def given_by(self, at: int) -> int | None:
        """By when what was there at `at` had been given, if it was given at all; None where nothing was given since."""
        return next((one.at for one in self.steps if one.at >= at), None)


async def periods_of(tx: Tx, device: UUID) -> list[Period]:
    """All periods of a device, by scope and time; decoys were given to nobody."""
    rows = [
        row
        for table in (past_holdings, holdings)
        for row in await tx.execute(select(table).where(table.c.device == device.bytes, no_decoys(table.c.scope)))
    ]
    named = await names(tx, {row.scope for row in rows})
    return sorted(_joined(rows, named), key=lambda one: (one.scope, one.first_at))


def _joined(rows: Sequence[Any], named: dict[int, str]) -> Iterable[Period]:
    """Rows with the same beginning are steps of one period."""
    grouped: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.scope, row.first_at].append(row)
    for (scope, first_at), group in grouped.items():
        at = {row.last_at: row.version for row in group}
        ended = [row.evicted_at for row in group if row.evicted_at is not None]
        steps = tuple(Step(each, version) for each, version in sorted(at.items()))
        yield Period(named[scope], first_at, steps, min(ended) if ended else None)

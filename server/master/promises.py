"""What was promised to outlets, and what of it was kept: by the reports on talks, as `sync.business.promises` says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, select

from server.master.decoys import no_decoys
from server.master.standing import survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync.business.promises import due_on, is_promise, kept, standing

__all__ = ["Promise", "promises"]

_TALKS = TYPED["contact_report"]
_COLUMNS = [
    _TALKS.c[name]
    for name in ("id", "outlet", "staff", "at", "amends", "keeps", "promised", "promised_by", "next_step", "next_on")
]


class Promise(msgspec.Struct, frozen=True):
    """What a standing report promised, at the outlet that stands now, by whom and when (server milliseconds); `due` is
    the first day that it names.
    """

    report: UUID
    outlet: UUID
    staff: UUID | None
    at: int | None
    promised: str
    promised_by: str | None
    next_step: str
    next_on: str | None
    due: str | None
    is_kept: bool

    def is_late(self, today: str) -> bool:
        """Whether its day is over and nobody has said that it is kept."""
        return not self.is_kept and self.due is not None and self.due < today


async def promises(tx: Tx, outlets: Collection[UUID] | None = None) -> list[Promise]:
    """What was promised at these outlets and at what was merged into them (None: at all), the first due first, what
    names no day last.
    """
    into = await survivors(tx)
    wanted = select(*_COLUMNS).where(no_decoys(_TALKS.c.scope)).order_by(_TALKS.c.at, _TALKS.c.id)
    if outlets is not None:
        ends = {into.get(one, one) for one in outlets}
        wanted = wanted.where(_TALKS.c.outlet.in_([*ends, *(one for one, end in into.items() if end in ends)]))
    of: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in await tx.execute(wanted):
        of[into.get(row.outlet, row.outlet)].append(row)
    found = [one for outlet, rows in of.items() for one in _of_outlet(outlet, rows)]
    return sorted(found, key=lambda one: (one.due or "~", one.report))


def _of_outlet(outlet: UUID, rows: list[Row[Any]]) -> list[Promise]:
    done = kept(rows)
    return [
        Promise(
            row.id, outlet, row.staff, row.at, row.promised, row.promised_by, row.next_step, row.next_on, due_on(row),
            row.id in done,
        )
        for row in standing(rows)
        if is_promise(row)
    ]  # fmt: skip

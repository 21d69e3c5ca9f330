"""What was planted, and what of it the product asked about. Only this module knows both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from server.cli.deployment import Deployment
from server.cli.month.replay import Replay
from server.field.invented import INVENTED
from server.field.questions import SAME_OUTLET
from server.field.stock.found import DIVERSION, FELL, MORE, SAME_ORDER
from server.field.stock.questions import listed as asked_of_stock
from server.master.inbox import listed
from server.master.store import Tx
from server.master.tables import questions

__all__ = ["Planted", "held_against"]

_PRIVATE = frozenset({FELL, MORE, SAME_ORDER})


class Planted(msgspec.Struct, frozen=True):
    """How many were planted and found, by kind; which were missed, and what was asked about in vain."""

    planted: dict[str, int]
    found: dict[str, int]
    missed: tuple[str, ...] = ()
    false: tuple[str, ...] = ()

    @property
    def total(self) -> tuple[int, int]:
        """Planted and found, of all kinds."""
        return sum(self.planted.values()), sum(self.found.values())


class _Asked(msgspec.Struct):
    """The questions of the product during the replay: subjects by kind, in the words of the history."""

    invented: set[str]
    duplicates: set[frozenset[str]]
    private_orders: set[str]
    diversion: set[str]


async def held_against(deployment: Deployment, played: Replay, planted: dict[str, list[Any]]) -> Planted:
    """Hold what was asked since the replay began against what is planted."""
    keys = {one: key for key, one in played.names.outlets.items()}
    async with deployment.store.read() as tx:
        asked = await _asked(tx, keys, played.began)
    wanted = {
        "invented": set(planted.get("invented", ())),
        "duplicates": {frozenset(one) for one in planted.get("duplicates", ())},
        "private_orders": set(planted.get("private_orders", ())),
        "diversion": {one[0] for one in planted.get("diversion", ())},
    }
    said = {kind: getattr(asked, kind) for kind in wanted}
    return Planted(
        {kind: len(each) for kind, each in wanted.items()},
        {kind: len(each & said[kind]) for kind, each in wanted.items()},
        tuple(sorted(_told(kind, one) for kind, each in wanted.items() for one in each - said[kind])),
        tuple(sorted(_told(kind, one) for kind, each in said.items() for one in each - wanted[kind])),
    )


async def _asked(tx: Tx, keys: dict[UUID, str], since: int) -> _Asked:
    def key(outlet: UUID) -> str:
        return keys.get(outlet, str(outlet))

    invented = [*await listed(tx, kind=INVENTED), *await listed(tx, kind=INVENTED, is_open=False)]
    pairs = (await tx.execute(questions.select().where(questions.c.kind == SAME_OUTLET, questions.c.at >= since))).all()
    stock = [one.question for one in await asked_of_stock(tx, everything=True)]
    return _Asked(
        {key(one.matter.about) for one in invented},
        {frozenset(key(UUID(bytes=bytes(each))) for each in (row.record, row.other)) for row in pairs},
        {key(one.outlet) for one in stock if one.kind in _PRIVATE},
        {key(one.outlet) for one in stock if one.kind == DIVERSION},
    )


def _told(kind: str, one: str | Iterable[str]) -> str:
    return f"{kind}: {one if isinstance(one, str) else ' = '.join(sorted(one))}"

"""How much hangs on one person alone, and what somebody did otherwise than usual: questions, never verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from server.field.ground import Ground
from server.field.watching.asking import found_signs
from server.field.watching.dependence import Dependence, dependences
from server.field.watching.signs import Sign
from server.identity import staff
from server.master.store import Tx
from sync.policies.trade import DEPENDENCE

__all__ = ["Watched", "watched"]


class Watched(msgspec.Struct, frozen=True):
    """Dependence on each person, the greatest first; the signs of today; names by person; the limit in percent above
    which the inbox asks.
    """

    dependences: tuple[Dependence, ...]
    signs: tuple[Sign, ...]
    names: Mapping[UUID, str]
    limit: int


async def watched(tx: Tx, ground: Ground, person: UUID | None = None) -> Watched:
    """All of it, or what is about one person."""
    names = {one.id: one.name for one in await staff.everybody(tx)}
    signs = [one for one in await found_signs(tx, ground) if person is None or one.staff == person]
    hanging = await dependences(tx, ground, person)
    return Watched(tuple(hanging), tuple(signs), names, ground.policies.of(DEPENDENCE))

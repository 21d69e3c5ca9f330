"""Handing over what a drawn area takes in: into a territory that there is, or one that is made for it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from uuid import UUID

import msgspec

from server.console.map.drawing import Drawn, taken_in
from server.console.map.sheet import Sheet
from server.field.ground import Ground
from server.field.redrawing import redraw
from server.identity.territories import Territory, add_territory, assign, find_territory
from server.master.spots import Place
from server.master.store import Tx
from server.values import Unfit
from sync.scopes import staff, territory

__all__ = ["HandOver", "HandedOver", "hand_over", "seen_of"]


class HandOver(msgspec.Struct, frozen=True):
    """What a manager decided: the area, what was seen in it (`seen_of`), which outlets to leave, and where the others
    go: `into` a territory, or (None) into a new one of that `name`, with that pool, which `owner` answers for.
    """

    corners: Sequence[Place]
    seen: str
    leave: frozenset[UUID]
    into: UUID | None
    name: str = ""
    pool: UUID | None = None
    owner: UUID | None = None


class HandedOver(msgspec.Struct, frozen=True):
    """What came of it: the territory and its name, the outlets that went, those that stayed with the reason, and the
    scopes that changed.
    """

    territory: UUID
    name: str
    moved: tuple[UUID, ...]
    refused: dict[UUID, str]
    changed: frozenset[str]


def seen_of(drawn: Drawn) -> str:
    """A mark of what is shown of an area: another one as soon as an outlet comes, goes or changes hands."""
    said = "\n".join(sorted(f"{one.id} {one.place}" for one in drawn.outlets))
    return blake2b(said.encode(), digest_size=12).hexdigest()


async def hand_over(tx: Tx, sheet: Sheet, wanted: HandOver, ground: Ground, *, by: UUID) -> HandedOver:
    """Move what the area takes in, less what is left out. Raises Unfit where that is not what was seen, or nothing;
    Refusal where the territory cannot be.
    """
    drawn = await taken_in(tx, sheet, wanted.corners)
    if seen_of(drawn) != wanted.seen:
        raise Unfit(
            "outlets in this area have changed meanwhile: look at the list again, then confirm",
            "此范围内的终端刚有变化，请重新核对后再确认",
        )
    going = [one.id for one in drawn.outlets if one.id not in wanted.leave]
    if not going:
        raise Unfit("no outlet is left to hand over", "没有要划转的终端")
    place, opened = await _territory(tx, wanted, ground)
    moved = await redraw(tx, going, place.id, ground, by=by)
    return HandedOver(place.id, place.name, moved.moved, moved.refused, moved.changed | opened)


async def _territory(tx: Tx, wanted: HandOver, ground: Ground) -> tuple[Territory, frozenset[str]]:
    """Where it goes, made now if it is a new one, and the scopes in which somebody hears of that."""
    if wanted.into is not None:
        found = await find_territory(tx, wanted.into)
        if found is None:
            raise Unfit("this territory is not there any more: choose another", "该片区已不存在，请另选")
        return found, frozenset()
    if not wanted.name:
        raise Unfit("choose a territory, or type a name for a new one", "请选择片区，或填写新片区的名称")
    made = await add_territory(tx, wanted.name, wanted.pool, ground.sources)
    if wanted.owner is None:
        return made, frozenset()
    await assign(tx, made.id, wanted.owner, ground.sources, private=True)
    return made, frozenset({territory(made.id), staff(wanted.owner)})

"""A plan as people write it: `what` and `where` by name, on the command line or as the lines of a .csv file.

Only reading and looking up; whether it can be is the business of `wanted`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.departure.leaving.wanted import Goes, Wanted
from server.identity import staff, territories
from server.master.store import Tx
from server.master.typed import TYPED
from sync.errors import Refusal
from sync.ids import parse_id

__all__ = ["HEADINGS", "Said", "outlet_named", "read_plan", "wanted_of"]

HEADINGS = ("territory", "outlet", "goes_to")
_CHINESE = {"片区": "territory", "终端": "outlet", "去向": "goes_to"}
POOL = frozenset({"pool", "公海"})
_OUTLETS = TYPED["outlet"]


class Said(msgspec.Struct, frozen=True):
    """One line: a territory or an outlet, and the person, territory or pool where it goes, all as they were typed."""

    territory: str
    outlet: str
    goes_to: str


def read_plan(path: Path) -> list[Said]:
    """The lines of a plan with the columns territory or outlet, and goes_to (片区, 终端, 去向).

    Raises Refusal, OSError.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = [[cell.strip() for cell in row] for row in csv.reader(file) if any(cell.strip() for cell in row)]
    heads = [_CHINESE.get(one, one.lower()) for one in table[0]] if table else []
    if "goes_to" not in heads or not {"territory", "outlet"}.intersection(heads):
        raise Refusal("bad_value", f"the first line of a plan names its columns: {', '.join(HEADINGS)}")
    rows = [dict(zip(heads, row, strict=False)) for row in table[1:]]
    return [Said(row.get("territory", ""), row.get("outlet", ""), row.get("goes_to", "")) for row in rows]


async def wanted_of(tx: Tx, said: Iterable[Said], successor: UUID | None, *, to_pool: bool) -> Wanted:
    """What these lines mean. Raises Refusal, with the line, for a name that nobody has or several have."""
    places: dict[UUID, Goes] = {}
    outlets: dict[UUID, Goes] = {}
    for one in said:
        goes = await _goes(tx, one.goes_to)
        if one.outlet:
            outlets[await outlet_named(tx, one.outlet)] = goes
        else:
            places[await _territory(tx, one.territory)] = goes
    return Wanted(successor, to_pool, tuple(places.items()), tuple(outlets.items()))


async def _goes(tx: Tx, typed: str) -> Goes:
    if typed.lower() in POOL:
        return Goes(pool=True)
    known = parse_id(typed)
    place = await territories.territory_named(tx, typed)
    if place is None and known is not None:
        place = await territories.find_territory(tx, known)
    by_id = await staff.find(tx, known) if known is not None else None
    people = [one for one in ([by_id] if by_id else await staff.named(tx, typed)) if one.is_active]
    if len(people) + (place is not None) != 1:
        raise Refusal("not_found", f"no single person or territory is named {typed or '(nothing)'}")
    return Goes(territory=place.id) if place is not None else Goes(people[0].id)


async def _territory(tx: Tx, typed: str) -> UUID:
    known = parse_id(typed)
    found = await territories.find_territory(tx, known) if known is not None else None
    found = found or await territories.territory_named(tx, typed)
    if found is None:
        raise Refusal("not_found", f"there is no territory {typed or '(nothing)'}")
    return found.id


async def outlet_named(tx: Tx, typed: str) -> UUID:
    """The outlet of an id, or the standing one of a code or exactly that name. Raises Refusal where that is none."""
    known = parse_id(typed)
    meant = ((_OUTLETS.c.code == typed.strip()) | (_OUTLETS.c.name == typed.strip())) & _OUTLETS.c.merged_into.is_(None)
    wanted = select(_OUTLETS.c.id).where(meant if known is None else _OUTLETS.c.id == known).limit(2)
    found: Sequence[UUID] = (await tx.execute(wanted)).scalars().all()
    if len(found) != 1:
        several = "several outlets are" if found else "no outlet is"
        raise Refusal("not_found", f"{several} named {typed}; use its code or id")
    return found[0]

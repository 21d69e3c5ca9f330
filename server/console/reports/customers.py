"""The customer list (客户一览表) as a workbook that can be imported again: what may be chosen, and what was."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select

from server.console.viewer import Viewer
from server.console.words import word
from server.field.export import Chosen, export_outlets, list_book
from server.field.ground import Ground
from server.identity.rosters import teams
from server.identity.staff import everybody
from server.identity.territories import all_territories
from server.master.store import Store, Tx
from server.master.typed import TYPED
from server.values import Unfit
from sync.ids import parse_id
from sync.records import Grade, OutletStatus, Review

__all__ = ["Choices", "choices", "customer_list"]

_CLASSES = TYPED["outlet_class"]
Options = Sequence[tuple[str, str]]
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list can be narrowed by, as (value, text)."""

    territories: Options
    owners: Options
    classes: Options
    grades: Options
    statuses: Options
    reviews: Options


async def choices(tx: Tx, viewer: Viewer) -> Choices:
    """What the form offers. Owners are those who own a territory."""
    names = {one.id: one.name for one in await everybody(tx)}
    owners = {team.owner for team in (await teams(tx)).values() if team.owner is not None}
    columns = select(_CLASSES.c.code, _CLASSES.c.zh, _CLASSES.c.en).order_by(_CLASSES.c.code)
    places = [(str(one.id), one.name) for one in await all_territories(tx)]
    language = viewer.language
    return Choices(
        sorted(places, key=lambda one: one[1]),
        sorted(((str(one), names.get(one, str(one))) for one in owners), key=lambda one: one[1]),
        [(row.code, viewer.say(row.zh, row.en)) for row in await tx.execute(columns)],
        [(one.value, word("grade", one.value, language)) for one in Grade],
        [(one.value, word("status", one.value, language)) for one in OutletStatus],
        [(one.value, word("review", one.value, language)) for one in Review],
    )


async def customer_list(store: Store, ground: Ground, viewer: Viewer, query: Mapping[str, str]) -> tuple[str, bytes]:
    """The list that an address asks for: the file's name, and the workbook. It is in the journal before a line of it is
    out. Raises Unfit for what cannot be chosen, Refusal for somebody who is leaving.
    """
    lines = await export_outlets(store, ground.sources, _chosen(query), staff=viewer.person.id)
    title = viewer.say("客户一览表", "Customer list")
    return f"{title}-{ground.today}.xlsx", await asyncio.to_thread(list_book, lines)


def _chosen(query: Mapping[str, str]) -> Chosen:
    place, owner = parse_id(query.get("territory", "")), parse_id(query.get("person", ""))
    return Chosen(
        (place,) if place is not None else (),
        owner,
        query.get("class") or None,
        _one(Grade, query.get("grade", "")),
        _one(OutletStatus, query.get("status", "")),
        _one(Review, query.get("review", "")),
    )


def _one(kind: type[E], typed: str) -> E | None:
    if not typed:
        return None
    try:
        return kind(typed)
    except ValueError as error:
        raise Unfit(f"there is no {typed} to choose", f"没有“{typed}”这个选项") from error

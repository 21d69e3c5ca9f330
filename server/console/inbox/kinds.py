"""All kinds of work that wait for a decision, in the order in which they are looked at, and how many of each wait."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import merge
from uuid import UUID

import msgspec
from sqlalchemy import literal, union_all

from server.console.inbox.conflicts import CONFLICTS
from server.console.inbox.doubtful import DOUBTFUL_VISITS
from server.console.inbox.held import HELD
from server.console.inbox.incidents import INCIDENTS
from server.console.inbox.late import LATE_VISITS
from server.console.inbox.letters import LETTERS
from server.console.inbox.matters import MATTERS
from server.console.inbox.money import CREDIT, DEBTS
from server.console.inbox.off_list import OFF_LIST_ORDERS
from server.console.inbox.pairs import PAIRS
from server.console.inbox.parts import Hand, Kind, Line, Look, Place
from server.console.inbox.practices import PRACTICES
from server.console.inbox.proposed import PROPOSED
from server.console.inbox.registrations import REGISTRATIONS
from server.identity import staff
from server.identity.staff import Role
from server.master.store import Tx
from sync.errors import Refusal

__all__ = ["KINDS", "Lines", "Waiting", "kind_of", "lines", "next_of", "people_of", "waiting"]

KINDS: tuple[Kind, ...] = (
    REGISTRATIONS,
    PAIRS,
    CONFLICTS,
    PROPOSED,
    LETTERS,
    HELD,
    DOUBTFUL_VISITS,
    LATE_VISITS,
    OFF_LIST_ORDERS,
    CREDIT,
    DEBTS,
    INCIDENTS,
    PRACTICES,
    MATTERS,
)
_BY_KEY = {one.key: one for one in KINDS}


class Waiting(msgspec.Struct, frozen=True):
    """How many of a kind wait, and since when the oldest does (server milliseconds, None where none does)."""

    kind: str
    zh: str
    en: str
    count: int
    oldest: int | None


class Lines(msgspec.Struct, frozen=True):
    """A page of the list; `behind` is where the next one begins, None where there is none."""

    lines: tuple[Line, ...]
    behind: str | None


def kind_of(key: str) -> Kind:
    """The kind of that name. Raises Refusal where there is none."""
    found = _BY_KEY.get(key)
    if found is None:
        raise Refusal("not_found", f"there is no kind of work {key}")
    return found


async def waiting(tx: Tx, role: Role, now: int) -> list[Waiting]:
    """What waits for somebody of this role at server time `now`, by kind: one query, whatever the number of kinds."""
    mine = [one for one in KINDS if role in one.roles]
    parts = [one.counted(role, now).add_columns(literal(at).label("kind")) for at, one in enumerate(mine)]
    found = {int(row[2]): (int(row[0]), row[1]) for row in await tx.execute(union_all(*parts))}
    return [
        Waiting(one.key, one.zh, one.en, count, oldest if count else None)
        for one, (count, oldest) in ((one, found[at]) for at, one in enumerate(mine))
    ]


async def lines(tx: Tx, hand: Hand, look: Look, only: Kind | None = None) -> Lines:
    """One page of what is open, the most urgent and the oldest first, or of what is decided, the newest first; of one
    kind, or of all that the viewer sees.
    """
    role = hand.viewer.person.role
    more = msgspec.structs.replace(look, limit=look.limit + 1)
    kinds = [only] if only is not None else [one for one in KINDS if role in one.roles]
    found = [await one.lines(tx, hand, more) for one in kinds]
    ordered = list(merge(*found, key=lambda one: one.place, reverse=not look.is_open))
    page = tuple(ordered[: look.limit])
    return Lines(page, str(page[-1].place) if len(ordered) > look.limit else None)


async def next_of(tx: Tx, hand: Hand, kind: Kind, behind: str) -> Line | None:
    """What comes up next of a kind: the first that is open behind a place, or else the first of all."""
    look = Look(behind=Place.read(behind), limit=1)
    found = await kind.lines(tx, hand, look) or await kind.lines(tx, hand, Look(limit=1))
    return found[0] if found else None


async def people_of(tx: Tx, ids: Sequence[UUID | None]) -> dict[UUID, str]:
    """The names of these people."""
    return {one: person.name for one, person in (await staff.find_all(tx, {one for one in ids if one})).items()}

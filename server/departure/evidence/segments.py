"""The journal's segments in a pack: the whole chain of each scope concerned, entry by entry, and the checkpoints that
cover it, each with the path that proves this scope without the others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from server.departure.evidence.history import body_of
from server.departure.evidence.shown import Showing
from server.master.anchors import anchors
from server.master.checkpoints import ChainHead, checkpoints, heads_at
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, with_body
from sync.codec import DecodeError
from sync.merkle import leaf, path

__all__ = [
    "REMOVED",
    "WITHHELD",
    "Line",
    "anchor_lines",
    "checkpoint_lines",
    "proofs_of",
    "segment_of",
    "worth_proving",
]

WITHHELD, REMOVED = "withheld", "removed"
_MOST_PROOFS = 40
"""So many checkpoints prove a segment at most: the newest, those after a departure, and the last that were attested."""
_ATTESTED = 5


class Line(msgspec.Struct, frozen=True):
    """One entry of a chain as the pack has it: position, time, commitment, link, salt and body, or why these are not
    here.
    """

    p: int
    at: int
    c: bytes
    l: bytes  # noqa: E741  # the name that the pack's format gives it
    s: bytes | None
    b: bytes | None
    w: str


async def segment_of(tx: Tx, scope: int, name: str, showing: Showing) -> AsyncIterator[Line]:
    """A scope's chain from its first entry on."""
    columns = (journal.c.position, journal.c.at, journal.c.commitment, journal.c.link)
    wanted = select(*columns, journal_bodies.c.salt, journal_bodies.c.body).select_from(
        journal.outerjoin(journal_bodies, with_body)
    )
    async for row in await tx.stream(wanted.where(journal.c.scope == scope).order_by(journal.c.position)):
        yield _line(name, row, showing)


def _line(name: str, row: Any, showing: Showing) -> Line:
    chained = (row.position, row.at, bytes(row.commitment), bytes(row.link))
    if not row.body or not row.salt:
        return Line(*chained, None, None, REMOVED)
    salt, body = bytes(row.salt), bytes(row.body)
    try:
        is_shown = showing.shows(body_of(name, row.position, row.at, body))
    except DecodeError:
        is_shown = False
    return Line(*chained, salt, body, "") if is_shown else Line(*chained, None, None, WITHHELD)


async def worth_proving(tx: Tx, moments: Iterable[int]) -> list[int]:
    """The numbers of the checkpoints that prove the segments: the newest, the first at or after each moment, and the
    last that a time-stamping authority attested.
    """
    columns = checkpoints.c.number
    found = {(await tx.execute(select(columns).order_by(columns.desc()).limit(1))).scalar_one_or_none()}
    for moment in moments:
        after = select(columns).where(checkpoints.c.at >= moment).order_by(columns).limit(1)
        found.add((await tx.execute(after)).scalar_one_or_none())
    attested = select(anchors.c.number).order_by(anchors.c.number.desc()).limit(_ATTESTED)
    found.update((await tx.execute(attested)).scalars())
    return sorted(one for one in found if one is not None)[-_MOST_PROOFS:]


async def proofs_of(tx: Tx, scopes: Sequence[int], numbers: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """For each scope: how far each of these checkpoints covers it, and the path to the checkpoint's root."""
    found: dict[int, list[dict[str, Any]]] = {one: [] for one in scopes}
    for number in numbers:
        heads = await heads_at(tx, number)
        leaves = [leaf(one.name, one.entries, one.link) for one in heads]
        for index, head in enumerate(heads):
            if head.scope in found:
                found[head.scope].append(_proof(number, head, index, leaves))
    return found


def _proof(number: int, head: ChainHead, index: int, leaves: Sequence[bytes]) -> dict[str, Any]:
    beside = path(leaves, index)
    return {"checkpoint": number, "entries": head.entries, "index": index, "size": len(leaves), "path": list(beside)}


async def checkpoint_lines(tx: Tx, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The signed checkpoints from the first of these numbers to the last, none left out."""
    if not numbers:
        return []
    between = checkpoints.c.number.between(numbers[0], numbers[-1])
    rows = await tx.execute(select(checkpoints).where(between).order_by(checkpoints.c.number))
    return [
        {"number": row.number, "at": row.at, "body": bytes(row.body), "key": row.key, "signature": bytes(row.signature)}
        for row in rows
    ]


async def anchor_lines(tx: Tx, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """What an authority attested of these checkpoints: its name, the time that its token says, and the token whole."""
    wanted = select(anchors).where(anchors.c.number.in_(list(numbers))).order_by(anchors.c.number)
    return [
        {"number": row.number, "authority": row.authority, "attested_at": row.at, "token": bytes(row.token)}
        for row in await tx.execute(wanted)
    ]

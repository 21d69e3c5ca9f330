"""What a person said of a file's columns is remembered by its headings: the next file that has the same needs nothing.

One way for every kind of import: lists of outlets, deliveries, payments.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from server.field.intake.headings import heading_key
from server.field.intake.rejects import REASON_HEADING
from server.master.layouts import layouts
from server.master.store import Store, Tx
from server.master.upserts import upsert
from sync.codec import decode, encode

__all__ = ["Said", "recall", "remember"]

Said = tuple[tuple[str, str], ...]
"""Pairs of a column's heading and the field that it means."""


async def recall(store: Store, kind: str, header: Sequence[str]) -> Said:
    """What was said last of the columns of such a file; nothing where nobody said anything."""
    async with store.read() as tx:
        return await _held(tx, kind, _digest(header))


async def remember(store: Store, kind: str, header: Sequence[str], said: Iterable[tuple[str, str]], now: int) -> None:
    """Keep what is said of these columns, beside what was said of others of them before; `now` is server time."""
    fresh = {heading_key(heading): (heading, field) for heading, field in said}
    if not fresh:
        return
    digest = _digest(header)

    async def keep(tx: Tx) -> None:
        before = {heading_key(one[0]): one for one in await _held(tx, kind, digest)}
        columns = encode(tuple((before | fresh).values()))
        await upsert(tx, layouts, [{"kind": kind, "headings": digest, "columns": columns, "at": now}])

    await store.transact(keep)


async def _held(tx: Tx, kind: str, digest: bytes) -> Said:
    wanted = select(layouts.c.columns).where(layouts.c.kind == kind, layouts.c.headings == digest)
    packed = (await tx.execute(wanted)).scalar_one_or_none()
    return decode(bytes(packed), Said) if packed is not None else ()


def _digest(header: Sequence[str]) -> bytes:
    """What two files of one layout have in common. The column of reasons of a file that came back is no part of it."""
    keys = [heading_key(heading) for heading in header if heading != REASON_HEADING]
    while keys and not keys[-1]:
        keys.pop()
    return hashlib.blake2b("\x1f".join(keys).encode(), digest_size=16).digest()

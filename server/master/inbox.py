"""The inbox: what waits for a manager's decision, one item for each matter, brought up again until it is settled.

Questions about pairs of records, refused work and the quarantine have lists of their own; whatever else a rule, a
departure or a check wants a person to look at is put here. Nothing is ever deleted from it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    Text,
    bindparam,
    func,
    select,
    text,
    update,
)

from server.master.journal import Note, note
from server.master.store import Tx
from server.master.tables import METADATA
from server.master.upserts import insert_new
from server.ports import Sources
from sync.errors import Refusal
from sync.scopes import COMPANY

__all__ = ["Item", "Matter", "bring_up", "inbox", "last_brought", "listed", "settle", "settle_matter"]

_ID = LargeBinary(16)
_TRIES = 5

inbox = Table(
    "inbox",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("about", _ID, nullable=False),
    Column("staff", _ID),
    Column("en", Text, nullable=False),
    Column("zh", Text, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("times", Integer, nullable=False, default=1),
    Column("settled_at", BigInteger),
    Column("settled_by", _ID),
    Column("settled_as", Text),
    Index(
        "ix_inbox_open", "kind", "about", unique=True,
        sqlite_where=text("settled_at IS NULL"), postgresql_where=text("settled_at IS NULL"),
    ),
)  # fmt: skip


class Matter(msgspec.Struct, frozen=True):
    """What an item is about: a stable `kind`, the id of a record, order or person, the person whom it concerns (None
    for nobody), and a sentence in each language.
    """

    kind: str
    about: UUID
    en: str
    zh: str
    staff: UUID | None = None


class Item(msgspec.Struct, frozen=True):
    """One item; times in server milliseconds. `times` counts how often it was brought up, `settled_as` says how it
    ended.
    """

    id: UUID
    matter: Matter
    first_at: int
    last_at: int
    times: int
    settled_at: int | None = None
    settled_as: str | None = None


async def bring_up(tx: Tx, matter: Matter, sources: Sources) -> Item:
    """Put a matter before the manager, or, where it is still open, bring it up again with the newest words.

    Raises Refusal where somebody settles it again and again at that moment.
    """
    now = sources.now()
    fresh = {
        "id": sources.new_id().bytes,
        "kind": matter.kind,
        "about": matter.about.bytes,
        "staff": matter.staff.bytes if matter.staff else None,
        "en": matter.en,
        "zh": matter.zh,
        "first_at": now,
        "last_at": now,
        "times": 0,
    }
    again = {"last_at": now, "times": inbox.c.times + 1, "en": matter.en, "zh": matter.zh}
    once_more = update(inbox).where(_open(matter.kind, matter.about)).values(again).returning(inbox)
    for _ in range(_TRIES):
        await insert_new(tx, inbox, [fresh])
        held = await tx.execute(once_more)
        if (row := held.one_or_none()) is not None:
            return _item(row)
    raise Refusal("busy", "the matter was settled again and again while it was brought up")


def _open(kind: str, about: UUID) -> ColumnElement[bool]:
    return (inbox.c.kind == kind) & (inbox.c.about == about.bytes) & inbox.c.settled_at.is_(None)


async def listed(tx: Tx, *, kind: str | None = None, is_open: bool = True) -> list[Item]:
    """The items that are open, or those that are settled, the oldest first; of one kind."""
    wanted = select(inbox).where(inbox.c.settled_at.is_(None) if is_open else inbox.c.settled_at.is_not(None))
    if kind is not None:
        wanted = wanted.where(inbox.c.kind == kind)
    return [_item(row) for row in await tx.execute(wanted.order_by(inbox.c.first_at, inbox.c.id))]


def _item(row: Row[Any]) -> Item:
    person = UUID(bytes=bytes(row.staff)) if row.staff else None
    matter = Matter(row.kind, UUID(bytes=bytes(row.about)), row.en, row.zh, person)
    times = (row.first_at, row.last_at, row.times, row.settled_at, row.settled_as)
    return Item(UUID(bytes=bytes(row.id)), matter, *times)


_LAST_BROUGHT = (
    select(inbox.c.about, func.max(inbox.c.last_at).label("at"))
    .where(inbox.c.kind == bindparam("kind"))
    .group_by(inbox.c.about)
)


async def last_brought(tx: Tx, kind: str) -> dict[UUID, int]:
    """When each matter of a kind was brought up last, whether or not it was settled since; server milliseconds."""
    return {UUID(bytes=bytes(row.about)): row.at for row in await tx.execute(_LAST_BROUGHT, {"kind": kind})}


async def settle(tx: Tx, item: UUID, how: str, sources: Sources, by: UUID | None = None) -> bool:
    """Settle an item with a word on how; False where it was settled before. Raises Refusal without a word, or where
    there is no such item. In the journal too.
    """
    if not how.strip():
        raise Refusal("bad_value", "settling takes a word on how")
    row = (await tx.execute(select(inbox).where(inbox.c.id == item.bytes).with_for_update())).first()
    if row is None:
        raise Refusal("not_found", f"there is no item {item}")
    if row.settled_at is not None:
        return False
    now = sources.now()
    values = {"settled_at": now, "settled_as": how.strip(), "settled_by": by.bytes if by else None}
    await tx.execute(update(inbox).where(inbox.c.id == item.bytes).values(values))
    body = {"item": item.bytes, "kind": row.kind, "about": bytes(row.about), "how": how.strip(), "by": by}
    await note(tx, [Note(COMPANY, "inbox_settled", body)], now, sources.random)
    return True


async def settle_matter(tx: Tx, kind: str, about: UUID, how: str, sources: Sources, by: UUID | None = None) -> bool:
    """Settle what is open on a matter, as when its cause has gone; False where nothing is."""
    found = (await tx.execute(select(inbox.c.id).where(_open(kind, about)))).scalar_one_or_none()
    return found is not None and await settle(tx, UUID(bytes=bytes(found)), how, sources, by)

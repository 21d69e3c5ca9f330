"""What an outlet is found by follows it, and an older store gets it."""

from __future__ import annotations

from uuid import UUID

import pytest
from alembic import command
from sqlalchemy import select

from server.master.migrations import upgrade
from server.master.store import Store
from server.master.typed import TYPED
from server.master.words import MOST, words_of
from tests.server.desk import Desk
from tests.server.master.test_schema import config


@pytest.mark.parametrize(
    ("name", "begins"),
    [("老张烟酒", "laozhangyanjiu lzyj 老张烟酒 "), ("Ａ１ 酒吧", "a1jiuba a1 jb a1 酒吧 "), ("Café Ö", "caféö")],
)
def test_the_words_begin_with_the_sound_of_the_name(name: str, begins: str) -> None:
    """So that outlets stand in its order; initials and name follow, in one width and small letters."""
    assert words_of(name, "", "", "").startswith(begins)


def test_the_words_are_bounded() -> None:
    """Whatever is written: an index has to hold them."""
    assert len(words_of("长" * 120, "K" * 60, "1" * 200, "路" * 200)) == MOST


async def _words(store: Store) -> dict[UUID, str | None]:
    outlets = TYPED["outlet"]
    async with store.read() as tx:
        return {row.id: row.words for row in await tx.execute(select(outlets.c.id, outlets.c.words))}


async def test_the_words_of_an_outlet_follow_it_and_an_older_store_gets_them(desk: Desk) -> None:
    """Written with its row, and by the step that added them for the rows that were there."""
    manager = desk.manager()
    shop = await desk.register(manager, desk.east, name="老张烟酒", phone="138 0000 0001")
    await desk.edit(manager, "outlet", shop, 1, name="新华超市", code="K-1", address="人民路 8 号")
    after = {shop: "xinhuachaoshi xhcs 新华超市 k-1 13800000001 人民路 8 号"}
    assert await _words(desk.store) == after
    async with desk.store.write() as tx:
        await tx.run_sync(lambda connection: command.downgrade(config(connection), "0039"))
    await upgrade(desk.store)
    assert await _words(desk.store) == after

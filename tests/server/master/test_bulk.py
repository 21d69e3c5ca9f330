"""Rows that are written many at once stand as they were given, whatever is the same in all of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    select,
)
from sqlalchemy.exc import IntegrityError

from server.master.bulk import insert_rows, replace_rows
from server.master.faults import nested
from server.master.store import Store
from sync.positions import Position

_META = MetaData()
things = Table(
    "things",
    _META,
    Column("id", Uuid, primary_key=True),
    Column("owner", LargeBinary),
    Column("number", BigInteger),
    Column("word", Text),
    Column("place", JSON),
    Column("share", Float),
    Column("gone", Boolean),
)
notes = Table(
    "notes",
    _META,
    Column("no", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("owner", LargeBinary),
    Column("word", Text),
)
_NAMES = tuple(column.name for column in things.columns)
_OWNER = b"\x00owner of things"
_HERE = Position(31.5, 121.25)


@pytest.fixture
async def shelf(store: Store) -> Store:
    """A store with one table more."""
    async with store.write() as tx:
        await tx.run_sync(_META.create_all)
    return store


def rows(many: int) -> list[tuple[Any, ...]]:
    """So many rows of which some columns are the same in all, one is nothing in all, and the others differ."""
    return [(UUID(int=at + 1), _OWNER, at // 2, None, _HERE if at % 3 else None, 0.5 * at, True) for at in range(many)]


def read(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as it is read again."""
    place = {"lat": 31.5, "lon": 121.25, "accuracy": None, "datum": "wgs84"} if row[4] else None
    return (*row[:4], place, *row[5:])


async def stored(shelf: Store) -> list[tuple[Any, ...]]:
    """All rows in the order of their ids."""
    async with shelf.read() as tx:
        found = [tuple(one) for one in await tx.execute(select(things).order_by(things.c.id))]
    return [(one[0], bytes(one[1]), *one[2:]) for one in found]


@pytest.mark.parametrize("many", [1, 2, 31, 32, 33, 500, 20_000])
async def test_rows_stand_as_they_were_given(shelf: Store, many: int) -> None:
    """Few, many, and more than one statement of SQLite takes; and written over, with other columns the same."""
    given = rows(many)
    async with shelf.write() as tx:
        await insert_rows(tx, things, _NAMES, given)
    assert await stored(shelf) == [read(one) for one in given]
    changed = [(*one[:2], 7, f"word {at}", None, *one[5:]) for at, one in enumerate(given)]
    async with shelf.write() as tx:
        await replace_rows(tx, things, _NAMES, changed)
    assert await stored(shelf) == [read(one) for one in changed]


@pytest.mark.parametrize("many", [3, 300])
async def test_a_key_that_is_there_is_not_inserted_over(shelf: Store, many: int) -> None:
    """Nothing of the statement stays."""
    given = rows(many)
    async with shelf.write() as tx:
        await insert_rows(tx, things, _NAMES, given[-1:])
        with pytest.raises(IntegrityError):
            async with nested(tx):
                await insert_rows(tx, things, _NAMES, given)
    assert await stored(shelf) == [read(given[-1])]


@pytest.mark.parametrize("many", [2, 40])
async def test_rows_that_are_alike_are_all_there(shelf: Store, many: int) -> None:
    """The database gives each its own key."""
    async with shelf.write() as tx:
        await insert_rows(tx, notes, ("owner", "word"), [(_OWNER, "said")] * many)
        found = (await tx.execute(select(notes.c.word).order_by(notes.c.no))).scalars().all()
    assert found == ["said"] * many


async def test_what_is_equal_and_not_the_same_kind_is_stored_alike(shelf: Store) -> None:
    """A true, a one and a one with a point are one and the same to a column of numbers."""
    given = [(UUID(int=at + 1), _OWNER, 1, "one", None, 1 if at % 2 else 1.0, at % 2 == 0) for at in range(100)]
    async with shelf.write() as tx:
        await insert_rows(tx, things, _NAMES, given)
    assert [one[5:] for one in await stored(shelf)] == [(1.0, at % 2 == 0) for at in range(100)]

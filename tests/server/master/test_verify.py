"""Verifying the journal: whatever is altered, removed or inserted is found, with the scope and the position.

The vandal of these tests has the database and not the company's key. It knows the format: it may make every hash fit.
"""

from __future__ import annotations

import tracemalloc
from random import Random
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from server.master.checkpoints import checkpoint_heads, checkpoints
from server.master.flaws import FLAWS
from server.master.journal import Note as Event
from server.master.journal import commit_to, linked, note
from server.master.store import Tx
from server.master.tables import journal, journal_bodies, scopes
from server.master.verify import Verified, verify
from sync import scopes as scope_names
from tests.server.desk import Desk
from tests.server.master.test_checkpoints import PUBLIC, taken


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """A company with some history: outlets, an edit, a refusal, events about records, three checkpoints."""
    wang = desk.rep(desk.wang, desk.east)
    for number in range(3):
        shop = await desk.register(wang, desk.east, name=f"店{number}")
        await desk.edit(wang, "outlet", shop, 1, name=f"新店{number}")
        await desk.edit(wang, "outlet", desk.id(), 1, name="nothing")
        async with desk.store.write() as tx:
            await note(tx, [Event("company", "seen", {"by": "li"}, shop)], desk.now, desk.random.randbytes)
        await taken(desk)
    await desk.register(desk.manager(), desk.west)
    return desk


async def verified(desk: Desk, page: int = 3) -> Verified:
    """What verifying says, read in small pages."""
    async with desk.store.read() as tx:
        return await verify(tx, [PUBLIC], page)


def found(said: Verified) -> set[tuple[str, str, int]]:
    """Code, scope and position of every flaw."""
    return {(one.code, one.scope, one.position) for one in said.flaws}


async def number_of(tx: Tx, name: str) -> int:
    """A scope's number."""
    return int((await tx.execute(select(scopes.c.no).where(scopes.c.name == name))).scalar_one())


async def test_a_sound_journal_is_sound(busy: Desk) -> None:
    """Nothing is found where nothing was done, in pages of any size; all is counted."""
    said = await verified(busy)
    assert said.is_sound, said.flaws
    assert (said.entries, said.checkpoints) == (13, 3)
    assert said == await verified(busy, 1000)


@pytest.mark.parametrize("table", [journal, journal_bodies, checkpoints, checkpoint_heads], ids=lambda one: one.name)
async def test_any_byte_that_is_flipped_is_found_where_it_is(busy: Desk, table: Table) -> None:
    """One bit in one column of one row, over and over: the row's own place is among what is found."""
    random = Random(table.name)
    for _ in range(25):
        async with busy.store.write() as tx:
            row = random.choice((await tx.execute(select(table))).mappings().all())
            column = random.choice([one for one in table.c if row[one.name] is not None])
            changed = _flipped(random, row[column.name])
            same = [one == row[one.name] for one in table.primary_key]
            try:
                await tx.execute(update(table).where(*same).values({column.name: changed}))
            except IntegrityError:  # another row has this key: the store does not take it
                await tx.rollback()
                continue
            said = await verify(tx, [PUBLIC], 4)
            assert not said.is_sound, (column, row)
            places = {(one.scope, one.position) for one in said.flaws}
            assert places & await _places(tx, row, column.name, changed), (column, row, said.flaws)
            await tx.rollback()


def _flipped(random: Random, value: Any) -> Any:
    if isinstance(value, int):
        return value ^ (1 << random.randrange(20))
    if isinstance(value, str):
        at = random.randrange(len(value))
        return value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]
    raw = bytearray(value)
    raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
    return bytes(raw)


async def _places(tx: Tx, row: Any, column: str, changed: Any) -> set[tuple[str, int]]:
    """Where a flaw in this row may be told: at the row as it was, or as it is now."""
    names = {one.no: one.name for one in await tx.execute(select(scopes.c.no, scopes.c.name))}
    told = set()
    for one in (dict(row), dict(row) | {column: changed}):
        if "number" in one:
            told.add(("", one["number"]))
        if "scope" in one:
            name = names.get(one["scope"], f"#{one['scope']}")
            told |= {(name, one.get("position", one.get("entries", 0))), (name, one.get("entries", 0))}
    return told


async def test_a_long_journal_takes_no_more_memory_than_a_page(desk: Desk) -> None:
    """Six megabytes of bodies are read with a fraction of that in memory at a time."""
    events = [Event("company", "seen", {"text": "x" * 2000, "number": number}) for number in range(3000)]
    async with desk.store.write() as tx:
        await note(tx, events, desk.now, desk.random.randbytes)
    assert (await verified(desk, 50)).is_sound
    tracemalloc.start()
    try:
        assert (await verified(desk, 50)).entries == 3000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize("column", ["entries", "link", "name"])
async def test_a_scopes_row_that_is_altered_is_found(busy: Desk, column: str) -> None:
    """The head that the next entry would follow from, and the name under which checkpoints know the chain."""
    east = scope_names.territory(busy.east)
    async with busy.store.write() as tx:
        row = (await tx.execute(select(scopes).where(scopes.c.name == east))).mappings().one()
        changed = _flipped(Random(column), row[column])
        await tx.execute(update(scopes).where(scopes.c.no == row["no"]).values({column: changed}))
    told = found(await verified(busy))
    expected = ("root_differs", "", 1) if column == "name" else ("head_altered", east, row["entries"])
    assert expected in told or ("chain_short", east, row["entries"]) in told


async def test_an_entry_that_is_removed_is_found(busy: Desk) -> None:
    """In the middle a gap, at the end a chain that is too short; its body belongs to nothing."""
    east = scope_names.territory(busy.east)
    async with busy.store.write() as tx:
        no = await number_of(tx, east)
        await tx.execute(delete(journal).where(journal.c.scope == no, journal.c.position == 2))
    assert found(await verified(busy)) >= {("entry_missing", east, 2), ("body_stray", east, 2)}
    async with busy.store.write() as tx:
        for table in (journal, journal_bodies):
            await tx.execute(delete(table).where(table.c.scope == no, table.c.position == 6))
    assert ("chain_short", east, 5) in found(await verified(busy))


async def test_a_body_that_is_removed_without_an_order_is_found(busy: Desk) -> None:
    """Personal data goes by an order in the journal or not at all."""
    east = scope_names.territory(busy.east)
    async with busy.store.write() as tx:
        no = await number_of(tx, east)
        await tx.execute(delete(journal_bodies).where(journal_bodies.c.scope == no, journal_bodies.c.position == 3))
    assert found(await verified(busy)) == {("body_missing", east, 3)}


async def _rewrite(tx: Tx, no: int, entries: list[tuple[int, bytes, bytes, bytes | None]]) -> None:
    """Put another history in place of a scope's, with every hash made to fit."""
    for table in (journal, journal_bodies):
        await tx.execute(delete(table).where(table.c.scope == no))
    link = bytes(32)
    for position, (at, salt, body, record) in enumerate(entries, 1):
        commitment = commit_to(salt, body)
        link = linked(link, position, at, commitment)
        chain = {"scope": no, "position": position, "at": at, "commitment": commitment, "link": link}
        await tx.execute(insert(journal).values(chain))
        row = {"scope": no, "position": position, "record": record, "salt": salt, "body": body, "at": at}
        await tx.execute(insert(journal_bodies).values(row))
    await tx.execute(update(scopes).where(scopes.c.no == no).values(entries=len(entries), link=link))


@pytest.mark.parametrize("what", ["removed", "inserted", "altered"])
async def test_a_history_rewritten_with_fitting_hashes_is_found_by_the_checkpoints(busy: Desk, what: str) -> None:
    """Whoever has the database and not the key can make the chain fit itself, and no checkpoint."""
    east = scope_names.territory(busy.east)
    async with busy.store.write() as tx:
        no = await number_of(tx, east)
        joined = journal.join(
            journal_bodies,
            (journal_bodies.c.scope == journal.c.scope) & (journal_bodies.c.position == journal.c.position),
        )
        wanted = select(journal.c.at, journal_bodies.c.salt, journal_bodies.c.body, journal_bodies.c.record)
        rows = await tx.execute(wanted.select_from(joined).where(journal.c.scope == no).order_by(journal.c.position))
        entries = [(row.at, bytes(row.salt), bytes(row.body), row.record and bytes(row.record)) for row in rows]
        if what == "removed":
            del entries[3]
        elif what == "inserted":
            entries.insert(3, entries[0])
        else:
            entries[3] = (entries[3][0] + 1, *entries[3][1:])
        await _rewrite(tx, no, entries)
    codes = {(one.code, one.scope) for one in (await verified(busy)).flaws}
    assert codes == {("checkpoint_differs", east)}


async def test_a_checkpoint_that_is_removed_is_found(busy: Desk) -> None:
    """From the middle or from the end, with its heads or without."""
    async with busy.store.write() as tx:
        await tx.execute(delete(checkpoints).where(checkpoints.c.number == 2))
    assert found(await verified(busy)) >= {("checkpoint_missing", "", 2), ("checkpoint_breaks", "", 3)}
    async with busy.store.write() as tx:
        await tx.execute(delete(checkpoints).where(checkpoints.c.number == 3))
    assert ("checkpoint_missing", "", 3) in found(await verified(busy))


async def test_a_checkpoint_signed_by_another_key_is_found(busy: Desk) -> None:
    """A vandal who signs with a key of its own is not the company."""
    async with busy.store.read() as tx:
        said = await verify(tx, [bytes(32)])
    assert {("checkpoint_unsigned", "", number) for number in (1, 2, 3)} == found(said)


def test_every_flaw_has_a_sentence_in_both_languages() -> None:
    """People read them."""
    assert all(en and zh and any("一" <= one <= "鿿" for one in zh) for en, zh in FLAWS.values())

"""What benchmarks stand on: records, companies that are filled and copied, clients, references, costs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from server.cli.bench.companies import Companies
from server.cli.bench.filling import Shape
from server.cli.bench.load import fire, request_of
from server.cli.bench.raw_fsyncs import raw_fsyncs
from server.cli.bench.raw_hello import Hello
from server.cli.bench.raw_insert import raw_insert, rows_of
from server.cli.bench.records import Maker
from server.cli.trial.cost import cost_of
from server.identity import territories
from server.master.feed import read_heads, read_slice
from server.master.store import Store
from sync import scopes
from sync.codec import encode, pack, unpack

SHAPE = Shape(outlets=5, territories=2, reps=2)


def test_the_same_seed_draws_the_same_records_of_the_sizes_that_engines_are_compared_with() -> None:
    """About 1 KB an archive (the comparison's own come to 971 bytes in this form), about 200 bytes a visit."""
    first, again = ([pack(record) for one in Maker(7).archives(300) for record in one.records] for _ in range(2))
    assert first == again
    assert first != [pack(record) for one in Maker(8).archives(300) for record in one.records]
    assert 900 < sum(map(len, first)) / 300 < 1100
    maker = Maker()
    assert 150 < mean(len(encode(maker.visit_fields())) for _ in range(300)) < 250


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> str | None:
    """Where companies are made: in files, or on a PostgreSQL."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres"))


async def test_a_company_is_filled_once_and_each_copy_is_its_own(tmp_path: Path, place: str | None) -> None:
    """Archives stand in the feed as they were drawn; what is written in one copy is in no other; nothing is left."""
    databases = await _databases(place)
    companies = Companies(tmp_path, place)
    async with companies.of(SHAPE) as one:
        assert [len(each) for each in one.filled.outlets] == [3, 2]
        assert [len(each) for each in one.filled.people] == [2, 2]
        maker = Maker()
        maker.move()
        drawn = list(maker.archives(3))
        east = scopes.territory(one.filled.territories[0])
        assert await _records(one.means.store, east) == {
            record.id: record for archive in drawn for record in archive.records[:2]
        }
        assert set((await _records(one.means.store, scopes.private_of(east))).values()) == {
            archive.private for archive in drawn
        }
        async with one.means.store.write() as tx:
            await territories.add_territory(tx, "只在这一份里", None, one.means.sources)
    async with companies.of(SHAPE) as other, other.means.store.read() as tx:
        assert len(await territories.all_territories(tx)) == 2
        assert other.filled == one.filled
    await companies.close()
    assert _left(tmp_path) == []
    assert await _databases(place) == databases


def _left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def _databases(place: str | None) -> set[str]:
    if place is None:
        return set()
    engine = create_async_engine(make_url(place).set(drivername="postgresql+asyncpg"))
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT datname FROM pg_database WHERE datname LIKE 'saojie_bench%'"))
        found = set(rows.scalars())
    await engine.dispose()
    return found


async def _records(store: Store, scope: str) -> dict[Any, Any]:
    async with store.read() as tx:
        got = await read_slice(tx, (await read_heads(tx, [scope]))[scope], 0, 1 << 30)
    return {one.id: one for one in (unpack(row.packed) for row in got.rows)}


@pytest.fixture
def hello(tmp_path: Path) -> Iterator[Hello]:
    """The framework's hello."""
    with Hello(tmp_path) as running:
        yield running


def test_clients_send_what_they_are_given_and_count_what_comes_back(hello: Hello) -> None:
    """Each request is answered once, on its client's own connection; a refusal counts as an answer."""
    good, bad = request_of(hello.url, "GET", "/", {}), request_of(hello.url, "POST", "/", {"X-Odd": "1"}, b"body")
    fired = fire(hello.url, [[good, bad, good], [good]], keeps=True)
    came = [[one for one in fired.answers if one.client == at] for at in range(2)]
    assert [[one.status for one in each] for each in came] == [[200, 405, 200], [200]]
    assert {one.body for one in fired.answers if one.status == 200} == {b"hello"}
    assert all(one.ms > 0 and one.size > len(one.body) for one in fired.answers)
    assert len(fire(hello.url, [[good]], seconds=0.2).answers) > 1


def test_references_do_their_work_and_leave_nothing(tmp_path: Path) -> None:
    """Rows inserted, files synced."""
    rows = rows_of(Maker().archives(3))
    assert [one.version for one in rows] == list(range(1, 10))
    assert raw_insert(rows, tmp_path) > 0
    assert len([one for one in raw_fsyncs(tmp_path, 3, 4) if one > 0]) == 4
    assert list(tmp_path.iterdir()) == []


def test_what_a_process_costs_is_counted_with_what_it_started() -> None:
    """Processor time and memory of a process and its child; nothing where there is none."""
    burn = "import os, time\nb = bytearray(30_000_000)\nwhile time.process_time() < 0.3: pass\n"
    burn += "print(1, flush=True); input()"
    start = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {burn!r}]).wait()"
    with subprocess.Popen(
        [sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        cost = cost_of(child.pid)
        child.communicate(b"\n")
    assert cost.cpu_s >= 0.3
    assert cost.peak >= cost.resident > 30_000_000
    assert cost_of(child.pid).peak == 0

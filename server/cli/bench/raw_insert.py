"""The least that storing rows could take on this machine: plain `sqlite3`, one durable transaction."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from server.cli.bench.records import Archive
from sync.codec import pack

__all__ = ["Row", "raw_insert", "rows_of"]


class Row(NamedTuple):
    """A record as it is stored: its id, the version that its scope gave it, the packed bytes."""

    record: bytes
    version: int
    packed: bytes


def rows_of(archives: Iterable[Archive]) -> list[Row]:
    """The rows of archives: three records each."""
    records = (record for one in archives for record in one.records)
    return [Row(record.id.bytes, version, pack(record)) for version, record in enumerate(records, 1)]


def raw_insert(rows: Iterable[Row], folder: Path) -> float:
    """Milliseconds until all rows are in a new SQLite file in `folder`, in one transaction that the disk has."""
    with TemporaryDirectory(dir=folder) as place:
        connection = sqlite3.connect(Path(place) / "raw.db", isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("CREATE TABLE row (no INTEGER PRIMARY KEY, record BLOB, version INTEGER, packed BLOB)")
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO row (record, version, packed) VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")
            return (time.perf_counter() - began) * 1000
        finally:
            connection.close()

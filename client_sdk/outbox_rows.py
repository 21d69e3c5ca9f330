"""The tables of `outbox.db`, and how a row goes in and comes out sealed. Knows no key and decides nothing.

    box     one row for each outbox id: its keys, what is acknowledged, what is newest; `opening` is the change of keys
            that brought the company's key to which its own is sealed. The last one that this phone can open is current;
            what comes from the letterbox has a box of its own, which only the company opens
    item    one row for each operation; `seq` is its place for good, `number` its place within its outbox id,
            `quiet` 1 for what is no work of the rep's
    photo   photos whose bytes have not arrived (see `photos`)
    refused operations that the server refused, as they stand sealed in `item`, until that is settled

A new version appends a step to `SCHEMA` and never changes one that was published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from client_sdk.storage.driver import Database
from client_sdk.vault import OpeningKey, seal_to_company
from sync.messages import Sealed, SealedRow
from sync.operations import START_HASH

__all__ = [
    "SCHEMA",
    "insert_box",
    "insert_item",
    "keep_refused",
    "newest_place",
    "oldest_opening",
    "ordinal_of",
    "quiet_among",
    "seal_again",
    "sealed_before",
    "sealed_rows",
]

SCHEMA = (
    """
    CREATE TABLE box(ordinal INTEGER PRIMARY KEY, id BLOB UNIQUE NOT NULL, wrapped BLOB NOT NULL, sealed BLOB NOT NULL,
        acknowledged INTEGER NOT NULL, hash BLOB NOT NULL, last INTEGER NOT NULL, last_hash BLOB NOT NULL);
    CREATE TABLE item(seq INTEGER PRIMARY KEY AUTOINCREMENT, box INTEGER NOT NULL, number INTEGER NOT NULL,
        hash BLOB NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL, acknowledged INTEGER);
    CREATE UNIQUE INDEX item_number ON item(box, number);
    CREATE INDEX item_pending ON item(seq) WHERE acknowledged IS NULL;
    CREATE TABLE photo(id BLOB PRIMARY KEY, box INTEGER NOT NULL, seq INTEGER NOT NULL, size INTEGER NOT NULL,
        stored INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0, acknowledged INTEGER);
    """,
    "ALTER TABLE item ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE refused(operation BLOB PRIMARY KEY, box INTEGER NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL);
    """,
    "ALTER TABLE box ADD COLUMN opening INTEGER NOT NULL DEFAULT 0",
)


def ordinal_of(file: Database, box: bytes) -> int:
    """The number of the box with this outbox id here; 0 for none."""
    row = file.one("SELECT ordinal FROM box WHERE id=?", (box,))
    return row[0] if row else 0


def insert_box(file: Database, box: bytes, wrapped: bytes, key: bytes, opening: OpeningKey) -> int:
    """Begin a box with its wrapped key, and the same sealed to the company; its number here."""
    file.run(
        "INSERT INTO box(id, wrapped, sealed, opening, acknowledged, hash, last, last_hash) "
        "VALUES(?, ?, ?, ?, 0, ?, 0, ?)",
        (box, wrapped, seal_to_company(opening.public, key), opening.number, START_HASH, START_HASH),
    )
    return ordinal_of(file, box)


def insert_item(file: Database, ordinal: int, number: int, reached: bytes, size: int, closed: bytes) -> int:
    """Add a sealed operation to a box; its place for good."""
    file.run(
        "INSERT INTO item(box, number, hash, size, body) VALUES(?, ?, ?, ?, ?)",
        (ordinal, number, reached, size, closed),
    )
    return int(file.one("SELECT seq FROM item WHERE box=? AND number=?", (ordinal, number))[0])


def newest_place(file: Database) -> int:
    """The newest place; 0 for none."""
    return int(file.one("SELECT coalesce(max(seq), 0) FROM item")[0])


def keep_refused(file: Database, ordinal: int, refused: Mapping[int, bytes]) -> None:
    """Keep what was refused, by number with the operation's id, beside the items: these are forgotten sooner."""
    sql = "INSERT OR IGNORE INTO refused SELECT ?, box, number, body FROM item WHERE box=? AND number=?"
    file.each(sql, ((operation, ordinal, number) for number, operation in refused.items()))


def quiet_among(file: Database, box: bytes, numbers: Iterable[int]) -> set[int]:
    """Which of these numbers of an outbox id are no work of the rep's."""
    rows = file.run("SELECT number FROM item WHERE box=? AND quiet", (ordinal_of(file, box),))
    return {row[0] for row in rows} & set(numbers)


def sealed_before(file: Database, number: int) -> list[int]:
    """The boxes whose keys are sealed to an opening key from before the change of that number."""
    return [row[0] for row in file.run("SELECT ordinal FROM box WHERE opening<? ORDER BY ordinal", (number,))]


def seal_again(file: Database, ordinal: int, key: bytes, opening: OpeningKey) -> None:
    """Seal the key of a box to another key of the company."""
    values = (seal_to_company(opening.public, key), opening.number, ordinal)
    file.run("UPDATE box SET sealed=?, opening=? WHERE ordinal=?", values)


def oldest_opening(file: Database) -> int | None:
    """The change that brought the oldest opening key to which anything that is kept is sealed; None for nothing."""
    found = file.one(
        "SELECT min(opening) FROM box WHERE EXISTS(SELECT 1 FROM item WHERE item.box=box.ordinal) "
        "OR EXISTS(SELECT 1 FROM photo WHERE photo.box=box.ordinal AND acknowledged IS NULL)"
    )
    return found[0] if found else None


def sealed_rows(file: Database, ordinal: int, size: int) -> Sealed:
    """What is left to hand in of a box, at most `size` bytes of bodies (one row at least)."""
    box, key = file.one("SELECT id, sealed FROM box WHERE ordinal=?", (ordinal,))
    sql = "SELECT number, hash, body FROM item WHERE box=? AND acknowledged IS NULL ORDER BY number LIMIT 500"
    rows: list[SealedRow] = []
    for number, reached, body in file.run(sql, (ordinal,)):
        size -= len(body)
        if rows and size < 0:
            break
        rows.append(SealedRow(number, reached, body))
    return Sealed(box, key, tuple(rows))

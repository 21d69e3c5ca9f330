"""What any driver under the files must do. It runs over the driver that is usual where it runs, and names none."""

from __future__ import annotations

from pathlib import Path

import pytest

from client_sdk.errors import ReplicaBusy, ReplicaClosed, StorageFailed
from client_sdk.storage.disk import Disk
from client_sdk.storage.driver import Damaged, Database

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a file is to be."""
    return tmp_path / "file.db"


@pytest.fixture
def file(path: Path) -> Database:
    """A sealed file with four rows."""
    made = Disk().sealed(path, KEY)
    made.run("CREATE TABLE row(id INTEGER PRIMARY KEY, record BLOB)")
    assert made.each("INSERT INTO row(record) VALUES(?)", ((bytes([one]) * 16,) for one in range(4))) == 4
    return made


def test_values_come_back_as_they_went_in(file: Database) -> None:
    """Nothing, whole numbers of 64 bits, floats, text with a zero in it, blobs, an empty one among them."""
    values = (None, -(2**63), 0.1, "老张\x00烟酒", b"\x00\xff", b"")
    assert file.one("SELECT ?, ?, ?, ?, ?, ?", values) == values


def test_blobs_and_numbers_are_taken_as_a_table(file: Database) -> None:
    """`carray(?)`: those that are there, in no order, and none for none."""
    asked = "SELECT record FROM row WHERE record IN (SELECT value FROM carray(?)) ORDER BY 1"
    wanted = [b"\x03" * 16, b"\x01" * 16, b"\x09" * 16]
    assert file.among(asked, wanted) == [(b"\x01" * 16,), (b"\x03" * 16,)]
    assert file.among(asked, []) == []
    by_number = "SELECT id FROM row WHERE id IN (SELECT value FROM carray(?)) ORDER BY 1"
    assert file.among_numbers(by_number, [4, 2, 2**62]) == [(2,), (4,)]
    assert file.among("DELETE FROM row WHERE record IN (SELECT value FROM carray(?))", wanted) == []
    assert file.run("SELECT id FROM row") == [(1,), (3,)]


def test_rows_are_read_one_by_one_while_others_are_written(file: Database) -> None:
    """A reading that goes on is not in the way of a transaction on the same connection."""
    rows = file.rows("SELECT id FROM row ORDER BY id")
    assert next(rows) == (1,)
    with file.transaction():
        file.run("UPDATE row SET record=x'00' WHERE id=4")
    assert [one for (one,) in rows] == [2, 3, 4]


def test_letting_go_leaves_another_file_at_the_path_alone(file: Database, path: Path) -> None:
    """Another process began the file again: its log is not taken away by the one that held the file before."""
    Disk().remove_database(path)
    other = Disk().sealed(path, KEY)
    other.run("CREATE TABLE word(text)")
    file.let_go()
    assert path.with_name("file.db-wal").stat().st_size > 0
    other.run("INSERT INTO word VALUES('kept')")
    other.let_go()
    assert Disk().sealed(path, KEY).run("SELECT text FROM word") == [("kept",)]


def test_letting_go_writes_nothing(file: Database, path: Path) -> None:
    """What is in the log stays there: not a byte of either changes."""
    before = {one.name: one.read_bytes() for one in path.parent.iterdir() if not one.name.endswith("-shm")}
    file.let_go()
    assert {one.name: one.read_bytes() for one in path.parent.iterdir() if not one.name.endswith("-shm")} == before


def test_the_last_to_close_takes_the_log_away(file: Database, path: Path) -> None:
    """Nothing of it is left beside the file."""
    assert file.truncate_log()
    file.close()
    assert [one.name for one in path.parent.iterdir()] == ["file.db"]
    assert Disk().sealed(path, KEY).one("SELECT count(*) FROM row") == (4,)


def test_a_log_that_somebody_reads_is_not_emptied(file: Database, path: Path) -> None:
    """It is said, and nothing is raised."""
    reader = Disk().sealed(path, KEY)
    reader.run("BEGIN")
    reader.run("SELECT count(*) FROM row")
    file.run("DELETE FROM row WHERE id=1")
    file.run("PRAGMA busy_timeout=1")
    assert not file.truncate_log()
    reader.run("COMMIT")
    assert file.truncate_log()


def test_failures_have_names_of_the_sdk(file: Database, path: Path) -> None:
    """Busy, not to be written, no database, closed."""
    other = Disk().sealed(path, KEY)
    other.run("PRAGMA busy_timeout=1")
    with file.transaction(), pytest.raises(ReplicaBusy):
        other.run("DELETE FROM row")
    other.run("PRAGMA query_only=ON")
    with pytest.raises(StorageFailed):
        other.run("DELETE FROM row")
    other.close()
    with pytest.raises(ReplicaClosed):
        other.run("SELECT 1")
    with pytest.raises(Damaged):
        Disk().sealed(path, KEY[::-1])

"""Files and databases: durable, private, encrypted, and refused where they cannot be."""

from __future__ import annotations

import stat
from pathlib import Path

import apsw
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from client_sdk.errors import EncryptionMissing, NotFound, ReplicaBusy
from client_sdk.keystore import FileKeyStore
from client_sdk.storage import driver
from client_sdk.storage.disk import Disk
from client_sdk.storage.driver import Damaged
from client_sdk.testing.world import World

KEY = bytes(range(32))


def test_an_sqlite_that_cannot_encrypt_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain files too: nobody is to find out on the day of the first lease."""
    monkeypatch.delattr(apsw, "mc_version")
    with pytest.raises(EncryptionMissing):
        Disk().plain(tmp_path / "a")
    with pytest.raises(EncryptionMissing):
        Disk().sealed(tmp_path / "b", KEY)
    assert list(tmp_path.iterdir()) == []


def test_a_sealed_file_opens_under_its_key_alone(tmp_path: Path) -> None:
    """No byte of it, nor of its log, is readable; another key finds no database."""
    path = tmp_path / "replica.db"
    file = Disk().sealed(path, KEY)
    file.run("CREATE TABLE word(text)")
    file.run("INSERT INTO word VALUES('a readable word')")
    stored = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"readable" not in stored
    assert b"SQLite format" not in path.read_bytes()
    file.close()
    with pytest.raises(Damaged):
        Disk().sealed(path, KEY[::-1])
    with pytest.raises(Damaged):
        Disk().plain(path)
    assert Disk().sealed(path, KEY).run("SELECT text FROM word") == [("a readable word",)]


def test_settings_that_privacy_and_durability_rest_on(tmp_path: Path) -> None:
    """Temporary data in memory, deleted data overwritten, commits on the storage, large pages."""
    file = Disk().sealed(tmp_path / "replica.db", KEY)
    names = ("temp_store", "secure_delete", "synchronous", "journal_mode", "page_size", "cipher")
    assert [file.one(f"PRAGMA {name}")[0] for name in names] == [2, 1, 2, "wal", 16384, "aegis"]
    with file.transaction(durable=False):
        file.run("CREATE TABLE x(y)")
    with file.transaction():
        assert file.one("PRAGMA synchronous")[0] == 2


def test_every_file_is_the_owners_alone(world: World) -> None:
    """Mode 0600 for files, 0700 for the directory."""
    world.outlet()
    replica = world.phone()
    replica.outlets.register(name="店")
    directory = world.directory / "phone"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.rglob("*") if path.is_file()}
    assert len(modes) > 6
    assert set(modes.values()) == {0o600}


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    """All or nothing, also where one stands within another."""
    file = Disk().plain(tmp_path / "file.db")
    file.run("CREATE TABLE x(y)")
    with pytest.raises(apsw.SQLError), file.transaction(), file.transaction():
        file.script("INSERT INTO x VALUES(1); INSERT INTO nowhere VALUES(1)")
    assert file.run("SELECT * FROM x") == []


def test_a_file_that_another_process_holds_is_told_as_busy(tmp_path: Path) -> None:
    """Whoever waits too long is told so, in the tree of errors."""
    first, second = Disk().plain(tmp_path / "file.db"), Disk().plain(tmp_path / "file.db")
    second.run("PRAGMA busy_timeout=1")
    first.run("BEGIN IMMEDIATE")
    with pytest.raises(ReplicaBusy):
        second.run("CREATE TABLE x(y)")
    first.run("ROLLBACK")


def test_storage_that_cannot_be_written_is_told(world: World) -> None:
    """The sync's report has its code and its sentence; no other error comes out."""
    world.outlet()
    replica = world.phone()
    outlet = world.outlet("新店")
    replica._device.replica().file.run("PRAGMA query_only=ON")
    report = replica.sync()
    assert report.ended == "storage_failed"
    assert "存储" in report.zh
    with pytest.raises(NotFound):
        replica.outlets.get(outlet.id)


def test_closing_lets_go_of_every_file_whatever_cannot_be_written(world: World) -> None:
    """The word that it was closed as it should be is not worth an error: the digests are counted again then."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id)
    replica._device.replica().file.run("PRAGMA query_only=ON")
    replica.close()
    assert replica._device.opened is None
    with world.opened() as again:
        assert again.status().pending == 1


def test_steps_of_a_schema_run_once_and_in_order(tmp_path: Path) -> None:
    """A file of an older version is brought up to date, one of this version is left alone."""
    file = Disk().plain(tmp_path / "file.db")
    file.migrate(("CREATE TABLE a(x);",))
    file.migrate(("CREATE TABLE a(x);", "CREATE TABLE b(x); INSERT INTO b VALUES(1);"))
    file.migrate(("CREATE TABLE a(x);", "CREATE TABLE b(x); INSERT INTO b VALUES(1);"))
    assert file.run("SELECT * FROM b") == [(1,)]


def test_the_key_store_keeps_signs_and_destroys(tmp_path: Path) -> None:
    """A key is made once; what was destroyed is gone, and its bytes with it."""
    store = FileKeyStore(tmp_path / "keystore")
    public = store.make_key("device_key")
    assert store.make_key("device_key") == public
    key = serialization.load_der_public_key(public)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(store.sign("device_key", b"message"), b"message", ec.ECDSA(hashes.SHA256()))
    store.put("share", b"s" * 32)
    store.put("share", b"t" * 32)
    assert store.get("share") == b"t" * 32
    store.destroy("share")
    store.destroy("share")
    store.destroy("device_key")
    assert store.get("share") is None
    with pytest.raises(KeyError):
        store.sign("device_key", b"message")
    assert list((tmp_path / "keystore").iterdir()) == []


def test_a_secret_that_a_kill_left_overwritten_is_none(tmp_path: Path) -> None:
    """Zeros are what destroying begins with."""
    store = FileKeyStore(tmp_path)
    (tmp_path / "share").write_bytes(bytes(32))
    assert store.get("share") is None


def test_each_act_is_announced_before_it_is_done(tmp_path: Path) -> None:
    """What can be stopped at can be tested: statements, commits, files."""
    seen: list[str] = []
    disk = Disk(seen.append)
    file = disk.plain(tmp_path / "file.db")
    with file.transaction():
        file.run("CREATE TABLE x(y)")
    file.close()
    disk.write(tmp_path / "word", b"secret")
    disk.shred(tmp_path / "word")
    for what in ("open file.db", "BEGIN IMMEDIATE", "CREATE TABLE x(y)", "COMMIT", "write word", "overwrite word"):
        assert what in seen
    assert driver.PAGE == 16384

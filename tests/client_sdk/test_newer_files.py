"""An older version of the app leaves the files of a newer one alone, says so, and still hears the company."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from client_sdk import keys, outbox, outbox_rows
from client_sdk.errors import AppTooOld, ReplicaWiped
from client_sdk.keys import Keys
from client_sdk.lifecycle import DEVICE_SHARE, LEASE_SHARE
from client_sdk.local import opened
from client_sdk.outbox import Outbox
from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from client_sdk.testing.seeded import Seeded
from client_sdk.testing.world import World
from sync.machine import State
from sync.records import Visit

LATER = "CREATE TABLE of_a_later_version(x); INSERT INTO of_a_later_version VALUES(1);"
STEPS = {"replica.db": (opened, "STEPS"), "outbox.db": (outbox, "SCHEMA")}
BOTH = pytest.mark.parametrize("file", STEPS)


def used_by_a_later_version(world: World, file: str) -> Path:
    """A phone with a visit pending on which a version with one step more has opened this file."""
    shop = world.outlet()
    with world.phone() as replica:
        replica.visits.log(shop.id, notes="pending")
    module, name = STEPS[file]
    with pytest.MonkeyPatch.context() as later:
        later.setattr(module, name, (*getattr(module, name), LATER))
        with world.opened() as replica:
            assert replica.status().why == "behind"
    return world.directory / "phone" / file


def whole(path: Path) -> bytes:
    """All bytes of a file; its log has been taken in."""
    assert not path.with_name(path.name + "-wal").exists() or not path.with_name(path.name + "-wal").stat().st_size
    return path.read_bytes()


def refuses(replica: Replica) -> None:
    """Every call says in words what to do; status does as well, and counts what waits."""
    for _ in range(2):
        with pytest.raises(AppTooOld, match="newer version"):
            replica.outlets.list()
    status = replica.status()
    assert (status.state, status.why, status.pending, status.verified) == (State.OPEN, "app_too_old", 1, False)
    assert (status.en, status.zh) == (AppTooOld.en, AppTooOld.zh)
    assert status.todo.startswith(AppTooOld.todo)
    assert status.todo_zh.startswith(AppTooOld.todo_zh)


@BOTH
def test_files_of_a_later_version_are_left_alone_and_nothing_is_lost(world: World, file: str) -> None:
    """No byte changes, the lease is renewed; the later version finds its work and sends it once."""
    path = used_by_a_later_version(world, file)
    before = whole(path)
    with world.opened() as replica:
        refuses(replica)
        ends = replica.status().lease_ends
        world.time.now += 12 * 3_600_000
        report = replica.sync()
        assert (report.ended, report.reached, report.sent) == ("app_too_old", True, 0)
        assert (report.en, report.zh) == (AppTooOld.en, AppTooOld.zh)
        after = replica.status().lease_ends
        assert ends is not None
        assert after is not None
        assert after > ends
        refuses(replica)
    assert whole(path) == before
    module, name = STEPS[file]
    with pytest.MonkeyPatch.context() as later:
        later.setattr(module, name, (*getattr(module, name), LATER))
        with world.opened() as replica:
            assert replica.sync().ended == "done"
    assert [one.notes for one in world.in_master(Visit)] == ["pending"]


@BOTH
def test_files_of_a_later_version_hold_up_no_order(world: World, file: str) -> None:
    """Shares and replica go; an outbox that cannot be read waits, sealed, for the version that can hand it in."""
    path = used_by_a_later_version(world, file)
    with world.opened() as replica:
        world.company.cut_off(world.rep)
        replica.sync()
        with pytest.raises(ReplicaWiped):
            replica.outlets.list()
        store = world.directory / "phone" / "keystore"
        assert not (store / LEASE_SHARE).exists()
        assert not (store / DEVICE_SHARE).exists()
        assert not (world.directory / "phone" / "replica.db").exists()
        if file == "replica.db":
            assert replica.status().state is State.WIPED
            return
        assert (replica.status().state, replica.status().pending) == (State.CLEARED, 1)
    assert path.exists()
    with pytest.MonkeyPatch.context() as later:
        later.setattr(outbox, "SCHEMA", (*outbox_rows.SCHEMA, LATER))
        with world.opened() as replica:
            report = replica.sync()
            assert (report.state, report.handed_in) == (State.WIPED, 1)


def test_a_locked_phone_takes_work_for_the_company_though_its_replica_is_of_a_later_version(world: World) -> None:
    """The letterbox needs no replica: what the rep adds is sealed, and arrives."""
    used_by_a_later_version(world, "replica.db")
    shop = next(iter(world.company.master.records))
    with world.opened() as replica:
        replica.letterbox.visit(shop, notes="added meanwhile")
        assert replica.status().pending == 2


def test_a_keys_file_of_a_later_version_opens_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nothing can be said of the phone's state: opening raises, and no byte changes."""
    world.phone().close()
    path = world.directory / "phone" / "keys.db"
    with monkeypatch.context() as later:
        later.setattr(keys, "_SCHEMA", (*keys._SCHEMA, LATER))
        world.opened().close()
    before = whole(path)
    with pytest.raises(AppTooOld):
        world.opened()
    assert whole(path) == before


@pytest.mark.parametrize("opening", [Keys, lambda path, disk: Outbox(path, disk, Seeded(1))])
def test_a_file_of_a_later_version_is_let_go(tmp_path: Path, opening: Callable[[Path, Disk], object]) -> None:
    """Nobody holds a file that was not opened: a later version can move its log into it."""
    path = tmp_path / "file.db"
    file = Disk().plain(path)
    file.run("PRAGMA user_version=99")
    file.close()
    with pytest.raises(AppTooOld):
        opening(path, Disk())
    assert not path.with_name("file.db-wal").exists()

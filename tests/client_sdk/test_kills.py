"""A phone that is killed before any write of any act goes on as if it had not been: nothing lost, nothing twice."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from client_sdk.replica import Replica
from client_sdk.testing.world import HERE, World
from sync.codec import decode
from sync.machine import State
from sync.operations import Operation
from sync.records import Outlet, Stock, Visit
from tests.client_sdk.acts import picture
from tests.client_sdk.killing import Killer
from tests.client_sdk.seeking import found_plain, found_with_keys
from tests.forking import DONE

Check = Callable[[Replica, bool], None]


def kill_everywhere(
    world: World,
    killer: Killer,
    act: str,
    check: Check,
    *,
    least: int,
    coarse: bool = False,
    look: Callable[[Path], None] = lambda _: None,
) -> None:
    """Run `act` on copies of the phone, killed before each of its writes, then open, sync and `check`.

    `look` is given the directory as the kill left it, before any process opens it again.
    """
    template, company = world.directory / "phone", world.company.copied()
    clock = world.clocks[template]
    stop = 0
    is_done = False
    while not is_done:
        stop += 1
        name = f"phone-{stop}"
        shutil.copytree(template, world.directory / name)
        world.clocks[world.directory / name] = copy.copy(clock)
        world.server.company = company.copied()
        is_done = killer.run(world, name, act, stop, coarse=coarse) == DONE
        look(world.directory / name)
        with world.opened(name) as replica:
            check(replica, is_done)
        shutil.rmtree(world.directory / name)
    assert stop > least, f"only {stop - 1} places to be killed at: the act did less than it should"


def settle(world: World, replica: Replica) -> None:
    """Sync, and see that both sides hold the same."""
    report = replica.sync()
    assert (report.ended, report.verified) == ("done", True)
    assert replica.status().pending == 0
    held = replica.digests()
    for scope in world.company.granted(world.rep):
        expected = world.company.master.sum_of(scope)
        assert held[scope] == (expected.count, expected.digest), scope
    assert replica._device.replica().file.run("SELECT * FROM overlay") == []


def visits(world: World) -> list[str]:
    """The notes of all visits in the master store."""
    return sorted(one.notes for one in world.in_master(Visit))


def busy(world: World) -> Outlet:
    """A phone with pending work, and a master store that went on without it."""
    outlet, other = world.outlet("老张烟酒", phone="13811112222"), world.outlet("兴隆超市", phone="13822223333")
    world.contact(outlet)
    with world.phone() as replica:
        for number in range(3):
            replica.visits.log(outlet.id, notes=f"visit {number}", stock=[Stock("SKU-1", sold=2)])
        replica.outlets.register(name="新开的店", position=HERE)
        replica.outlets.update(other.id, notes="changed here")
    world.put(msgspec.structs.replace(other, phone="13833334444"))
    for number in range(4):
        world.outlet(f"后来的店{number}")
    return outlet


def test_logging_killed_anywhere_loses_and_doubles_nothing(world: World, killer: Killer) -> None:
    """A visit whose call returned arrives once; one whose call was killed arrives once or not at all."""
    outlet = world.outlet()
    world.phone().close()

    def check(replica: Replica, is_done: bool) -> None:
        replica.visits.log(outlet.id, notes="next", stock=[Stock("SKU-1", sold=10)])
        shown = replica.outlets.get(outlet.id).stock["SKU-1"].sold
        settle(world, replica)
        arrived = visits(world)
        assert arrived in (["killed visit", "next"], ["next"])
        assert "killed visit" in arrived or not is_done
        assert shown == replica.outlets.get(outlet.id).stock["SKU-1"].sold == 10 + ("killed visit" in arrived)

    kill_everywhere(world, killer, "log", check, least=8)


def test_a_sync_killed_anywhere_loses_and_doubles_nothing(world: World, killer: Killer) -> None:
    """Push and pull in one: every operation takes effect once, and the rows are the master's."""
    outlet = busy(world)

    def check(replica: Replica, _is_done: bool) -> None:
        settle(world, replica)
        assert visits(world) == ["visit 0", "visit 1", "visit 2"]
        assert replica.outlets.get(outlet.id).stock["SKU-1"].sold == 6
        assert len(replica.all(Outlet)) == 7

    kill_everywhere(world, killer, "sync", check, least=25)


def test_a_first_sync_killed_anywhere_goes_on_where_it_stopped(world: World, killer: Killer) -> None:
    """Several pages, the lease and the first checkpoint: the replica is whole in the end."""
    for number in range(12):
        world.outlet(f"店{number}号")
    world.enrolled().close()
    world.server.settings.page = 900

    def check(replica: Replica, _is_done: bool) -> None:
        settle(world, replica)
        assert len(replica.all(Outlet)) == 12

    kill_everywhere(world, killer, "sync", check, least=12, coarse=True)


def test_an_eviction_killed_anywhere_is_finished(world: World, killer: Killer) -> None:
    """A territory that was taken away is gone from the file, whatever moment the phone died in."""
    world.rep.territories.append(world.east)
    world.company.hire("老李", world.east)
    world.outlet("留下的店")
    lost = [world.outlet(f"拿走的店{number}号", world.east, phone=f"1390000{number:04d}") for number in range(5)]
    with world.phone() as replica:
        replica.visits.log(lost[0].id, notes="pending there")
    world.rep.territories.remove(world.east)

    def check(replica: Replica, _is_done: bool) -> None:
        settle(world, replica)
        assert [one.name for one in replica.all(Outlet)] == ["留下的店"]
        words = {one.name for one in lost} | {one.phone for one in lost}
        assert found_with_keys(replica._device.places.directory, words | {"留下的店"}) == {"留下的店"}
        assert [code for _, code, _ in world.company.master.dead] == ["record_unknown"]

    kill_everywhere(world, killer, "sync", check, least=25)


def test_a_wipe_killed_anywhere_is_finished(world: World, killer: Killer) -> None:
    """Once ordered, nothing opens again: what was pending is handed in once, every receipt comes, no name is left."""
    busy(world)
    world.company.cut_off(world.rep)
    words = {"老张烟酒", "兴隆超市", "新开的店", "13811112222", "13822223333"}
    assert found_with_keys(world.directory / "phone", words) == words

    def check(replica: Replica, _is_done: bool) -> None:
        replica.sync()
        device = world.device(replica)
        (bodies,) = device.handed_in.values()
        notes = [decode(body, Operation).collection for body in bodies]
        assert sorted(notes) == ["outlet", "outlet", "visit", "visit", "visit"]
        assert {name[16:] for name in device.receipts} == {b"told", b"locked", b"drained", b"wiped"}
        assert replica.status().state is State.WIPED
        directory = replica._device.places.directory
        assert found_plain(directory, words) == found_with_keys(directory, words) == set()

    kill_everywhere(world, killer, "sync", check, least=25)


def test_a_lock_killed_anywhere_holds(world: World, killer: Killer) -> None:
    """A lease that is over locks, and one that is long over erases, though the phone dies over it again and again."""
    busy(world)
    world.time.now += world.company.locks_after + world.company.erases_after + 1

    def check(replica: Replica, _is_done: bool) -> None:
        assert replica.status().state is State.ERASED
        assert not (replica._device.places.replica).exists()
        assert replica.status().pending == 5
        words = {"老张烟酒", "兴隆超市", "13811112222"}
        assert found_with_keys(replica._device.places.directory, words) == set()

    kill_everywhere(world, killer, "look", check, least=5)


def test_a_fork_killed_anywhere_sends_everything(world: World, killer: Killer) -> None:
    """A restored copy that dies while it renumbers its outbox still brings all its visits, each once."""
    outlet = world.outlet()
    with world.phone() as replica:
        for number in range(3):
            replica.visits.log(outlet.id, notes=f"before {number}")
    shutil.copytree(world.directory / "phone", world.directory / "backup")
    with world.opened() as replica:
        for number in range(3):
            replica.visits.log(outlet.id, notes=f"after {number}")
        replica.sync()
    shutil.rmtree(world.directory / "phone")
    shutil.copytree(world.directory / "backup", world.directory / "phone")
    with world.opened() as replica:
        for number in range(2):
            replica.visits.log(outlet.id, notes=f"restored {number}")

    def check(replica: Replica, _is_done: bool) -> None:
        settle(world, replica)
        expected = [f"{when} {number}" for when in ("after", "before") for number in range(3)]
        assert visits(world) == [*expected, "restored 0", "restored 1"]

    kill_everywhere(world, killer, "sync", check, least=8, coarse=True)


def test_a_restored_server_gets_everything_again_though_the_phone_dies(world: World, killer: Killer) -> None:
    """Acknowledged operations that a restored server lost are sent again, and the rows are reconciled."""
    outlet = world.outlet()
    with world.phone() as replica:
        replica.visits.log(outlet.id, notes="kept")
        replica.sync()
        backup = world.company.copied()
        replica.visits.log(outlet.id, notes="lost and sent again")
        replica.sync()
        replica.visits.log(outlet.id, notes="new")
    world.restore(backup)

    def check(replica: Replica, _is_done: bool) -> None:
        settle(world, replica)
        assert visits(world) == ["kept", "lost and sent again", "new"]

    kill_everywhere(world, killer, "sync", check, least=12, coarse=True)


@pytest.mark.parametrize("act", ["attach", "upload"])
def test_a_photo_killed_anywhere_arrives_once_or_was_never_attached(world: World, killer: Killer, act: str) -> None:
    """The bytes and the record go together, and no file is left that nothing names."""
    world.outlet()
    with world.phone() as replica:
        if act == "upload":
            replica.photos.attach(replica.all(Outlet)[0].id, picture())

    def check(replica: Replica, is_done: bool) -> None:
        world.server.photos.clear()
        settle(world, replica)
        replica.photos.upload()
        photos = [one for one in world.company.master.records.values() if one.collection.name == "photo"]
        assert len(photos) == (1 if is_done or act == "upload" else len(photos)) <= 1
        names = {path.name for path in replica._device.places.photos.glob("*")}
        assert names == {one.record.id.hex for one in photos}
        assert replica.status().photos_pending == 0

    kill_everywhere(world, killer, act, check, least=3, coarse=True)


def test_a_draft_killed_anywhere_is_the_old_or_the_new(world: World, killer: Killer) -> None:
    """A draft that was saved before survives a kill in the middle of saving the next."""
    world.outlet()
    with world.phone() as replica:
        replica.drafts.save("form", {"notes": "first"})

    def check(replica: Replica, is_done: bool) -> None:
        notes = replica.drafts.load("form").values["notes"]
        assert notes == "second" if is_done else notes in {"first", "second"}

    kill_everywhere(world, killer, "draft", check, least=2)


def test_what_was_prepared_goes_into_one_visit_wherever_the_phone_is_killed(world: World, killer: Killer) -> None:
    """Either into the visit that was killed, or it waits for the next one: never into both, never lost."""
    outlet = world.outlet()
    with world.phone() as replica:
        replica.visits.prepare(outlet.id, aim="谈堆头")

    def check(replica: Replica, _is_done: bool) -> None:
        replica.visits.log(outlet.id, notes="next")
        assert sorted(one.aim for one in replica.visits.of(outlet.id) if one.aim) == ["谈堆头"]
        assert replica.visits.prepared(outlet.id) is None
        settle(world, replica)

    kill_everywhere(world, killer, "log_prepared", check, least=8)


def test_a_new_outlet_of_a_sweep_is_sighted_wherever_the_phone_is_killed(world: World, killer: Killer) -> None:
    """The sweep knows an outlet exactly where it was registered."""
    world.outlet()
    with world.phone() as replica:
        replica.sweeps.start()

    def check(replica: Replica, _is_done: bool) -> None:
        session = replica.sweeps.current()
        assert session is not None
        made = [one.id for one in replica.outlets.list() if one.name == "扫到的新店"]
        assert list(session.sighted) == made
        done = session.finish()
        assert (done.figures.new, [one.outlet for one in done.sweep.sightings]) == (len(made), made)
        settle(world, replica)

    kill_everywhere(world, killer, "sweep_new", check, least=8)

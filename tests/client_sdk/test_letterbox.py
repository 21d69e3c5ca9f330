"""The letterbox: a locked phone adds work that it cannot read back, and none of it is lost."""

from __future__ import annotations

from typing import Any

import pytest

from client_sdk.errors import InvalidInput, NotConfirmed, ReplicaLocked, ReplicaWiped
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY, HOUR
from client_sdk.testing.world import HERE, World
from sync.codec import decode, encode
from sync.machine import State
from sync.operations import Operation
from sync.records import Outlet, Stock, Visit
from tests.client_sdk.killing import Killer
from tests.client_sdk.seeking import found_plain, found_with_keys
from tests.client_sdk.test_kills import kill_everywhere

WORDS = {"锁定后的拜访", "看不到的店", "13755556666"}


def locked(world: World, days: int = 1) -> tuple[Replica, Outlet]:
    """A phone whose lease is over, started again: nothing of the replica was ever open in this process."""
    outlet = world.outlet()
    world.phone().close()
    world.time.now += days * DAY + HOUR
    replica = world.opened()
    assert replica.status().state is (State.LOCKED if days < 8 else State.ERASED)
    return replica, outlet


def put(replica: Replica, outlet: Outlet) -> None:
    """A visit at a known outlet, a new outlet, and a visit there."""
    replica.letterbox.visit(outlet.id, notes="锁定后的拜访", stock=[Stock("SKU-1", sold=3)])
    new = replica.letterbox.register(name="看不到的店", phone="13755556666", position=HERE)
    replica.letterbox.visit(new, notes="锁定后的拜访")


@pytest.mark.parametrize("days", [1, 8])
def test_a_locked_phone_adds_work_and_cannot_read_it_back(world: World, days: int) -> None:
    """Locked or erased: it counts as pending, and no key that is left opens it, in no file and not in memory."""
    replica, outlet = locked(world, days)
    put(replica, outlet)
    assert replica.status().pending == 3
    with pytest.raises(ReplicaLocked):
        replica.visits.of(outlet.id)
    directory = world.directory / "phone"
    assert found_plain(directory, WORDS) == found_with_keys(directory, WORDS) == set()
    box = replica._device.outbox
    assert [box.key_of(ordinal) for (ordinal,) in box.file.run("SELECT ordinal FROM box")] == [None] * 3
    assert list(box.pending()) == []


@pytest.mark.parametrize("days", [1, 8])
def test_letters_arrive_after_a_renewal(world: World, days: int) -> None:
    """In the same sync, each once, in order; what this phone logs before and after is not disturbed."""
    outlet = world.outlet()
    with world.phone() as replica:
        replica.visits.log(outlet.id, notes="before")
    world.time.now += days * DAY + HOUR
    replica = world.opened()
    put(replica, outlet)
    assert replica.sync().ended == "done"
    assert replica.status().pending == 0
    replica.visits.log(outlet.id, notes="after")
    assert replica.sync().ended == "done"
    assert replica.sync().verified
    notes = sorted(one.notes for one in replica.all(Visit))
    assert notes == ["after", "before", "锁定后的拜访", "锁定后的拜访"]
    assert {one.name for one in replica.all(Outlet)} == {outlet.name, "看不到的店"}
    assert replica.outlets.get(outlet.id).stock["SKU-1"].sold == 3
    assert world.company.master.dead == []


def test_letters_are_drained_after_an_order(world: World) -> None:
    """With everything else that was pending; nothing on the phone could have read them."""
    outlet = world.outlet()
    with world.phone() as replica:
        replica.visits.log(outlet.id, notes="before")
    world.time.now += DAY
    replica = world.opened()
    put(replica, outlet)
    world.company.cut_off(world.rep)
    report = replica.sync()
    assert (report.state, report.handed_in) == (State.WIPED, 4)
    bodies = [decode(body, Operation) for boxes in world.device(replica).handed_in.values() for body in boxes]
    assert [one.collection for one in bodies] == ["visit", "visit", "outlet", "visit"]


def test_after_an_order_nothing_is_added(world: World) -> None:
    """In no process: what an ended phone still took would be lost."""
    replica, outlet = locked(world)
    other = world.opened()
    replica.accept(encode(world.company.order_wipe(world.device(replica))))
    for phone in (replica, other):
        with pytest.raises(ReplicaWiped):
            phone.letterbox.visit(outlet.id)
        with pytest.raises(ReplicaWiped):
            phone.letterbox.register(name="x", territory=world.west)
        assert phone.letterbox.territories == ()
    assert replica.status().pending == 0


def test_an_order_that_comes_in_the_middle_is_told_to_the_caller(world: World) -> None:
    """Another process stores an order while a letter is written: the call does not promise what may be lost."""
    replica, outlet = locked(world)
    other, order = world.opened(), encode(world.company.order_wipe(world.device(replica)))
    real = replica._device.outbox.file._step

    def step(what: str) -> None:
        real(what)
        if "INSERT INTO item" in what:
            other.accept(order)

    replica._device.outbox.file._step = step
    with pytest.raises(ReplicaWiped):
        replica.letterbox.visit(outlet.id)


def test_nobody_adds_before_the_digits_are_confirmed(world: World) -> None:
    """There is no lease that could have lapsed."""
    with pytest.raises(NotConfirmed):
        world.enrolled(confirm=True).letterbox.visit(world.rep.id)


@pytest.mark.parametrize(
    ("call", "fields", "field"),
    [
        ("visit", {"notes": 5}, "notes"),
        ("visit", {"colour": "red"}, "colour"),
        ("register", {"name": ""}, "name"),
        ("register", {"name": "x", "territory": None}, "territory"),
    ],
)
def test_a_letter_that_the_rules_refuse_is_refused_at_once(
    world: World, call: str, fields: dict[str, Any], field: str
) -> None:
    """By the engine's own rules, as far as they need nothing looked up; nothing is stored."""
    world.rep.territories.append(world.east)
    world.company.hire("老李", world.east)
    replica, outlet = locked(world)
    assert set(replica.letterbox.territories) == {world.west, world.east}
    if call == "register" and "territory" not in fields:
        fields = {"territory": world.west, **fields}
    arguments = (outlet.id,) if call == "visit" else ()
    with pytest.raises(InvalidInput) as error:
        getattr(replica.letterbox, call)(*arguments, **fields)
    assert error.value.field == field
    assert replica.status().pending == 0


def test_a_letter_at_an_outlet_that_is_gone_is_kept_whole_by_the_company(world: World) -> None:
    """The phone cannot know: the company refuses it, and holds it as it came."""
    replica, outlet = locked(world)
    world.company.master.move(outlet.id, f"territory/{world.east}")
    replica.letterbox.visit(outlet.id, notes="锁定后的拜访")
    assert replica.sync().ended == "done"
    ((operation, code, body),) = world.company.master.dead
    assert operation is not None
    assert (code, "锁定后的拜访".encode() in body) == ("record_unknown", True)
    assert replica.status().pending == 0


def test_letters_beside_an_open_replica_leave_its_outbox_alone(world: World) -> None:
    """An application that was locked a moment ago may finish: the outbox that the phone works on stays current."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id, notes="one")
    told = replica._device.outbox.told()
    replica.letterbox.visit(outlet.id, notes="锁定后的拜访")
    replica.visits.log(outlet.id, notes="two")
    now = replica._device.outbox.told()
    assert told is not None
    assert now is not None
    assert (now.id, now.last) == (told.id, 2)
    assert not replica._device.replica().overlay.is_behind()
    replica.sync()
    assert sorted(one.notes for one in world.in_master(Visit)) == [
        "one",
        "two",
        "锁定后的拜访",
    ]


def test_a_restored_server_gets_letters_again(world: World) -> None:
    """Acknowledged letters are kept as long as other work, and handed in again in a new epoch."""
    replica, outlet = locked(world)
    backup = world.company.copied()
    replica.letterbox.visit(outlet.id, notes="锁定后的拜访")
    assert replica.sync().ended == "done"
    assert len(world.in_master(Visit)) == 1
    world.restore(backup)
    assert world.in_master(Visit) == []
    assert replica.sync().ended == "done"
    assert len(world.in_master(Visit)) == 1


def test_two_processes_put_letters_into_one_box(world: World) -> None:
    """Each letter is whole by itself."""
    replica, outlet = locked(world)
    other = world.opened()
    for number in range(5):
        for phone in (replica, other):
            phone.letterbox.visit(outlet.id, notes=f"{number}")
    assert other.status().pending == 10
    replica.sync()
    assert len(world.in_master(Visit)) == 10


def test_a_letter_killed_at_every_write_arrives_once_or_was_never_promised(world: World, killer: Killer) -> None:
    """In a process that was started locked: durable before the call returned, whole or not there."""
    replica, outlet = locked(world)
    replica.close()
    (world.directory / "phone" / "scanned").write_bytes(outlet.id.bytes)

    def check(replica: Replica, is_done: bool) -> None:
        pending = replica.status().pending
        assert pending == 1 if is_done else pending in {0, 1}
        words = {"letter while locked"}
        assert found_with_keys(replica._device.places.directory, words) == set()
        assert replica.sync().ended == "done"
        assert len(world.in_master(Visit)) == pending

    kill_everywhere(world, killer, "letter", check, least=3)


def test_a_hand_in_of_letters_killed_at_every_write_doubles_nothing(world: World, killer: Killer) -> None:
    """Renewal, sync and letters in one: whatever dies, each letter takes effect once."""
    replica, outlet = locked(world)
    put(replica, outlet)
    replica.close()

    def check(replica: Replica, _is_done: bool) -> None:
        assert replica.sync().ended == "done"
        assert (len(world.in_master(Visit)), replica.status().pending) == (2, 0)

    kill_everywhere(world, killer, "sync", check, least=12, coarse=True)

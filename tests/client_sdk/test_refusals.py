"""Own refused work on the phone: the reason, what was entered, mended and sent again or dropped; offline and once."""

from __future__ import annotations

import pytest

from client_sdk.errors import InvalidInput, NotFound
from client_sdk.refusals import RefusedWork
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import World
from sync import scopes
from sync.operations import Act
from sync.records import Outlet, Visit
from tests.client_sdk.killing import Killer
from tests.client_sdk.test_kills import kill_everywhere, settle


def refused(world: World, replica: Replica) -> RefusedWork:
    """A visit at an outlet that went to another territory meanwhile; refused, and told. One more outlet stays."""
    world.outlet("留下")
    gone = world.outlet("走了")
    replica.sync()
    replica.visits.log(gone.id, notes="补货两箱")
    world.company.master.move(gone.id, scopes.territory(world.east))
    assert replica.sync().verified
    (one,) = replica.refusals.list()
    return one


def visits(world: World) -> list[str]:
    """The visits that the master store has."""
    return [one.notes for one in world.in_master(Visit)]


def test_what_was_entered_stays_as_long_as_it_is_refused(world: World) -> None:
    """Weeks later, after the outbox forgot it and the replica was begun again, the reason and the fields are there."""
    replica = world.phone()
    one = refused(world, replica)
    assert (one.act, one.reason, one.zh) == (Act.CREATE, "record_unknown", "档案不存在或不在您的范围内。")
    for _ in range(40):
        world.time.now += DAY
        assert replica.sync().verified
    assert list(replica._device.outbox.since(0)) == []
    replica._device.rebuild()
    assert replica.sync().verified
    (still,) = replica.refusals.list()
    assert (still.entered or {})["notes"] == "补货两箱"
    replica.refusals.drop(still.id)
    assert replica.sync().verified
    assert replica._device.outbox.file.one("SELECT count(*) FROM refused") == (0,)


def test_mended_offline_it_shows_at_once_and_arrives_once(world: World) -> None:
    """With other fields than before; the company is told that it takes the old one's place; it cannot be sent twice."""
    replica = world.phone()
    one = refused(world, replica)
    stays = next(each for each in replica.all(Outlet) if each.name == "留下")
    world.server.cut()
    with pytest.raises(NotFound):
        replica.refusals.mend(one.id)
    with pytest.raises(InvalidInput):
        replica.refusals.mend(one.id, outlet=stays.id, notes=7)
    shown = replica.refusals.mend(one.id, outlet=stays.id, notes="补货三箱")
    assert isinstance(shown, Visit)
    assert (replica.refusals.list(), [each.notes for each in replica.visits.of(stays.id)]) == ([], ["补货三箱"])
    for again in (replica.refusals.mend, replica.refusals.drop):
        with pytest.raises(NotFound):
            again(one.id)
    world.server.mend()
    settle(world, replica)
    (mended,) = replica.refusals.list("mended")
    assert (mended.id, mended.mended is not None) == (one.id, True)
    assert visits(world) == ["补货三箱"]


def test_mending_killed_anywhere_sends_it_once_and_says_so(world: World, killer: Killer) -> None:
    """Before any write: either nothing has happened, or both the work and the word on it are in the outbox."""
    with world.phone() as replica:
        refused(world, replica)
        gone = next(each for each in world.in_master(Outlet) if each.name == "走了")

    def check(replica: Replica, is_done: bool) -> None:
        is_open = bool(replica.refusals.list())
        settle(world, replica)
        assert (len(visits(world)), bool(replica.refusals.list())) == ((0, True) if is_open else (1, False))
        assert not (is_done and is_open)

    assert gone.id not in {each.id for each in world.opened().all(Outlet)}
    kill_everywhere(world, killer, "mend", check, least=4)


def test_refused_work_of_another_phone_can_be_dropped_and_not_mended(world: World) -> None:
    """What was entered is on the phone on which it was; the reason is on both."""
    one = refused(world, world.phone())
    other = world.phone(name="other")
    (told,) = other.refusals.list()
    assert (told.id, told.reason, told.entered, told.act) == (one.id, one.reason, None, None)
    with pytest.raises(NotFound):
        other.refusals.mend(told.id)
    other.refusals.drop(told.id)
    assert (other.refusals.list(), other.sync().verified) == ([], True)

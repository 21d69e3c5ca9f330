"""A sweep on the phone: it outlives the process, shows what is near by, and leaves one record and nothing beside."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from client_sdk.errors import AlreadyBegun, NotFound
from client_sdk.sweeping import SweepSession
from client_sdk.testing.world import HERE, World
from client_sdk.writing import Desk
from sync.positions import Position
from sync.records import Corner, Outlet, Seen, Sweep

METRE = 1 / 111_195


def north(metres: float, accuracy: float | None = 5) -> Position:
    """So far north of here."""
    return Position(HERE.lat + metres * METRE, HERE.lon, accuracy)


def walked(session: SweepSession, world: World, *metres: float) -> None:
    """Walk on, a minute for each place."""
    for one in metres:
        world.time.now += 60_000
        session.at(north(one))


def test_a_sweep_makes_one_record_of_what_was_seen(world: World) -> None:
    """With a thinned track, the sightings in order, and what it came to."""
    old, gone = world.outlet("老店", position=north(20)), world.outlet("关门店", position=north(90))
    world.outlet("柳巷店", position=north(900), address="柳巷3号")
    replica = world.phone()
    session = replica.sweeps.start()
    walked(session, world, 0, 3, 30)
    assert [(one.outlet.name, round(one.metres)) for one in session.near(north(30))] == [("老店", 10), ("关门店", 60)]
    session.saw(old.id, "visited")
    session.saw(gone.id, Seen.CLOSED)
    made = session.register(name="新店", position=north(60))
    replica.outlets.update(old.id, phone="13900000000")
    assert [one.outlet.name for one in session.near(north(30))] == []
    world.time.now += 57 * 60_000
    report = session.finish("东街走完")
    assert isinstance(report.sweep, Sweep)
    assert [(one.outlet, one.seen) for one in report.sweep.sightings] == [
        (old.id, "visited"), (gone.id, "closed"), (made.id, "new"),
    ]  # fmt: skip
    assert (report.sweep.duration_s, report.sweep.notes) == (3600, "东街走完")
    assert [round((one.lat - HERE.lat) / METRE) for one in report.sweep.track] == [0, 30]
    found = report.figures
    assert (found.found, found.new, found.closed, found.changed, found.per_hour) == (2, 1, 1, 1, 30)
    assert report.unwalked == ("柳巷",)
    replica.sync()
    assert [one.id for one in world.in_master(Sweep)] == [report.sweep.id]


def test_a_sweep_goes_on_after_the_process_was_killed(world: World) -> None:
    """What was sighted is there, and the track up to its last saving; two sweeps at once are none."""
    shop = world.outlet()
    replica = world.phone()
    session = replica.sweeps.start()
    for metres in range(0, 200, 20):
        session.at(north(metres))
    session.saw(shop.id)
    replica._device.close()
    again = world.opened()
    with pytest.raises(AlreadyBegun):
        again.sweeps.start()
    resumed = again.sweeps.current()
    assert resumed is not None
    assert resumed.sighted == {shop.id: Seen.SEEN}
    report = resumed.finish()
    assert len(report.sweep.track) == 10
    with pytest.raises(NotFound):
        resumed.finish()
    with pytest.raises(NotFound):
        resumed.saw(shop.id)


def test_nothing_of_a_walk_stays_after_its_end(world: World) -> None:
    """No draft, no track: neither after a record was made of it nor after it was given up."""
    replica = world.phone()
    replica.sweeps.start().abandon()
    assert replica.sweeps.current() is None
    assert replica.drafts.list() == []
    session = replica.sweeps.start()
    session.at(north(0))
    session.finish()
    assert replica.drafts.list() == []
    assert replica.counts().get("sweep") == 1


def test_streets_outside_a_drawn_area_are_none_that_were_missed(world: World) -> None:
    """Only what lies in it counts."""
    world.outlet("近店", position=north(10), address="朝阳路1号")
    world.outlet("远店", position=north(5000), address="柳巷3号")
    replica = world.phone()
    low, high = HERE.lat - 0.001, HERE.lat + 0.001
    area = [
        Corner(low, HERE.lon - 1),
        Corner(low, HERE.lon + 1),
        Corner(high, HERE.lon + 1),
        Corner(high, HERE.lon - 1),
    ]
    assert replica.sweeps.start(area=area).finish().unwalked == ("朝阳路",)
    (sweep,) = replica.all(Sweep)
    assert len(sweep.area) == 4
    assert len(replica.all(Outlet)) == 2


def test_what_is_merged_counts_as_the_one_that_stands_for_it(world: World) -> None:
    """Before the sweep or while it lasts: sighted once, mended once, never missing, and no street of its own."""
    stays, goes = (
        world.outlet("老张烟酒", position=north(20)),
        world.outlet("章记", position=north(30), address="柳巷3号"),
    )
    old = world.outlet("旧店", position=north(40), address="桥巷1号")
    world.put(msgspec.structs.replace(old, merged_into=stays.id))
    replica = world.phone()
    session = replica.sweeps.start()
    session.saw(old.id, "visited")
    session.saw(goes.id, "seen")
    replica.outlets.update(goes.id, phone="13900000000")
    replica.outlets.update(old.id, notes="二楼有仓库")
    replica.sync()
    world.put(msgspec.structs.replace(goes, merged_into=stays.id))
    replica.sync()
    assert session.sighted == {stays.id: Seen.SEEN}
    assert session.near(north(30)) == []
    found = session.report()
    assert (found.found, found.missing, found.changed) == (1, 0, 1)
    report = session.finish()
    assert report.unwalked == ()
    assert {one.outlet for one in report.sweep.sightings} == {old.id, goes.id}


def test_every_screen_of_an_application_adds_to_the_same_sweep(world: World) -> None:
    """Two sessions of one sweep, in one process or in two: what either recorded is in both, and in the record."""
    shops = [world.outlet(name, position=north(metres)) for name, metres in (("老店", 20), ("新店", 90), ("远店", 160))]
    replica, first = world.phone(), world.opened()
    street, screen = replica.sweeps.start(), first.sweeps.current()
    assert screen is not None
    walked(street, world, 0, 20, 40)
    screen.saw(shops[0].id)
    street.saw(shops[1].id, Seen.CLOSED)
    walked(screen, world, 60, 80)
    screen.saw(shops[2].id, Seen.NOT_FOUND)
    assert street.sighted == screen.sighted
    assert [one.outlet.id for one in street.near(north(20), within=300)] == []
    sweep = street.finish().sweep
    assert {one.outlet: one.seen for one in sweep.sightings} == {
        shops[0].id: Seen.SEEN, shops[1].id: Seen.CLOSED, shops[2].id: Seen.NOT_FOUND,
    }  # fmt: skip
    assert [round((one.lat - HERE.lat) / METRE) for one in sweep.track] == [0, 20, 40, 60, 80]


def test_a_kill_after_registering_leaves_the_outlet_sighted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the outlet and the sweep's word of it: it is new in the sweep all the same, and once."""
    replica = world.phone()
    session = replica.sweeps.start()
    create = Desk.create

    def killed(desk: Desk, *values: Any, **more: Any) -> Any:
        create(desk, *values, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(Desk, "create", killed)
    with pytest.raises(KeyboardInterrupt):
        session.register(name="新店", position=north(60))
    monkeypatch.undo()
    replica._device.close()
    again = world.opened().sweeps.current()
    assert again is not None
    (made,) = world.opened().all(Outlet)
    assert again.sighted == {made.id: Seen.NEW}
    again.saw(made.id, Seen.VISITED)
    assert [one.seen for one in again.finish().sweep.sightings] == [Seen.NEW, Seen.VISITED]


def test_a_sweep_of_a_territory_that_was_taken_away_is_finished_and_handed_in(world: World) -> None:
    """Its record reaches the company as a dead letter, nothing of the territory is shown, and the next sweep begins."""
    world.rep.territories.append(world.east)
    shop = world.outlet("东边的店", world.east)
    replica = world.phone()
    session = replica.sweeps.start(world.east)
    walked(session, world, 0, 30)
    session.saw(shop.id)
    world.rep.territories.remove(world.east)
    replica.sync()
    again = replica.sweeps.current()
    assert again is not None
    assert again.near(north(0)) == []
    with pytest.raises(NotFound):
        again.saw(shop.id)
    done = again.finish()
    assert (done.figures.found, len(done.sweep.track), done.unwalked) == (1, 2, ())
    assert replica.sweeps.current() is None
    assert replica.sync().outcomes == {"refused": 1}
    assert len(world.company.master.dead) == 1
    assert replica.sweeps.start().territory == world.west

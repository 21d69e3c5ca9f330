"""A rep's day that is cut off in the middle, reported late, shared with a colleague or drawn out: nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Thread

import msgspec
import pytest

from client_sdk.errors import InvalidInput, NotFound
from client_sdk.replica import Replica
from client_sdk.sweeping import MOST_CORNERS, MOST_SIGHTINGS
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import HERE, World
from sync import scopes
from sync.codec import pack
from sync.positions import Position
from sync.records import CodeBlock, Corner, Grade, Policy, Seen, Sighting, Sweep, Task, TrackPoint
from sync.records.base import MOST_BYTES
from tests.client_sdk.acts import picture


class Killed(Exception):
    """The process ends here."""


def _end(*_: object) -> None:
    raise Killed


@pytest.mark.parametrize("what", ["sweep", "visit"])
def test_what_was_finished_when_the_process_was_killed_is_there_once(
    world: World, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Between the record and the end of its draft: the next process finds it over, and begins another."""
    shop = world.outlet()
    replica = world.phone()
    if what == "sweep":
        session = replica.sweeps.start()
        monkeypatch.setattr(replica.sweeps, "forget", _end)
        finish: Callable[[], object] = session.finish
    else:
        replica.visits.start(shop.id)
        monkeypatch.setattr(replica.visits._drafts, "discard", _end)
        finish = replica.visits.finish
    with suppress(Killed):
        finish()
    replica.close()
    replica = world.opened()
    assert replica.visits.going() is None
    assert replica.sweeps.current() is None
    assert len(replica.sweeps.list()) + len(replica.visits.of(shop.id)) == 1
    replica.sweeps.start()
    replica.visits.start(shop.id)


def test_nothing_is_recorded_after_the_end(world: World) -> None:
    """A session whose sweep is over takes no point of a track and no sighting."""
    shop = world.outlet()
    replica = world.phone()
    session = replica.sweeps.start()
    session.finish()
    world.time.now += 60_000
    with pytest.raises(NotFound):
        session.at(Position(HERE.lat + 0.01, HERE.lon))
    with pytest.raises(NotFound):
        session.saw(shop.id)


def test_a_sweep_that_was_forgotten_for_days_is_finished_all_the_same(world: World) -> None:
    """Its length is cut to what a record can hold; it is read by another process too."""
    shop = world.outlet()
    replica = world.phone()
    session = replica.sweeps.start()
    for _ in range(9):
        world.time.now += DAY
        replica.sync()
    session.saw(shop.id)
    replica.close()
    again = world.opened().sweeps.current()
    assert again is not None
    assert again.finish().sweep.duration_s == 604_800


def test_the_largest_sweep_fits_into_a_record(world: World) -> None:
    """The track gives way, no sighting does; one more is refused and ends nothing."""
    shop = world.outlet()
    replica = world.phone()
    corner = Corner(39.123456789, 116.123456789)
    with pytest.raises(InvalidInput):
        replica.sweeps.start(area=[corner] * (MOST_CORNERS + 1))
    session = replica.sweeps.start(area=[corner] * MOST_CORNERS)
    track = [TrackPoint(39.9 + step / 9e5, 116.4, 600_000) for step in range(20_000)]
    ids = [world.company.new_id() for _ in range(MOST_SIGHTINGS - 1)]
    seen = [Sighting(one, Seen.NOT_FOUND, 600_000) for one in ids]
    replica.sweeps.add(session._state.sweep, track, seen, None)
    session.saw(shop.id)
    with pytest.raises(InvalidInput, match="begin another"):
        session.saw(shop.id)
    report = session.finish("注" * 4000)
    assert len(report.sweep.sightings) == MOST_SIGHTINGS
    assert MOST_BYTES // 2 < len(pack(report.sweep)) <= MOST_BYTES
    replica.sync()
    assert replica.refusals.list() == []
    assert [one.id for one in world.in_master(Sweep)] == [report.sweep.id]


def test_a_colleagues_visit_is_not_done_by_me(world: World) -> None:
    """The outlet is not due any more; it stays planned and is none of mine."""
    shop = world.outlet(grade=Grade.A)
    mine, theirs = world.phone(), world.phone(world.company.hire("小李", world.west), name="theirs")
    theirs.visits.log(shop.id)
    theirs.sync()
    mine.sync()
    today = mine.today()
    assert (today.planned, today.done, today.due) == (1, 0, 0)
    assert mine.reports.draft().missed == (shop.id,)
    assert (theirs.today().planned, theirs.today().done) == (1, 1)


def test_a_day_is_reported_the_morning_after_as_it_was(world: World) -> None:
    """Visits of the morning change nothing of the day before: neither what was done nor what was missed."""
    done, missed = world.outlet("甲", grade=Grade.A), world.outlet("乙", grade=Grade.A)
    replica = world.phone()
    day = replica.today().day
    replica.visits.log(done.id)
    evening = replica.reports.draft(day)
    world.time.now += DAY
    replica.sync()
    replica.visits.log(done.id)
    replica.visits.log(missed.id)
    assert replica.reports.draft(day) == evening
    assert (evening.done, evening.missed, evening.extra) == ((done.id,), (missed.id,), 0)


def test_a_code_is_given_once_by_threads_and_processes(world: World) -> None:
    """Two replicas of one directory stand for two processes."""
    replica = world.phone()
    world.company.master.put(CodeBlock(world.company.new_id(), "K", 1, 60), scopes.staff(world.rep.id))
    replica.sync()
    given: list[str | None] = []

    def take(phone: Replica) -> None:
        given.extend(phone.codes.take() for _ in range(20))

    threads = [Thread(target=take, args=(one,)) for one in (replica, replica, world.opened())]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(filter(None, given)) == [f"K{number:04}" for number in range(1, 61)]
    assert (replica.codes.take(), replica.codes.left()) == (None, 0)


def test_the_sdks_own_drafts_are_no_drafts_of_the_application(world: World) -> None:
    """They are neither listed nor written by their names, and a form may be called what it likes."""
    replica = world.phone()
    session = replica.sweeps.start()
    replica.drafts.save("sweep", {"notes": "a form of the application's"})
    assert [one.name for one in replica.drafts.list()] == ["sweep"]
    replica.drafts.discard("sweep")
    current = replica.sweeps.current()
    assert current is not None
    assert current.territory == session.territory
    for act in (replica.drafts.load, replica.drafts.discard, lambda name: replica.drafts.save(name, {})):
        with pytest.raises(InvalidInput):
            act("saojie/sweep")


def test_what_is_missing_is_told_before_the_review_asks(world: World) -> None:
    """By class; an incomplete registration is kept all the same."""
    policy = Policy(world.company.new_id(), "required_hotel_a", "name,contact,photo")
    world.company.master.put(policy, scopes.COMPANY)
    replica = world.phone()
    assert replica.outlets.required("hotel_a") == ("name", "contact", "photo")
    shop = replica.outlets.register(name="新店")
    assert replica.outlets.missing(shop.id) == ("outlet_class", "position", "phone", "photo")
    replica.outlets.update(shop.id, outlet_class="hotel_a")
    assert replica.outlets.missing(shop.id) == ("contact", "photo")
    replica.contacts.add(shop.id, name="张三")
    replica.photos.attach(shop.id, picture(), kind="front")
    assert replica.outlets.missing(shop.id) == ()


def test_the_brief_of_merged_outlets_is_one_with_its_money(world: World) -> None:
    """Tasks, promises and what is owed at either, whichever of the two is asked for."""
    gone, stands = world.outlet("甲"), world.outlet("乙")
    for one in (gone, stands):
        task = Task(world.company.new_id(), "送海报", outlet=one.id)
        world.company.master.put(task, scopes.staff(world.rep.id))
    replica = world.phone()
    replica.contact_reports.write(gone.id, promised="样品", promised_by="2027-01-01")
    replica.payments.record(gone.id, amount=500, account="对公账户")
    replica.sync()
    world.put(msgspec.structs.replace(gone, merged_into=stands.id))
    replica.sync()
    for asked in (gone.id, stands.id):
        file = replica.brief(asked)
        assert (len(file.tasks), len(file.promises), len(file.payments)) == (2, 1, 1)
        assert file.money == replica.money.of(stands.id)

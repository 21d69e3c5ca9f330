"""Each bad day is what it says when the fixture hands it over, and goes the way out that it offers."""

from __future__ import annotations

import pytest

from client_sdk.errors import ReplicaLocked, ReplicaWiped
from client_sdk.replica import Replica
from client_sdk.testing import District, World, bad_days
from client_sdk.testing.clocks import DAY, HOUR
from sync.machine import State
from sync.outcomes import OutcomeCode
from sync.records import Contact, Outlet, Product, Visit


def test_the_phone_has_the_district_and_is_in_step(replica: Replica, district: District) -> None:
    """What an app's screens show is there, and compared with the company."""
    assert {one.id for one in replica.all(Outlet)} == {one.id for one in district.outlets}
    assert len(replica.all(Contact)) == len(district.contacts)
    assert {one.code for one in replica.all(Product)} == {one.code for one in district.products}
    day = replica.today()
    assert (len(day.visits), {one.id for one in day.tasks}) == (12, {one.id for one in district.tasks})
    assert replica.outlets.search("lzyj")
    assert replica.status().why == "verified"


def test_locked(world: World, locked: bad_days.Locked) -> None:
    """The lease is over; the letterbox takes work; at the next contact everything is there."""
    status = locked.replica.status()
    assert (locked.report.ended, status.state, status.why, status.pending) == ("no_network", State.LOCKED, "locked", 1)
    with pytest.raises(ReplicaLocked):
        locked.replica.all(Outlet)
    locked.replica.letterbox.visit(locked.shop.id, notes="锁定期间的拜访")
    assert locked.unlock().ended == "done"
    assert len(locked.replica.visits.of(locked.shop.id)) == len(world.in_master(Visit)) == 2
    assert locked.replica.status().why == "verified"


def test_refused(world: World, refused: bad_days.Refused) -> None:
    """The reason is there with what was entered; mended, it is accepted."""
    assert (refused.report.ended, refused.report.outcomes) == ("done", {"refused": 1})
    assert (refused.refusal.reason, (refused.refusal.entered or {})["notes"]) == ("record_unknown", "补货两箱")
    refused.replica.refusals.mend(refused.refusal.id, outlet=refused.other.id)
    refused.sync()
    assert [one.outlet for one in world.in_master(Visit)] == [refused.other.id]
    assert refused.replica.refusals.list() == []


def test_conflict(world: World, conflict: bad_days.Conflict) -> None:
    """The later change stands on both sides, and the phone is told what was lost."""
    assert conflict.replica.outlets.get(conflict.shop.id).phone == conflict.theirs
    assert [one.phone for one in world.in_master(Outlet) if one.id == conflict.shop.id] == [conflict.theirs]
    assert conflict.outcome.code is OutcomeCode.SUPERSEDED
    (lost,) = conflict.outcome.lost
    assert (lost.field, lost.value, lost.winner) == ("phone", conflict.mine, conflict.theirs)
    assert conflict.replica.about(conflict.shop.id).outcome == conflict.outcome


def test_wiped(world: World, wiped: bad_days.Wiped) -> None:
    """The order was carried out: nothing is answered, the work is the company's, receipts say how it went."""
    assert (wiped.report.ended, wiped.report.handed_in) == ("wiped", 1)
    status = wiped.replica.status()
    assert (status.state, status.why, status.call) == (State.WIPED, "ended", world.company.call)
    with pytest.raises(ReplicaWiped):
        wiped.replica.today()
    device = world.device(wiped.replica)
    assert sum(map(len, device.handed_in.values())) == 1
    assert {name[16:] for name in device.receipts} == {b"told", b"locked", b"drained", b"wiped"}


def test_unavailable(world: World, unavailable: bad_days.Unavailable) -> None:
    """The server asks to wait; the work is safe and goes when it answers."""
    report = unavailable.report
    assert (report.ended, report.reached, report.wait_ms) == ("unavailable", True, 3000)
    assert unavailable.replica.status().pending == 1
    assert unavailable.mend().sent == 1
    assert len(world.in_master(Visit)) == 1


def test_no_network(world: World, no_network: bad_days.NoNetwork) -> None:
    """The report says so; everything works, and goes out with the network."""
    assert (no_network.report.ended, no_network.report.reached) == ("no_network", False)
    assert (no_network.replica.status().why, len(no_network.replica.all(Outlet))) == ("behind", 12)
    assert no_network.mend().sent == 1
    assert len(world.in_master(Visit)) == 1


def test_slow_link(world: World, slow_link: bad_days.SlowLink) -> None:
    """What arrived is kept, the rest follows sync by sync over the same link, and time has passed."""
    began = world.time.now
    assert slow_link.report.ended == "cut_off"
    assert 0 < slow_link.arrived < slow_link.COUNT
    syncs = [slow_link.sync().ended]
    while syncs[-1] != "done":
        assert syncs[-1] == "cut_off"
        syncs.append(slow_link.sync().ended)
    assert len(syncs) > 1
    assert slow_link.arrived == slow_link.COUNT
    assert world.time.now - began > 60_000


def test_wrong_clock(world: World, wrong_clock: bad_days.WrongClock) -> None:
    """While the phone runs nothing is wrong; a restart locks it; a contact puts it right."""
    assert (wrong_clock.report.ended, wrong_clock.replica.status().state) == ("no_network", State.OPEN)
    assert wrong_clock.replica.today().day == wrong_clock.clock.day_of(world.time.now)
    status = wrong_clock.restart().status()
    assert (status.state, status.why) == (State.LOCKED, "restarted")
    assert wrong_clock.mend().ended == "done"
    assert (wrong_clock.clock.ahead, wrong_clock.replica.status().state) == (730 * DAY, State.OPEN)
    assert [one.id for one in world.in_master(Visit)] == [wrong_clock.visit.id]


def test_a_wrong_date_is_no_date_of_a_visit(world: World, wrong_clock: bad_days.WrongClock) -> None:
    """The company has it at the time at which it was."""
    began = world.time.now
    world.time.now += HOUR
    wrong_clock.mend()
    assert [one.started_at for one in world.in_master(Visit)] == [began]


def test_restored(world: World, restored: bad_days.Restored) -> None:
    """The phone has what the company has, in another epoch, and the company has the visit again."""
    first, *_, last = [one.epoch for one in world.server.asked]
    assert (first == last, last) == (False, world.company.master.epoch)
    assert (restored.report.ended, restored.report.verified) == ("done", True)
    assert [one.id for one in world.in_master(Visit)] == [restored.visit.id]
    assert restored.gone.id not in {one.id for one in restored.replica.all(Outlet)}
    assert len(restored.replica.visits.of(restored.shop.id)) == 1


def test_forked(world: World, forked: bad_days.Forked) -> None:
    """All three visits are on both sides, each once."""
    expected = {forked.before.id, forked.after.id, forked.copied.id}
    assert forked.report.ended == "done"
    visits = world.in_master(Visit)
    assert (len(visits), {one.id for one in visits}) == (3, expected)
    assert {one.id for one in forked.replica.visits.of(forked.shop.id)} == expected

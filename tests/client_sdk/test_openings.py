"""Opening a contact's details is counted on the phone and told once, by contact and day, whatever the phone dies of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import process_time
from uuid import UUID

from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from client_sdk.storage.driver import Database, open_plain
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import World
from sync.codec import decode, encode
from sync.operations import Operation
from sync.outcomes import OutcomeCode
from sync.records import Contact, ContactPrivate, Opening, Outlet
from tests.client_sdk.killing import Killer
from tests.client_sdk.test_kills import kill_everywhere, settle


def told(world: World) -> list[tuple[UUID, str, int, int]]:
    """What the company has been told: contact, day, times, and of these the private part."""
    return sorted((one.contact, one.day, one.times, one.private) for one in world.in_master(Opening))


def totals(world: World) -> dict[UUID, tuple[int, int]]:
    """How often each contact was opened, over everything that was told."""
    found: dict[UUID, tuple[int, int]] = {}
    for contact, _, times, private in told(world):
        before = found.get(contact, (0, 0))
        found[contact] = (before[0] + times, before[1] + private)
    return found


def staffed(world: World, count: int = 3) -> tuple[Replica, list[Contact]]:
    """A phone whose outlet has contacts."""
    outlet = world.outlet()
    contacts = [world.contact(outlet, f"张{number}", f"1390000{number:04d}") for number in range(count)]
    return world.phone(), contacts


def test_openings_are_told_at_the_next_sync_one_for_each_contact_and_day(world: World) -> None:
    """Counted by day where the phone is, with the outlet, and by whom."""
    replica, (first, second, _) = staffed(world)
    for _ in range(3):
        replica.contacts.get(first.id)
    replica.contacts.get(second.id)
    today = world.clock().day_of(world.time.now)
    world.time.now += DAY
    tomorrow = world.clock().day_of(world.time.now)
    world.company.locks_after = 9 * DAY
    replica.sync()
    replica.contacts.get(first.id)
    assert totals(world) == {first.id: (3, 0), second.id: (1, 0)}
    replica.sync()
    assert told(world) == sorted([(first.id, today, 3, 0), (second.id, today, 1, 0), (first.id, tomorrow, 1, 0)])
    (one, *_) = world.in_master(Opening)
    assert (one.outlet, one.staff) == (first.outlet, world.rep.id)
    replica.sync()
    assert len(told(world)) == 3


def test_what_counts_as_opening(world: World) -> None:
    """One contact, its private part, a change, and all of them at once; a list of names counts nothing."""
    replica, (first, second, third) = staffed(world)
    cards = replica.contacts.of(first.outlet)
    assert {one.name for one in cards} == {"张0", "张1", "张2"}
    assert not any(hasattr(one, "phone") or hasattr(one, "notes") for one in cards)
    replica.outlets.search("张0")
    replica.outlets.get(first.outlet)
    replica.sync()
    assert told(world) == []
    replica.contacts.update(first.id, notes="neu")
    replica.contacts.update_private(second.id, hobbies=("钓鱼",))
    assert replica.contacts.private(third.id) is None
    replica.contacts.private(second.id)
    replica.sync()
    assert totals(world) == {first.id: (1, 0), second.id: (1, 1)}
    replica.all(Contact)
    replica.all(ContactPrivate)
    replica.sync()
    assert totals(world) == {first.id: (2, 0), second.id: (3, 2), third.id: (1, 0)}


def test_a_rep_sees_no_openings_among_their_own_work(world: World) -> None:
    """Not as pending, not among outcomes or counts; a sync reports no outcome of theirs."""
    replica, (first, *_) = staffed(world)
    outlet = replica.all(Outlet)[0]
    replica.contacts.get(first.id)
    world.server.cut()
    replica.sync()
    assert (replica.status().pending, replica.status().why) == (0, "verified")
    assert replica._device.pending_count() == 1
    replica.visits.log(outlet.id)
    assert replica.status().pending == 1
    world.server.mend()
    report = replica.sync()
    assert report.outcomes == {OutcomeCode.APPLIED: 1}
    assert len(replica.outcomes()) == 1
    assert "opening" not in replica.counts()
    assert len(told(world)) == 1


def test_a_thousand_openings_cost_nothing_that_one_would_notice(world: World) -> None:
    """Less than a millisecond of work each, with everything around it."""
    replica, contacts = staffed(world, 50)
    begun = process_time()
    for number in range(1000):
        replica.contacts.get(contacts[number % 50].id)
    assert process_time() - begun < 1.0
    replica.sync()
    assert sum(times for times, _ in totals(world).values()) == 1000
    assert len(told(world)) == 50


def test_copying_everything_is_told_though_nobody_syncs(world: World) -> None:
    """Much that has come together goes into the outbox at once, so an order finds it there."""
    replica, contacts = staffed(world, 250)
    for one in contacts:
        replica.contacts.get(one.id)
    assert replica._device.pending_count() >= 200
    replica.accept(encode(world.company.order_wipe(world.device(replica))))
    replica.sync()
    (bodies,) = world.device(replica).handed_in.values()
    assert {decode(one, Operation).collection for one in bodies} == {"opening"}
    assert len(bodies) >= 200


def test_what_was_opened_before_the_order_came_is_handed_in(world: World) -> None:
    """A sync begins by putting the counts into the outbox: the order that it brings finds them there."""
    replica, (first, *_) = staffed(world)
    replica.contacts.get(first.id)
    world.company.cut_off(world.rep)
    assert replica.sync().handed_in == 1


def test_closing_keeps_the_counts_and_opening_goes_on(world: World) -> None:
    """In the outbox, once."""
    replica, (first, *_) = staffed(world)
    for _ in range(3):
        replica.contacts.get(first.id)
        replica.close()
        replica = world.opened()
    replica.sync()
    assert totals(world) == {first.id: (3, 0)}


def test_counting_killed_anywhere_counts_what_was_shown(world: World, killer: Killer) -> None:
    """An opening is counted before its details are shown, and told once."""
    replica, contacts = staffed(world)
    replica.close()

    def check(replica: Replica, is_done: bool) -> None:
        settle(world, replica)
        found = totals(world)
        assert all(times == (1, 0) for times in found.values())
        assert set(found) <= {one.id for one in contacts}
        assert not is_done or len(found) == 3

    kill_everywhere(world, killer, "open", check, least=6)


def test_telling_killed_anywhere_tells_once(world: World, killer: Killer) -> None:
    """Between the two files nothing is lost and nothing doubled."""
    replica, (first, second, _) = staffed(world)
    replica.contacts.get(first.id)
    replica.contacts.get(first.id)
    replica.contacts.private(second.id)
    replica.contacts.get(second.id)
    with replica._device.lock:
        replica._device.close()

    def check(replica: Replica, _is_done: bool) -> None:
        settle(world, replica)
        assert totals(world) == {first.id: (2, 0), second.id: (1, 0)}
        assert len(told(world)) == 2
        assert len(list(replica._device.outbox.since(0))) == 2
        assert world.company.master.dead == []

    kill_everywhere(world, killer, "sync", check, least=20)


def test_closing_twice_is_no_error(world: World) -> None:
    """Also with something counted."""
    replica, (first, *_) = staffed(world)
    replica.contacts.get(first.id)
    replica.close()
    replica.close()


class _Between(Disk):
    """A disk on which something happens before the outbox is next written."""

    def __init__(self) -> None:
        super().__init__()
        self.happens: Callable[[], object] | None = None

    def plain(self, path: Path) -> Database:
        """Open a plain file."""
        return open_plain(path, self._look if path.name == "outbox.db" else lambda _: None)

    def _look(self, what: str) -> None:
        if what == "BEGIN IMMEDIATE" and self.happens is not None:
            happens, self.happens = self.happens, None
            happens()


def test_two_processes_tell_an_opening_once(world: World) -> None:
    """Both find it fixed and not told: whoever comes second sees that it is in the outbox."""
    replica, (first, *_) = staffed(world)
    replica.close()
    disk = _Between()
    one, other = world.opened(disk=disk), world.opened()
    one.contacts.get(first.id)
    assert other.contacts.of(first.outlet)
    disk.happens = other.close
    one.close()
    with world.opened() as again:
        assert again._device.pending_count() == 1
        again.sync()
    assert totals(world) == {first.id: (1, 0)}

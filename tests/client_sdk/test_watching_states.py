"""What comes without a call of the app's is told as well: locks, wipes, notices, days, other processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from client_sdk.errors import NoticeUnread, ReplicaLocked, ReplicaWiped
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import World
from client_sdk.watching import Watches
from sync import scopes
from sync.machine import State
from sync.records import Notice, Outlet
from tests.client_sdk.killing import Killer
from tests.client_sdk.test_worker import eventually
from tests.client_sdk.watched import Heard, names
from tests.forking import DONE, KILLED


@pytest.fixture
def replica(world: World) -> Iterator[Replica]:
    """A phone with one outlet, closed in the end."""
    world.outlet()
    with world.phone() as replica:
        yield replica


def test_a_lock_is_heard_when_time_alone_brings_it_and_the_answer_again_after(world: World, replica: Replica) -> None:
    """Nobody calls anything: the watch knows when the lease ends. When it opens again the same list is told again."""
    heard = Heard()
    ends = replica.status().lease_ends
    assert ends is not None
    with replica.watch(lambda: names(replica), heard, failed=heard):
        listed = heard.next()
        world.time.now = ends - 1
        replica.drafts.save("form", {})
        world.time.now = ends
        assert isinstance(heard.next(), ReplicaLocked)
        assert replica._device.keys.state is State.LOCKED
        assert replica.sync().ended == "done"
        assert heard.next() == listed
    assert heard.nothing()


def test_a_wipe_is_heard_once(world: World, replica: Replica) -> None:
    """The list fails once, however much is handed in after it; the status goes on to be told, to the end."""
    heard, states = Heard(), Heard()
    with (
        replica.watch(lambda: names(replica), heard, failed=heard),
        replica.watch(lambda: replica.status().state, states),
    ):
        assert (heard.next(), states.next()) == (["老张烟酒"], State.OPEN)
        world.company.cut_off(world.rep)
        replica.sync()
        assert isinstance(heard.next(), ReplicaWiped)
        states.until(State.WIPED)
    assert heard.nothing()


def test_a_notice_is_heard_with_what_to_read(world: World, replica: Replica) -> None:
    """It holds the list, and the list is told again when it was acknowledged."""
    heard = Heard()
    with replica.watch(lambda: names(replica), heard, failed=heard):
        listed = heard.next()
        notice = Notice(world.company.new_id(), "须知", "请阅读", must_acknowledge=True)
        world.company.master.put(notice, scopes.COMPANY)
        replica.sync()
        error = heard.next()
        assert isinstance(error, NoticeUnread)
        assert [one.id for one in error.notices] == [notice.id]
        replica.notices.acknowledge(notice.id)
        assert heard.next() == listed


def test_a_day_that_begins_is_told(world: World, replica: Replica) -> None:
    """The list of the day is another one after midnight, though nothing was committed."""
    heard = Heard()
    watches = Watches(replica._device, look_s=0.02)
    with watches.add(lambda: replica.today().day, heard):
        before = heard.next()
        for _ in range(2):
            world.time.now += DAY // 2
            replica.sync()
        heard.until(replica.today().day)
    assert before < replica.today().day
    watches.stop()


@pytest.mark.parametrize("look_s", [60.0, 0.02])
def test_another_process_is_seen(world: World, replica: Replica, killer: Killer, look_s: float) -> None:
    """At the next commit of this one, and at the next look where this one does nothing."""
    heard, watches = Heard(), Watches(replica._device, look_s)
    with watches.add(lambda: sorted(one.name for one in replica.drafts.list()), heard):
        assert heard.next() == []
        assert killer.run(world, "phone", "draft") == DONE
        if look_s > 1:
            replica.drafts.save("own", {})
            heard.until(["form", "own"])
        else:
            assert heard.next() == ["form"]
    watches.stop()


def test_a_process_that_is_killed_leaves_nothing_untold(world: World, replica: Replica, killer: Killer) -> None:
    """Wherever another process ends while it logs a visit: what is told last is what is there."""
    outlet, heard = replica.all(Outlet)[0], list[int]()
    watches = Watches(replica._device, look_s=0.02)
    with watches.add(lambda: len(replica.visits.of(outlet.id)), heard.append):
        eventually(lambda: heard)
        for stop in (3, 5, 7, 9):
            assert killer.run(world, "phone", "log", stop) in {KILLED, DONE}
            eventually(lambda: heard[-1] == len(replica.visits.of(outlet.id)))
        assert killer.run(world, "phone", "log") == DONE
        eventually(lambda: heard[-1] == len(replica.visits.of(outlet.id)))
    assert heard[-1] > 0
    watches.stop()


def test_an_age_in_words_grows(world: World, replica: Replica) -> None:
    """A status says how long ago something was: it does not stand still because nobody commits."""
    ends = replica.status().lease_ends
    assert ends is not None
    world.time.now = ends
    replica.status()
    heard, watches = Heard(), Watches(replica._device, look_s=0.02)
    with watches.add(lambda: replica.status().en, heard):
        assert "(just now)" in heard.next()
        world.time.now += 5 * 60_000
        assert "(5 minutes ago)" in heard.next()
    watches.stop()

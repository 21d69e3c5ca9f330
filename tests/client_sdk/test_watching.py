"""Watching: what a screen shows stays true; nothing is told twice, and the last state always is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from time import monotonic

import pytest

from client_sdk.errors import ReplicaClosed, WrongThread
from client_sdk.replica import Replica
from client_sdk.testing.world import World
from sync.machine import State
from sync.records import Outlet
from tests.client_sdk.test_worker import PATIENCE_S, eventually
from tests.client_sdk.watched import Counted, Heard, names


@pytest.fixture
def replica(world: World) -> Iterator[Replica]:
    """A phone with one outlet, closed in the end."""
    world.outlet()
    with world.phone() as replica:
        yield replica


@pytest.fixture
def hooked(monkeypatch: pytest.MonkeyPatch) -> SimpleQueue[BaseException]:
    """What reaches the hook for errors of threads."""
    found: SimpleQueue[BaseException] = SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", lambda told: found.put(told.exc_value))
    return found


def test_a_list_stays_true(world: World, replica: Replica) -> None:
    """What the app enters on any thread, what a sync brings and what becomes of work is told, each time once."""
    outlet, heard = replica.all(Outlet)[0], Heard()
    with (
        replica.watch(lambda: names(replica), heard),
        replica.watch(lambda: replica.status().pending, (work := Heard())),
    ):
        assert (heard.next(), work.next()) == (["老张烟酒"], 0)
        thread = threading.Thread(target=lambda: replica.outlets.update(outlet.id, name="新张烟酒"))
        thread.start()
        thread.join()
        assert (heard.next(), work.next()) == (["新张烟酒"], 1)
        world.outlet("陈记")
        replica.sync()
        assert (heard.next(), work.next()) == (["新张烟酒", "陈记"], 0)
    assert heard.nothing()
    assert work.nothing()


def test_an_answer_that_is_the_same_is_not_told_again(replica: Replica) -> None:
    """The query is run again after the commit, and its answer compared by value."""
    query, heard = Counted(replica.outlets.list), Heard()
    with replica.watch(query, heard):
        heard.next()
        before = query.times
        replica.drafts.save("form", {"notes": "half"})
        eventually(lambda: query.times > before)
    assert heard.nothing()


def test_a_list_that_the_application_changes_is_compared_as_it_was_told(replica: Replica) -> None:
    """Whoever sorts or empties what was told does not make the next answer another one."""
    query, heard = Counted(lambda: names(replica)), Heard()
    with replica.watch(query, heard):
        heard.next().clear()
        before = query.times
        replica.drafts.save("form", {})
        eventually(lambda: query.times > before)
    assert heard.nothing()


def test_many_commits_are_one_run_and_the_last_is_told(replica: Replica) -> None:
    """While somebody is told, thirty commits come: none waits, and one run tells what is then the case."""
    is_told, may_go_on, answers = threading.Event(), threading.Event(), list[int]()

    def told(answer: int) -> None:
        answers.append(answer)
        is_told.set()
        may_go_on.wait(PATIENCE_S)

    query = Counted(lambda: len(replica.drafts.list()))
    with replica.watch(query, told):
        assert is_told.wait(PATIENCE_S)
        for number in range(30):
            replica.drafts.save(f"form {number}", {})
        assert answers == [0]
        may_go_on.set()
        eventually(lambda: answers[-1] == 30)
    assert answers == [0, 30]
    assert query.times <= 3


def test_a_query_that_takes_long_leaves_the_phone_half_of_its_time(world: World, replica: Replica) -> None:
    """Each run takes a second of the phone's clock, so commits that come all the time are a run in a second, and the
    last of them is told all the same.
    """
    heard = list[int]()

    def slow() -> int:
        world.time.now += 1_000
        return len(replica.drafts.list())

    query, began = Counted(slow), monotonic()
    with replica.watch(query, heard.append):
        for number in range(60):
            replica.drafts.save(f"form {number}", {})
        eventually(lambda: heard and heard[-1] == 60)
    assert query.times <= 3 + (monotonic() - began)


def test_no_last_state_is_lost(replica: Replica) -> None:
    """Four threads commit as fast as they can: what is told last is what is there in the end."""
    heard = list[int]()
    with replica.watch(lambda: len(replica.drafts.list()), heard.append):
        threads = [
            threading.Thread(target=lambda who=who: [replica.drafts.save(f"{who} {n}", {}) for n in range(25)])
            for who in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        eventually(lambda: heard and heard[-1] == 100)
    assert heard == sorted(set(heard))


def test_stop_from_within(replica: Replica) -> None:
    """A watch that is stopped by what it told hears nothing more; the others go on."""
    first, other = list[int](), Heard()

    def told(answer: int) -> None:
        first.append(answer)
        watch.stop()

    watch = replica.watch(lambda: len(replica.drafts.list()), told)
    with replica.watch(lambda: len(replica.drafts.list()), other):
        assert other.next() == 0
        eventually(lambda: first)
        for number in (1, 2):
            replica.drafts.save(f"form {number}", {})
            assert other.next() == number
    assert first == [0]
    watch.stop()


def test_the_thread_ends_with_the_last_watch_and_begins_again(replica: Replica) -> None:
    """No thread is left where nobody watches, and a later watch is told as the first was."""
    for _ in range(3):
        heard = Heard()
        with replica.watch(lambda: replica.status().state, heard):
            assert heard.next() is State.OPEN
            assert "saojie-watch" in _threads()
        eventually(lambda: "saojie-watch" not in _threads())


def _threads() -> set[str]:
    return {one.name for one in threading.enumerate()}


def test_what_is_told_may_fail(replica: Replica, hooked: SimpleQueue[BaseException]) -> None:
    """Its error goes where a thread's goes; that watch and all others go on."""
    heard, answers = Heard(), list[int]()

    def told(answer: int) -> None:
        answers.append(answer)
        raise ValueError(answer)

    query = lambda: len(replica.drafts.list())  # noqa: E731  # watched twice
    with replica.watch(query, told), replica.watch(query, heard):
        assert heard.next() == 0
        replica.drafts.save("form", {})
        assert heard.next() == 1
    assert answers == [0, 1]
    assert [str(hooked.get(timeout=PATIENCE_S)) for _ in answers] == ["0", "1"]


def test_a_query_may_fail(replica: Replica, hooked: SimpleQueue[BaseException]) -> None:
    """What is none of the SDK's errors is a fault of the application's, and ends nothing."""
    heard = Heard()
    with replica.watch(lambda: 1 // len(replica.drafts.list()), heard):
        assert isinstance(hooked.get(timeout=PATIENCE_S), ZeroDivisionError)
        replica.drafts.save("form", {})
        assert heard.next() == 1


def test_a_loop_of_the_application_calls_what_is_told(replica: Replica) -> None:
    """The thread is the loop's; a loop that is behind hears the newest only, and none after a stop."""
    loop: SimpleQueue[Callable[[], None]] = SimpleQueue()
    heard, told_on = list[int](), set[int]()

    def told(answer: int) -> None:
        heard.append(answer)
        told_on.add(threading.get_ident())

    query = Counted(lambda: len(replica.drafts.list()))
    watch = replica.watch(query, told, through=loop.put)
    loop.get(timeout=PATIENCE_S)()
    for number in range(3):
        before = query.times
        replica.drafts.save(f"form {number}", {})
        eventually(lambda before=before: query.times > before)  # type: ignore[misc]  # each its own count
    loop.get(timeout=PATIENCE_S)()
    assert heard == [0, 3]
    assert told_on == {threading.get_ident()}
    replica.drafts.save("form 4", {})
    late = loop.get(timeout=PATIENCE_S)
    watch.stop()
    late()
    assert heard == [0, 3]


def test_a_loop_that_takes_nothing_gets_the_answer_with_the_next_change(
    replica: Replica, hooked: SimpleQueue[BaseException]
) -> None:
    """A loop that was not begun yet loses nothing."""
    is_running, heard = threading.Event(), Heard()

    def through(call: Callable[[], None]) -> None:
        if not is_running.is_set():
            raise RuntimeError("no loop")
        call()

    with replica.watch(lambda: names(replica), heard, through=through):
        assert isinstance(hooked.get(timeout=PATIENCE_S), RuntimeError)
        is_running.set()
        replica.drafts.save("form", {})
        assert heard.next() == ["老张烟酒"]


def test_a_query_opens_nothing_and_records_nothing(world: World, replica: Replica) -> None:
    """It is run again and again: what it would count or add would never come to an end."""
    outlet = replica.all(Outlet)[0]
    contact = world.contact(outlet)
    replica.sync()
    queries: list[Callable[[], object]] = [
        lambda: replica.contacts.get(contact.id),
        lambda: replica.visits.log(outlet.id),
        replica.sync,
        replica.close,
    ]
    for query in queries:
        heard = Heard()
        with replica.watch(query, heard, failed=heard):
            error = heard.next()
            assert isinstance(error, WrongThread)
            assert error.code == "query_thread"
    assert replica.status().pending == 0
    with replica._device.serving() as opened:
        assert opened.openings.waiting() == 0


def test_closing_ends_every_watch(world: World) -> None:
    """The thread is gone, nothing is told of it, and no other watch begins."""
    heard: list[object] = []
    replica = world.phone()
    replica.watch(lambda: replica.status().state, heard.append, failed=heard.append)
    eventually(lambda: heard)
    replica.close()
    assert "saojie-watch" not in _threads()
    assert heard == [State.OPEN]
    with pytest.raises(ReplicaClosed):
        replica.watch(replica.status, print)

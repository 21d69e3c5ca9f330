"""Calls from any thread take turns, and those that would hold up a screen, or wait for themselves, are refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

import pytest

from client_sdk.errors import ReplicaClosed, WrongThread
from client_sdk.exchange.report import SyncReport
from client_sdk.ports import Reply, Request
from client_sdk.replica import Replica
from client_sdk.testing.world import HERE, URL, World
from sync.records import Outlet, Visit
from tests.client_sdk.acts import picture
from tests.client_sdk.test_worker import PATIENCE_S
from tests.forking import DONE, Forker

T = TypeVar("T")
TIMES = 15


def test_threads_work_while_the_worker_syncs(world: World) -> None:
    """Four threads log, look, draft and ask for the status; every visit arrives once."""
    outlet = world.outlet()
    replica = world.phone()
    failed: list[BaseException] = []

    def repeated(act: Callable[[int], object]) -> threading.Thread:
        def run() -> None:
            try:
                for number in range(TIMES):
                    act(number)
            except BaseException as error:  # noqa: BLE001  # whatever a thread raises fails the test
                failed.append(error)

        return threading.Thread(target=run)

    threads = [
        repeated(lambda number: replica.visits.log(outlet.id, notes=f"first {number}")),
        repeated(lambda number: replica.visits.log(outlet.id, notes=f"second {number}")),
        repeated(lambda _: (replica.outlets.near(HERE), replica.outlets.search("烟"), replica.today())),
        repeated(
            lambda number: (replica.drafts.save("form", {"number": number}), replica.status(), replica.all(Outlet))
        ),
    ]
    with replica.live():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    assert replica.sync().ended == "done"
    notes = sorted(one.notes for one in world.in_master(Visit))
    assert notes == sorted(f"{who} {number}" for who in ("first", "second") for number in range(TIMES))


def test_the_thread_that_draws_waits_for_no_network(world: World) -> None:
    """Whatever asks the server is refused there before anything is sent; what is on the phone is answered."""
    outlet = world.outlet()
    path = world.directory / "phone"
    here = threading.get_ident()
    code = world.company.code_for(world.rep, confirm=False)
    with pytest.raises(WrongThread):
        Replica.enrol(URL, code=code, directory=path, screen=here, **world.ports(path))
    world.phone().close()
    replica = Replica.open(path, screen=here, **world.ports(path))
    photo = replica.photos.attach(outlet.id, picture())
    asked = len(world.server.bodies)
    calls: list[Callable[[], object]] = [
        replica.sync,
        replica.photos.upload,
        replica.waking.key,
        lambda: replica.waking.at("https://push.example/1"),
        replica.waking.never,
    ]
    for call in calls:
        with pytest.raises(WrongThread) as refused:
            call()
        assert refused.value.code == "screen_thread"
    assert len(world.server.bodies) == asked
    assert replica.photos.load(photo.id)
    assert _elsewhere(replica.sync).ended == "done"
    assert _elsewhere(replica.photos.upload).sent == 1
    (replica._device.places.photos / photo.id.hex).unlink()
    with pytest.raises(WrongThread):
        replica.photos.load(photo.id)
    assert _elsewhere(lambda: replica.photos.load(photo.id))
    replica.close()


def _elsewhere(call: Callable[[], T]) -> T:
    """What a call comes to on a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def test_what_is_told_waits_for_nothing_of_the_sdk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """From within a watch and `live` whatever would wait for itself raises, and both go on."""
    outlet = world.outlet()
    replica = world.phone()
    failed = SimpleQueue[BaseException]()
    monkeypatch.setattr(threading, "excepthook", lambda told: failed.put(told.exc_value))
    for call in (replica.sync, replica.close, replica.photos.upload):
        with replica.watch(replica.status, lambda _, call=call: call()):  # type: ignore[misc]  # each its own call
            error = failed.get(timeout=PATIENCE_S)
        assert isinstance(error, WrongThread)
        assert error.code == "own_thread"

    def end() -> None:
        worker.stop()

    acts = [end, replica.close, replica.sync]  # the last first

    def told(_report: SyncReport) -> None:
        acts.pop()()

    with replica.live(told) as worker:
        for left in (2, 1, 0):
            assert isinstance(failed.get(timeout=PATIENCE_S), WrongThread)
            assert len(acts) == left
            if left:
                replica.visits.log(outlet.id)
    assert replica.status().pending == 0


def test_nothing_is_answered_after_a_close(world: World) -> None:
    """Every call says so, a second close does nothing, and no file is touched."""
    outlet = world.outlet()
    replica = world.phone()
    photo = replica.photos.attach(outlet.id, picture())
    held = replica.live()
    replica.close()
    before = _files(world)
    calls: list[Callable[[], object]] = [
        replica.status,
        replica.sync,
        replica.today,
        replica.outlets.list,
        replica.counts,
        replica.notices.list,
        lambda: replica.about(outlet.id),
        lambda: replica.visits.log(outlet.id),
        lambda: replica.drafts.save("form", {}),
        lambda: replica.letterbox.visit(outlet.id),
        lambda: replica.photos.load(photo.id),
        replica.photos.upload,
        replica.waking.key,
    ]
    for call in calls:
        with pytest.raises(ReplicaClosed) as refused:
            call()
        assert refused.value.code == "replica_closed"
    with held as worker:
        pass
    assert worker.last is None
    replica.close()
    assert _files(world) == before


def test_a_close_in_the_middle_of_a_sync_ends_it(world: World) -> None:
    """A worker whose replica is closed under it ends when it is stopped, quietly."""
    world.outlet()
    replica, asked, closed = world.enrolled(), threading.Event(), threading.Event()

    def close_meanwhile(_request: Request, reply: Reply) -> Reply:
        asked.set()
        assert closed.wait(PATIENCE_S)
        return reply

    world.server.fault = close_meanwhile
    with replica.live() as worker:
        assert asked.wait(PATIENCE_S)
        replica.close()
        closed.set()
    assert worker.last is None
    with world.opened() as again:
        assert again.sync().ended == "done"


def _files(world: World) -> dict[str, bytes]:
    folder = world.directory / "phone"
    return {str(one): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


def test_a_process_that_was_forked_is_refused(world: World) -> None:
    """The copy of a process raises at every call and touches no file, whatever it does; its parent goes on."""
    world.outlet()
    world.phone().close()
    with Forker("tests.client_sdk.forks") as forker:
        assert forker.run(str(world.directory / "phone")) == DONE

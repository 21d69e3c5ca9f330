"""Calls from any thread take turns: nothing is lost, nothing raises, whatever runs beside."""

from __future__ import annotations

import threading
from collections.abc import Callable

from client_sdk.testing.world import HERE, World
from sync.records import Outlet, Visit

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

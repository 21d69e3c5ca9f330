"""The next page is on its way while the one before is taken in: what that changes, and what it must not change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from client_sdk.errors import StorageFull
from client_sdk.local.intake import Intake
from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from client_sdk.storage.driver import Damaged
from client_sdk.testing.world import World
from client_sdk.transport import HttpTransport
from sync import scopes
from sync.machine import State
from sync.messages import Page
from sync.records import Outlet
from tests.client_sdk.test_exchange import is_equal

SHOPS = 12


@pytest.fixture
def filling(world: World) -> Iterator[Replica]:
    """A phone before its first sync, which takes several pages."""
    for number in range(SHOPS):
        world.outlet(f"店{number}号")
    world.server.settings.page = 400
    with world.enrolled() as replica:
        yield replica


@pytest.fixture
def came(world: World, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests had been answered when each page was taken in."""
    found: list[int] = []
    take = Intake.page

    def noted(intake: Intake, page: Page) -> None:
        found.append(len(world.server.asked))
        take(intake, page)

    monkeypatch.setattr(Intake, "page", noted)
    return found


def test_a_page_comes_while_the_one_before_is_taken_in(world: World, filling: Replica, came: list[int]) -> None:
    """From the second on: the first answer brings the lease, and is seen to first."""
    report = filling.sync()
    assert (report.ended, report.verified) == ("done", True)
    assert len(filling.all(Outlet)) == SHOPS
    assert is_equal(world, filling)
    assert len(came) == report.rounds > 3
    assert came == [1, *range(3, report.rounds + 1), report.rounds]


def test_the_storage_is_waited_for_where_something_else_depends_on_it(world: World, filling: Replica) -> None:
    """The first page comes with the lease, the last with the checkpoint; whatever the power takes away of the pages
    between is asked for again.
    """
    filling.close()
    steps: list[str] = []
    report = world.opened(disk=Disk(steps.append)).sync()
    waits, last = [], ""
    for step in steps:
        if step.startswith("PRAGMA synchronous="):
            last = step.removeprefix("PRAGMA synchronous=")
        elif step.startswith(("INSERT INTO row(", "DELETE FROM pending")):
            waits.append(last)
    assert report.verified
    assert waits == ["FULL", *["NORMAL"] * (report.rounds - 2), "FULL"], "pages with rows, and the checkpoint"


def test_each_is_asked_from_where_the_one_before_ends(world: World, filling: Replica) -> None:
    """Nothing is sent twice, and nothing is passed over."""
    report = filling.sync()
    name = scopes.territory(world.west)
    versions = [one.cursors[name].version for one in world.server.asked if name in one.cursors]
    assert versions == sorted(set(versions))
    assert report.received == SHOPS


def test_work_that_comes_up_meanwhile_goes_with_the_next_request(world: World, filling: Replica) -> None:
    """What is pending is asked about each time: it waits for one page, not for all."""
    logged: list[int] = []

    def logging(_request: Request, reply: Reply) -> Reply:
        if len(world.server.asked) == 4:
            filling.outlets.register(name="新店", territory=world.west, confirmed=True)
            logged.append(len(world.server.asked))
        return reply

    world.server.fault = logging
    report = filling.sync()
    assert (report.ended, report.sent, logged) == ("done", 1, [4])
    assert next(at for at, one in enumerate(world.server.asked, 1) if one.operations) <= 6


def test_an_order_in_a_page_that_came_ahead_is_obeyed(world: World, filling: Replica) -> None:
    """It is heard as soon as the page before is stored, and no row that came with it is taken."""

    def departing(_request: Request, reply: Reply) -> Reply:
        if len(world.server.asked) == 3:
            world.company.order_wipe(world.device(filling))
        return reply

    world.server.fault = departing
    assert filling.sync().ended == "wiped"
    assert filling.status().state is State.WIPED


def test_a_page_is_not_taken_where_the_one_before_was_not(
    world: World, filling: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone without room: what came ahead is let pass, and asked for again when there is some."""
    take, left = Intake.finish, 3

    def without_room(intake: Intake) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise StorageFull("replica.db")
        take(intake)

    monkeypatch.setattr(Intake, "finish", without_room)
    assert filling.sync().ended == StorageFull.code
    received, left = filling.status().received, 1 << 30
    assert 0 < received < SHOPS
    assert filling.sync().verified
    assert is_equal(world, filling)


def test_a_replica_that_is_begun_again_takes_nothing_that_was_asked_for_the_old_one(
    world: World, filling: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first page follows on nothing, and no checkpoint of the old one counts."""
    take, left = Intake.finish, 5

    def damaged(intake: Intake) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Damaged("spoilt")
        take(intake)

    monkeypatch.setattr(Intake, "finish", damaged)
    report = filling.sync()
    assert (report.ended, report.verified) == ("done", True)
    assert is_equal(world, filling)
    assert not any(one.sums for one in world.server.asked)


class _Held(HttpTransport):
    """The real transport with its network replaced: a request waits until it is let go."""

    def __init__(self, answer: Callable[[], Reply]) -> None:
        super().__init__("http://127.0.0.1:9")
        self.may_go = threading.Event()
        self._answered = answer

    def send(self, request: Request) -> Reply:
        """Wait, then answer."""
        del request
        self.may_go.wait()
        return self._answered()


def _gone() -> Reply:
    raise Unreachable("gone")


def test_the_real_transport_lets_an_answer_come_meanwhile() -> None:
    """Whoever began goes on at once; what came of it is told when it is asked for."""
    there, gone = _Held(lambda: Reply(200, {}, b"body")), _Held(_gone)
    waits = [one.begin(Request("GET", "/")) for one in (there, gone)]
    there.may_go.set()
    gone.may_go.set()
    assert waits[0]().body == b"body"
    with pytest.raises(Unreachable):
        waits[1]()

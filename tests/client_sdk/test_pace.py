"""How large a page a phone asks for: large ones while answers come quickly, the smallest as soon as they do not."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from client_sdk.exchange.pace import MOST, Pace
from client_sdk.exchange.request import PAGE_BYTES
from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.replica import Replica
from client_sdk.testing.world import World
from tests.client_sdk.test_exchange import is_equal

LONG = 100_000


@pytest.fixture
def filling(world: World) -> Iterator[Replica]:
    """A phone before its first sync, whose answers are long enough to show how quick the network is."""
    random = Random(5)
    for number in range(300):
        world.outlet(f"店{number}号", notes="".join(chr(random.randrange(0x4E00, 0x9FA5)) for _ in range(1500)))
    world.server.settings.page = 200_000
    with world.enrolled() as replica:
        yield replica


def asked(world: World) -> list[int]:
    """How many times the smallest page each request asked for."""
    return [one.limit // PAGE_BYTES for one in world.server.asked]


def test_it_grows_while_long_answers_come_quickly() -> None:
    """Up to a bound; what is short, or neither quick nor slow, leaves it as it is."""
    pace = Pace()
    found = []
    for size, ms in ((LONG, 100), (100, 1), (LONG, 2_000), (LONG, 100), (LONG, 100)):
        pace.came(size, ms)
        found.append(pace.times)
    assert found == [2, 2, 2, MOST, MOST]


@pytest.mark.parametrize("size", [100, LONG])
def test_it_is_small_again_once_an_answer_was_slow(size: int) -> None:
    """However short it was."""
    pace = Pace()
    pace.came(LONG, 1)
    pace.came(size, 5_000)
    assert pace.times == 1


def test_a_first_sync_over_a_quick_network_asks_for_larger_pages(world: World, filling: Replica) -> None:
    """From what the answer before showed; the next request is made before a page is taken in."""
    report = filling.sync()
    assert report.verified
    assert asked(world)[:4] == [1, 2, MOST, MOST]
    assert is_equal(world, filling)


def test_over_a_slow_network_pages_stay_small(world: World, filling: Replica) -> None:
    """Each answer takes five seconds."""

    def slow(_request: Request, reply: Reply) -> Reply:
        world.time.now += 5_000
        return reply

    world.server.fault = slow
    assert filling.sync().verified
    assert set(asked(world)) == {1}


def test_after_a_break_pages_are_small(world: World, filling: Replica) -> None:
    """The next sync begins with the smallest."""

    def breaking(_request: Request, reply: Reply) -> Reply:
        if len(world.server.asked) == 4:
            raise Unreachable("gone")
        return reply

    world.server.fault = breaking
    assert filling.sync().ended == "cut_off"
    before = len(world.server.asked)
    world.server.fault = None
    assert filling.sync().verified
    assert asked(world)[before] == 1

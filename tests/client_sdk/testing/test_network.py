"""What a test does to the network in the middle, and how it ends."""

from __future__ import annotations

import pytest

from client_sdk.ports import Request, Unreachable
from client_sdk.testing import World
from sync.records import Outlet, Visit


def test_so_many_requests_fail_and_the_next_does_not(world: World) -> None:
    """And the server did none of their work."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id)
    world.server.fail(times=2)
    assert [replica.sync().ended for _ in range(2)] == ["unavailable", "unavailable"]
    assert world.in_master(Visit) == []
    assert replica.sync().sent == 1


def test_requests_fail_with_the_code_that_was_asked_for_until_it_is_mended(world: World) -> None:
    """A stream is refused as well."""
    replica = world.phone()
    world.server.fail(code="busy")
    assert [replica.sync().ended for _ in range(5)] == ["busy"] * 5
    with world.server.listen(Request("GET", "/live")) as (status, _):
        assert status == 429
    world.server.mend()
    assert replica.sync().ended == "done"


def test_a_cut_ends_the_streams_and_lets_nothing_begin(world: World) -> None:
    """Whoever reads a stream reads to its end."""
    world.phone()
    with world.server.listen(Request("GET", "/live")) as (_, lines):
        assert world.server.listeners == 1
        world.server.cut()
        assert list(lines) == [":"]
    assert world.server.listeners == 0
    with pytest.raises(Unreachable), world.server.listen(Request("GET", "/live")):
        pass


def test_a_slow_answer_takes_the_worlds_time(world: World) -> None:
    """As much as its bytes need; a link that never breaks brings everything."""
    for number in range(30):
        world.outlet(f"店{number}")
    replica = world.enrolled()
    began = world.time.now
    world.server.slow(bytes_per_second=10, breaks_every=0)
    assert replica.sync().ended == "done"
    assert world.time.now - began > 10_000
    assert len(replica.all(Outlet)) == 30


@pytest.mark.parametrize(("speed", "every"), [(0, 3), (20, 1), (20, -2)])
def test_a_link_that_brings_nothing_is_not_slow(world: World, speed: int, every: int) -> None:
    """It is cut, and has a word of its own."""
    with pytest.raises(ValueError, match="cut"):
        world.server.slow(speed, every)


@pytest.mark.parametrize(("times", "code"), [(0, "unavailable"), (None, "no_such_code")])
def test_what_cannot_fail_so_is_told_at_once(world: World, times: int | None, code: str) -> None:
    """Not at the request, where nobody looks for it."""
    with pytest.raises(ValueError, match="a code of"):
        world.server.fail(times, code)


def test_the_same_seed_gives_the_same_world(world: World) -> None:
    """Ids, codes and keys."""
    other = World(world.directory / "other")
    assert (other.company.id, other.rep.id, other.west) == (world.company.id, world.rep.id, world.west)
    assert other.company.code_for(other.rep) == world.company.code_for(world.rep)
    assert World(world.directory / "third", seed=2).company.id != world.company.id

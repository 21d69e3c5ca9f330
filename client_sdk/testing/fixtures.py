"""The pytest plugin: a world, a phone, and each bad day as one fixture.

The conftest.py of an app names it:

    pytest_plugins = ["client_sdk.testing.fixtures"]

A fixture of a bad day gives the day as it stands when the rep looks at the screen; its class in `client_sdk.testing`
says what the app should show. All of them share the test's `world` and `replica`, so a test asks for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from client_sdk.replica import Replica
from client_sdk.testing import bad_days
from client_sdk.testing.district import District, furnish
from client_sdk.testing.world import World

__all__ = [
    "conflict",
    "district",
    "forked",
    "locked",
    "no_network",
    "refused",
    "replica",
    "restored",
    "slow_link",
    "unavailable",
    "wiped",
    "world",
    "wrong_clock",
]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A company with one rep and an empty territory, its server, and time that stands still."""
    with World(tmp_path) as world:
        yield world


@pytest.fixture
def district(world: World) -> District:
    """Twelve outlets with their people and stock, three products with prices, two tasks."""
    return furnish(world)


@pytest.fixture
def replica(world: World, district: District) -> Replica:  # noqa: ARG001  # what the first sync brings
    """A rep's phone after its first sync, with the district on it."""
    return world.phone()


@pytest.fixture
def locked(world: World, replica: Replica) -> bad_days.Locked:
    """Two days without a network: the lease is over, and nothing opens until `locked.unlock()`."""
    return bad_days.Locked(world, replica)


@pytest.fixture
def refused(world: World, replica: Replica) -> bad_days.Refused:
    """The company refused a visit: `refused.refusal` says why, `refused.other` is an outlet to mend it with."""
    return bad_days.Refused(world, replica)


@pytest.fixture
def conflict(world: World, replica: Replica) -> bad_days.Conflict:
    """A colleague changed the same field later: `conflict.theirs` stands, `conflict.outcome` says so."""
    return bad_days.Conflict(world, replica)


@pytest.fixture
def wiped(world: World, replica: Replica) -> bad_days.Wiped:
    """The rep has left: a signed order destroyed the copy, and what waited was handed in."""
    return bad_days.Wiped(world, replica)


@pytest.fixture
def unavailable(world: World, replica: Replica) -> bad_days.Unavailable:
    """The server answers 503 until `unavailable.mend()`."""
    return bad_days.Unavailable(world, replica)


@pytest.fixture
def slow_link(world: World, replica: Replica) -> bad_days.SlowLink:
    """Answers take minutes and break off, until `slow_link.mend()`; a part of fifty new outlets has arrived."""
    return bad_days.SlowLink(world, replica)


@pytest.fixture
def no_network(world: World, replica: Replica) -> bad_days.NoNetwork:
    """Nothing reaches the server until `no_network.mend()`; one visit waits."""
    return bad_days.NoNetwork(world, replica)


@pytest.fixture
def wrong_clock(world: World, replica: Replica) -> bad_days.WrongClock:
    """The phone's date is two years ahead; `wrong_clock.restart()` switches the phone off and on."""
    return bad_days.WrongClock(world, replica)


@pytest.fixture
def restored(world: World, replica: Replica) -> bad_days.Restored:
    """The server was put back to an earlier copy, and the phone has met it."""
    return bad_days.Restored(world, replica)


@pytest.fixture
def forked(world: World, replica: Replica) -> bad_days.Forked:
    """The phone's directory was put back from an earlier copy, and the phone has synced since."""
    return bad_days.Forked(world, replica)

"""The company in memory and the real server: on each bad day a phone sees the same of both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from client_sdk.testing import World, furnish
from client_sdk.testing.bad_days import DAYS
from tests.client_sdk.testing.looking import after, seen
from tests.client_sdk.testing.real import Founded, RealWorld, found


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """A real company with the district, founded once."""
    return found(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("world"))


@pytest.fixture
def real(tmp_path: Path, founded: Founded) -> Iterator[RealWorld]:
    """A world on a copy of it, with its server running."""
    world = RealWorld(tmp_path / "real", founded)
    world.start()
    yield world
    world.close()


@pytest.mark.parametrize("name", [name for name in DAYS if name != "slow_link"])
def test_a_phone_sees_the_same_of_both(name: str, world: World, real: RealWorld) -> None:
    """How its syncs end, state and reason, what is pending, refused and lost, every outlet and every visit.

    A slow link is none of the server's, and pages of the real one are larger.
    """
    furnish(world)
    made_up, true = DAYS[name](world, world.phone()), DAYS[name](real, real.phone())
    assert seen(made_up) == seen(true)
    assert after(made_up) == after(true)

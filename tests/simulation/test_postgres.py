"""PostgreSQL replays the inputs: scripts of the seeded world over a real server, where statements overlap for real."""

from __future__ import annotations

import pytest

from tests.simulation.play import Ground
from tests.simulation.script import drawn

# Processes that die leave connections open; what finds them later warns of them.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:The garbage collector is trying:sqlalchemy.exc.SAWarning"),
]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_what_holds_on_sqlite_holds_on_postgresql(postgres_ground: Ground, seed: int) -> None:
    """The same steps, from the same draws."""
    assert postgres_ground.play(drawn(seed)).wrong == ()

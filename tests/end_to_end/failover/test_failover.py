"""Ten rounds of the failover lab: each fault once, in an order that is drawn, with phones and a manager at work."""

from __future__ import annotations

import secrets

import pytest

from tests.end_to_end.failover.rounds import Lab
from tests.end_to_end.failover.services import missing

ROUNDS = 10


@pytest.mark.timeout(1200)
def test_nothing_acknowledged_is_lost_or_done_twice_when_the_cluster_fails_over() -> None:
    """Nodes and machines are killed, paused, cut off; each operation of which a phone holds an acknowledgement is in
    the master once, departed devices get nothing, and store and journal are sound. Prints its seed and a line a round.
    """
    if why := missing():
        pytest.skip(f"the failover lab needs services of its own: {why}")
    seed = secrets.randbelow(1 << 31)
    print(f"seed {seed}")  # noqa: T201  # shown where it fails
    with Lab.open(seed) as lab:
        summary = lab.run(ROUNDS, print)
    assert summary.wrong == []
    assert summary.rounds == ROUNDS
    assert summary.acknowledged > 0

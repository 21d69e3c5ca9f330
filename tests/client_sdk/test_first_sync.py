"""A replica that is not filled yet: nothing is judged, counted or taken away by it before its first checkpoint."""

from __future__ import annotations

from client_sdk.replica import Replica
from client_sdk.testing.world import World
from sync.records import Outlet
from tests.client_sdk.killing import Killer
from tests.client_sdk.test_kills import kill_everywhere, settle


def test_a_first_sync_killed_anywhere_judges_nothing(world: World, killer: Killer) -> None:
    """Killed half-filled: not verified, not complete, nothing claimed, nothing repaired, nothing purged; then whole."""
    for number in range(12):
        world.outlet(f"店{number}号")
    world.enrolled().close()
    world.server.settings.page = 700
    half_filled = 0

    def check(replica: Replica, _is_done: bool) -> None:
        nonlocal half_filled
        found, asked = replica.status(), len(world.server.asked)
        held = {one.id for one in replica.all(Outlet)} if found.received else set()
        settle(world, replica)
        assert held <= {one.id for one in replica.all(Outlet)}
        assert len(replica.all(Outlet)) == 12
        if found.complete:
            return
        half_filled += found.received > 0
        assert (found.verified, found.verified_at, found.differing) == (False, None, ())
        assert found.why != "verified"
        first = world.server.asked[asked]
        assert (first.digests, first.sums, first.wants) == ({}, {}, {})

    kill_everywhere(world, killer, "sync", check, least=12, coarse=True)
    assert half_filled > 3

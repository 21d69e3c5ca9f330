"""A fault in the middle of an eviction: whatever part of the answer arrives, in the end every row is gone."""

from __future__ import annotations

import msgspec
import pytest

from client_sdk.ports import Reply, Request
from client_sdk.testing.world import World
from sync import scopes
from sync.records import Outlet
from tests.client_sdk.seeking import decrypted

PLACES = 6


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_an_answer_that_is_cut_in_the_middle_of_evictions_is_made_up_for(world: World, share: float) -> None:
    """Six territories go at once and the answer breaks off: the next sync takes what the first one left."""
    lost = [world.company.new_id() for _ in range(PLACES)]
    world.rep.territories.extend(lost)
    world.outlet("留下的店")
    gone = [world.outlet(f"拿走的店{number}号", territory) for number, territory in enumerate(lost)]
    replica = world.phone()
    assert len(replica.all(Outlet)) == 1 + PLACES
    for outlet in gone:
        replica.visits.log(outlet.id, notes="pending there")
    for territory in lost:
        world.rep.territories.remove(territory)

    def cut(_request: Request, reply: Reply) -> Reply:
        return msgspec.structs.replace(reply, body=reply.body[: int(len(reply.body) * share)], whole=False)

    world.server.fault = cut
    report = replica.sync()
    assert report.ended != "done"
    assert len(report.evicted) in {0, 2 * PLACES}, "all of them or none: one transaction"
    world.server.fault = None
    assert replica.sync().ended == "done"
    assert [one.name for one in replica.all(Outlet)] == ["留下的店"]
    replica._device.replica().file.truncate_log()
    after = decrypted(replica)
    assert [one.name for one in gone if one.name.encode() in after] == []
    assert "留下的店".encode() in after
    assert len(world.company.master.dead) == PLACES
    assert not {scopes.territory(one) for one in lost} & replica.digests().keys()

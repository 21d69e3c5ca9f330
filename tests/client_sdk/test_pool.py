"""The public pool on the phone: what there is to claim, nearest first, and claiming without a network."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest

from client_sdk.errors import NotFound
from client_sdk.replica import Replica
from client_sdk.testing.world import HERE, World
from sync import scopes
from sync.business.pool import teaser_of
from sync.positions import Position
from sync.records import Claim, ClaimState, Outlet, Teaser


def offered(world: World, name: str, metres: float = 0, outlet_class: str = "other") -> Teaser:
    """An outlet of the pool, of which phones have the teaser."""
    position = Position(HERE.lat + metres / 111_195, HERE.lon)
    made = teaser_of(Outlet(world.company.new_id(), name, outlet_class, address=f"{name}路8号", position=position))
    world.company.master.put(made, scopes.teasers(world.rep.pools[0]))
    return made


def phone(world: World) -> Replica:
    """A rep's phone whose territory has a pool."""
    world.rep.pools.append(UUID(int=7 << 64))
    world.company.master.feed(scopes.teasers(world.rep.pools[0]))
    for one in (("远", 3000, "food_stall"), ("近", 200, "other"), ("中", 900, "food_stall")):
        offered(world, *one)
    return world.phone()


def test_teasers_come_nearest_first_and_by_class(world: World) -> None:
    """Without a network, good to a block."""
    replica = phone(world)
    world.server.cut()
    assert [one.teaser.area for one in replica.pool.teasers(near=HERE)] == ["近路", "中路", "远路"]
    assert [one.teaser.area for one in replica.pool.teasers(near=HERE, within=1500)] == ["近路", "中路"]
    stalls = replica.pool.teasers(near=HERE, outlet_class="food_stall")
    assert [(one.teaser.area, round((one.metres or 0) / 100)) for one in stalls] == [("中路", 9), ("远路", 30)]
    assert {one.metres for one in replica.pool.teasers()} == {None}


def test_a_claim_is_shown_as_asked_until_the_server_has_decided(world: World) -> None:
    """It is in the outbox before the call returns; the company's answer shows after a sync."""
    replica = phone(world)
    world.server.cut()
    offer = replica.pool.teasers(near=HERE)[0]
    claim = replica.pool.claim(offer.teaser)
    assert (claim.outlet, claim.territory, claim.state) == (offer.teaser.outlet, world.west, ClaimState.ASKED)
    assert [one.asked for one in replica.pool.teasers(near=HERE)] == [True, False, False]
    assert replica.status().pending == 1
    world.server.mend()
    replica.sync()
    (kept,) = world.in_master(Claim)
    decided = msgspec.structs.replace(kept, state=ClaimState.LOST, reason="taken")
    world.company.master.put(decided, scopes.staff(world.rep.id))
    replica.sync()
    assert [(one.state, one.reason) for one in replica.pool.claims()] == [(ClaimState.LOST, "taken")]
    assert not replica.pool.teasers(near=HERE)[0].asked


def test_what_is_in_the_pool_no_more_cannot_be_claimed(world: World) -> None:
    """A teaser that the phone does not have."""
    replica = phone(world)
    gone = teaser_of(Outlet(world.company.new_id(), "没了"))
    with pytest.raises(NotFound):
        replica.pool.claim(gone)

"""Being woken: the application tells the company where its push service wakes this phone."""

from __future__ import annotations

import pytest

from client_sdk import InvalidInput, NoNetwork, ReplicaLocked
from client_sdk.testing.world import World


def test_an_address_is_told_replaced_and_taken_back(world: World) -> None:
    """The key to subscribe with comes from the company; the address goes to it."""
    with world.phone() as replica:
        assert replica.waking.key() == "BPush"
        replica.waking.at("https://push.example/1")
        replica.waking.at("https://push.example/2")
        assert list(world.server.wakes.values()) == ["https://push.example/2"]
        replica.waking.never()
        assert world.server.wakes == {}


def test_what_the_company_refuses_and_a_missing_network_are_told(world: World) -> None:
    """Each as an error of the tree."""
    with world.phone() as replica:
        with pytest.raises(InvalidInput) as refused:
            replica.waking.at("https://elsewhere.example/1")
        assert (refused.value.code, refused.value.field) == ("bad_value", "address")
        world.server.cut()
        with pytest.raises(NoNetwork):
            replica.waking.at("https://push.example/1")


def test_a_locked_phone_does_not_subscribe(world: World) -> None:
    """It renews first, by a sync."""
    with world.phone() as replica:
        world.time.now += 25 * 3_600_000
        with pytest.raises(ReplicaLocked):
            replica.waking.key()

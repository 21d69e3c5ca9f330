"""Drafts: forms that somebody has begun, kept encrypted until they are used or thrown away."""

from __future__ import annotations

import pytest

from client_sdk.errors import InvalidInput, NotFound
from client_sdk.testing.world import World
from tests.client_sdk.seeking import found_plain, found_with_keys


def test_a_draft_comes_back_as_it_was_saved(world: World) -> None:
    """In another process too; a second one of the name replaces it."""
    outlet = world.outlet()
    with world.phone() as replica:
        replica.drafts.save("visit", {"notes": "补货", "stock": [["SKU-1", 12]], "done": False}, about=outlet.id)
        replica.drafts.save("visit", {"notes": "补货两箱", "stock": []})
        world.time.now += 1000
        replica.drafts.save("outlet", {"name": "新店"})
    replica = world.opened()
    assert [one.name for one in replica.drafts.list()] == ["outlet", "visit"]
    assert replica.drafts.load("visit").values == {"notes": "补货两箱", "stock": []}
    replica.drafts.discard("visit")
    with pytest.raises(NotFound):
        replica.drafts.load("visit")


def test_a_draft_stands_in_no_file_as_it_is(world: World) -> None:
    """Only the replica's key reads it, and it goes with the wipe."""
    replica = world.phone()
    replica.drafts.save("visit", {"notes": "写了一半的话"})
    directory = world.directory / "phone"
    assert found_plain(directory, {"写了一半的话"}) == set()
    assert found_with_keys(directory, {"写了一半的话"}) == {"写了一半的话"}
    world.company.cut_off(world.rep)
    replica.sync()
    assert found_with_keys(directory, {"写了一半的话"}) == set()


def test_what_is_no_plain_data_is_refused(world: World) -> None:
    """The last draft of the name stays."""
    replica = world.phone()
    replica.drafts.save("form", {"notes": "kept"})
    with pytest.raises(InvalidInput):
        replica.drafts.save("form", {"notes": object()})
    assert replica.drafts.load("form").values == {"notes": "kept"}

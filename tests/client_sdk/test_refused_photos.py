"""Photos that a server refuses: none holds up another, none is lost over it, and no server is pressed for one."""

from __future__ import annotations

import msgspec
import pytest

from client_sdk.ports import Reply, Request
from client_sdk.testing.world import World
from sync import scopes
from sync.machine import State
from tests.client_sdk.acts import picture
from tests.client_sdk.test_sealed_photos import arrived, loaded, ordered


@pytest.mark.parametrize("when", ["before its record came", "after"])
def test_a_photo_whose_record_is_out_of_reach_is_handed_in_sealed(world: World, when: str) -> None:
    """The outlet went to another territory: the company keeps the photo, and the next one arrives as ever."""
    world.company.hire("老李", world.east)
    outlet, other = world.outlet(), world.outlet("第二家")
    replica = world.phone()
    moved, stays = replica.photos.attach(outlet.id, picture()), replica.photos.attach(other.id, picture())
    if when == "after":
        replica.sync()
    world.company.master.move(outlet.id, scopes.territory(world.east))
    replica.sync()
    assert replica.photos.upload().ended == "done"
    assert arrived(world, replica) == {moved.id: moved.digest}
    assert len(world.server.photos[stays.id]) == stays.size
    assert replica.status().photos_pending == 0


def test_a_photo_that_is_refused_has_its_turn_again_after_the_others(world: World) -> None:
    """A fault over one photo stays with that photo."""
    outlet = world.outlet()
    replica = world.phone()
    first, second = (replica.photos.attach(outlet.id, picture(colour=(number, 3, 5))) for number in range(2))
    replica.sync()

    def not_this_one(request: Request, reply: Reply) -> Reply:
        body = msgspec.json.encode({"code": "internal"})
        return Reply(500, {}, body) if request.path == f"/photos/{first.id}" else reply

    world.server.fault = not_this_one
    assert replica.photos.upload().ended == "internal"
    assert len(world.server.photos[second.id]) == second.size
    world.server.fault = None
    assert replica.photos.upload().waiting == 0


@pytest.mark.parametrize("is_ordered", [False, True])
def test_a_server_that_takes_nothing_in_is_not_asked_for_ever(world: World, is_ordered: bool) -> None:
    """Every answer names the same byte again: the photo waits for the next time."""
    replica, _ = loaded(world, 1)
    asked: list[str] = []

    def never_moves(request: Request, reply: Reply) -> Reply:
        if request.method == "PATCH":
            asked.append(request.path)
            return Reply(204, {"upload-offset": "0"})
        if request.path.startswith("/photos") and request.method in {"HEAD", "POST"}:
            return Reply(201, {"upload-offset": "0"})
        return reply

    world.server.fault = never_moves
    if is_ordered:
        ordered(world, replica)
    replica.sync()
    replica.photos.upload()
    assert 0 < len(asked) < 20
    assert replica.status().photos_pending == 1


def test_a_server_that_wants_to_be_left_alone_is(world: World) -> None:
    """After the first such answer nothing more is asked, and the report says how long to wait."""
    replica, photos = loaded(world, 5)
    asked: list[str] = []

    def busy(request: Request, reply: Reply) -> Reply:
        if not request.path.startswith("/photos"):
            return reply
        asked.append(request.path)
        return Reply(429, {"retry-after": "7"}, msgspec.json.encode({"code": "busy"}))

    world.server.fault = busy
    ordered(world, replica)
    assert replica.sync().wait_ms == 7_000
    assert len(asked) == 1
    world.server.fault = None
    replica.sync()
    assert arrived(world, replica) == photos


def test_a_server_that_takes_no_more_and_hears_of_no_loss_holds_nothing_up(world: World) -> None:
    """It has as many photos of this device as it keeps: the wipe comes to its end, and the phone counts the losses."""
    replica, _ = loaded(world, 2)

    def full(request: Request, reply: Reply) -> Reply:
        body = msgspec.json.encode({"code": "too_large"})
        return Reply(413, {}, body) if request.path.startswith("/photos/sealed") else reply

    world.server.fault = full
    ordered(world, replica)
    assert replica.sync().state is State.WIPED
    assert replica.status().photos_lost == 2

"""An eviction: a scope that is taken away is gone from file, free space and log, whatever is pending on it."""

from __future__ import annotations

import random

import msgspec
import pytest

from client_sdk.testing.world import World
from sync import scopes
from sync.records import Outlet, Visit
from tests.client_sdk.seeking import decrypted


def both(world: World) -> None:
    """The rep answers for two territories."""
    world.rep.territories.append(world.east)
    world.company.hire("老李", world.east)


def test_nothing_of_an_evicted_territory_is_left_in_the_decrypted_bytes(world: World) -> None:
    """Hundreds of outlets, written and rewritten: after the eviction not one marker is found, before it all are."""
    both(world)
    draw = random.Random(5)
    made: dict[str, Outlet] = {}
    for number in range(900):
        marker = f"标记{draw.getrandbits(40):010x}"
        territory = world.east if number % 2 else world.west
        made[marker] = world.outlet(f"{marker}店", territory, notes="x" * draw.randrange(1500))
    replica = world.phone()
    for _ in range(6):
        for marker, outlet in draw.sample(sorted(made.items()), 150):
            scope = world.company.master.records[outlet.id].scope
            changed = msgspec.structs.replace(outlet, notes="y" * draw.choice((20, 900, 3900)) + marker)
            world.company.master.put(changed, scope)
        replica.sync()
    east = [marker for number, marker in enumerate(made) if number % 2]
    west = [marker for number, marker in enumerate(made) if not number % 2]
    before = decrypted(replica)
    assert all(marker.encode() in before for marker in made)
    world.rep.territories.remove(world.east)
    report = replica.sync()
    assert report.evicted == (scopes.territory(world.east), scopes.private_of(scopes.territory(world.east)))
    after = decrypted(replica)
    assert [marker for marker in east if marker.encode() in after] == []
    assert all(marker.encode() in after for marker in west)


def test_a_removed_outlet_leaves_nothing_either(world: World) -> None:
    """One outlet that a manager moves away: name, visits, drafts about it and what came of operations on it."""
    world.company.hire("老李", world.east)
    kept = world.outlet("留下的店")
    outlet = world.outlet("拿走的店", phone="13811112222")
    replica, other = world.phone(), world.phone(name="other")
    replica.outlets.update(outlet.id, phone="13833334444")
    world.time.now += 1000
    other.outlets.update(outlet.id, phone="13855556666")
    other.sync()
    replica.visits.log(outlet.id, notes="我的拜访记录")
    replica.drafts.save("form", {"notes": "草稿里的字"}, about=outlet.id)
    replica.drafts.save("other", {"notes": "别的草稿"}, about=kept.id)
    assert "superseded" in replica.sync().outcomes
    world.company.master.move(outlet.id, scopes.territory(world.east))
    replica.sync()
    after = decrypted(replica)
    for word in ("拿走的店", "13811112222", "13833334444", "13855556666", "我的拜访记录", "草稿里的字"):
        assert word.encode() not in after, word
    assert "留下的店".encode() in after
    assert [draft.name for draft in replica.drafts.list()] == ["other"]


def test_work_that_is_pending_there_reaches_the_server_as_dead_letters(world: World) -> None:
    """The rows are gone from the phone at once, the work stays in the outbox until the server has it."""
    both(world)
    outlet = world.outlet("东边的店", world.east)
    replica = world.phone()
    for number in range(3):
        replica.visits.log(outlet.id, notes=f"pending {number}")
    replica.outlets.register(name="东边的新店", territory=world.east)
    world.rep.territories.remove(world.east)
    report = replica.sync()
    assert (report.ended, report.outcomes) == ("done", {"refused": 4})
    assert replica.all(Outlet) == []
    assert replica.all(Visit) == []
    assert len(world.company.master.dead) == 4
    assert "东边的".encode() not in decrypted(replica)


def test_an_eviction_does_not_wait_for_the_outbox(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network breaks before the outbox hears anything: the rows are gone all the same."""
    both(world)
    outlet = world.outlet("东边的店", world.east)
    replica = world.phone()
    replica.visits.log(outlet.id, notes="pending")
    world.rep.territories.remove(world.east)
    monkeypatch.setattr(replica._device.outbox, "acknowledge", _stuck)
    with pytest.raises(RuntimeError, match="stuck"):
        replica.sync()
    assert replica.all(Outlet) == []
    assert replica.status().pending == 1


def _stuck(_box: bytes, _number: int, _now: int, _refused: dict[int, bytes]) -> None:
    raise RuntimeError("the outbox is stuck")


def test_a_territory_that_comes_back_is_filled_again(world: World) -> None:
    """Taken away and given again: everything is there, and both sides hold the same."""
    both(world)
    world.outlet("东边的店", world.east)
    replica = world.phone()
    world.rep.territories.remove(world.east)
    replica.sync()
    world.rep.territories.append(world.east)
    assert replica.sync().ended == "done"
    assert [one.name for one in replica.all(Outlet)] == ["东边的店"]


def test_what_a_role_may_not_see_is_not_in_the_decrypted_bytes(world: World) -> None:
    """The private scope never comes to a phone whose role has it not."""
    outlet = world.outlet()
    contact = world.contact(outlet)
    with world.phone(name="first") as first:
        first.contacts.update_private(contact.id, hobbies=("收藏邮票",))
        first.sync()
        assert "收藏邮票".encode() in decrypted(first)
    world.rep.private = False
    second = world.phone(name="second")
    assert "张三".encode() in decrypted(second)
    assert "收藏邮票".encode() not in decrypted(second)

"""A decoy on the phone: found, read and edited like any outlet, never due, and no place for new ones."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from client_sdk.replica import Replica
from client_sdk.testing.world import HERE, World
from sync import scopes
from sync.records import Contact, Outlet, OutletStatus


def _with_decoy(world: World) -> tuple[Replica, Outlet]:
    """A phone with a real outlet, and a decoy as the server makes one: closed, in a scope of the private kind."""
    world.outlet("老张烟酒")
    decoy = Outlet(world.company.new_id(), "福满楼烟酒", position=HERE, phone="13800001001", status=OutletStatus.CLOSED)
    contact = Contact(world.company.new_id(), decoy.id, "张小满", phone="13800001001")
    hidden = scopes.private_of(scopes.territory(world.west))
    for record in (decoy, contact):
        world.company.master.put(record, hidden)
    return world.phone(), decoy


def test_a_decoy_is_there_like_any_outlet(tmp_path: Path) -> None:
    """Search, neighbourhood and contacts have it, an edit is taken, and both sides agree."""
    world = World(tmp_path)
    phone, decoy = _with_decoy(world)
    assert decoy.id in [one.id for one in phone.outlets.search("福满楼")]
    assert decoy.id in [one.outlet.id for one in phone.outlets.near(HERE, within=300)]
    (card,) = phone.contacts.of(decoy.id)
    assert phone.contacts.get(card.id).phone == decoy.phone
    phone.outlets.update(decoy.id, notes="去看过")
    assert phone.sync().verified
    assert phone.outlets.get(decoy.id).notes == "去看过"


def test_a_decoy_is_never_due(tmp_path: Path) -> None:
    """Not today, and not in a year."""
    world = World(tmp_path)
    phone, decoy = _with_decoy(world)
    for days in (0, 1, 6):
        world.time.now += days * 86_400_000
        phone.sync()
        assert decoy.id not in [one.outlet.id for one in phone.today().visits]


def test_what_is_registered_goes_to_the_real_territory(tmp_path: Path) -> None:
    """With one territory nobody is asked which, and nothing new ever stands beside a decoy."""
    world = World(tmp_path)
    phone, _ = _with_decoy(world)
    shop: UUID = phone.outlets.register(name="新店").id
    phone.sync()
    assert world.company.master.records[shop].scope == scopes.territory(world.west)

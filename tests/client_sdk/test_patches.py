"""Patches: what a colleague changed is laid over the phone's own row, and over nothing else."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from client_sdk.testing.master import Entry, Master
from client_sdk.testing.world import World
from sync.messages import Patch
from sync.records import Grade, StockLine
from tests.client_sdk.test_exchange import is_equal


def test_a_change_is_laid_over_the_row_that_the_phone_has(world: World) -> None:
    """One request; row, search and digest are as if the record had come whole."""
    outlet, other = world.outlet(), world.outlet("新华饭店", grade=Grade.A)
    replica = world.phone()
    world.server.settings.patches = True
    changed = msgspec.structs.replace(outlet, notes="门口修路", phone="13900000009", stock={"S": StockLine(3, 1)})
    world.put(changed, msgspec.structs.replace(other, name="和平饭店"))
    report = replica.sync()
    assert (report.ended, report.rounds, report.received, report.verified) == ("done", 1, 2, True)
    assert replica.outlets.get(outlet.id) == changed
    assert [one.id for one in replica.outlets.search("和平")] == [other.id]
    assert is_equal(world, replica)


def test_own_pending_work_stays_on_top_of_a_patch(world: World) -> None:
    """What the rep entered shows until the server's word on it; the patch is under it."""
    outlet = world.outlet()
    replica = world.phone()
    world.server.settings.patches = True
    world.put(msgspec.structs.replace(outlet, notes="by a colleague", address="人民路 1 号"))
    replica.outlets.update(outlet.id, notes="mine")
    replica.sync()
    assert replica.outlets.get(outlet.id).address == "人民路 1 号"
    assert is_equal(world, replica)


def _other_row(patch: Patch) -> Patch:
    return msgspec.structs.replace(patch, since=patch.since + 1)


def _other_place(patch: Patch) -> Patch:
    return msgspec.structs.replace(patch, changes={99: b"\xc0"})


@pytest.mark.parametrize("astray", [_other_row, _other_place])
def test_a_patch_for_another_row_is_no_row_the_record_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch, astray: Any
) -> None:
    """A row that came to another version, or bytes that do not fit: whole, with one more request."""
    outlet = world.outlet()
    replica = world.phone()
    world.server.settings.patches = True
    right = Master.patch

    def patch(self: Master, record: bytes, entry: Entry) -> Patch:
        found: Patch = astray(right(self, record, entry))
        return found

    monkeypatch.setattr(Master, "patch", patch)
    world.put(msgspec.structs.replace(outlet, notes="门口修路"))
    report = replica.sync()
    assert (report.ended, report.rounds, report.verified) == ("done", 2, True)
    assert [one.wants for one in world.server.asked if one.wants]
    assert replica.outlets.get(outlet.id).notes == "门口修路"
    assert is_equal(world, replica)


def test_outcomes_without_ids_are_kept_with_them(world: World) -> None:
    """A brief answer leaves out what the phone knows by the number: the application finds it all the same."""
    outlet = world.outlet()
    replica = world.phone()
    replica.outlets.update(outlet.id, notes="mine")
    asked = len(world.server.asked)
    world.server.settings.names = False
    replica.sync()
    assert all(one.brief for one in world.server.asked[asked:])
    (outcome,) = replica.outcomes()
    assert outcome.operation in world.company.master.outcomes

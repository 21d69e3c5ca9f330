"""Receipts of evictions: a claim by the device's key, made when the rows are gone, kept until the server has it."""

from __future__ import annotations

import shutil

import msgspec
import pytest

from client_sdk.local.meta import Name
from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.replica import Replica
from client_sdk.testing.world import URL, World
from sync import scopes
from sync.frames import read_answer, write_answer
from sync.messages import Page, SyncRequest, Tail
from sync.signing import Kind
from sync.statements import EvictionReceipt
from tests.client_sdk.killing import Killer
from tests.client_sdk.seeking import found_with_keys
from tests.client_sdk.test_evictions import both
from tests.client_sdk.test_kills import kill_everywhere


def taken_away(world: World) -> Replica:
    """A phone whose eastern territory, with three outlets and a visit, is taken away; it has not heard yet."""
    both(world)
    world.outlet("留下的店")
    lost = [world.outlet(f"拿走的店{number}号", world.east) for number in range(3)]
    replica = world.phone()
    replica.visits.log(lost[0].id, notes="dort")
    replica.sync()
    world.rep.territories.remove(world.east)
    return replica


def claims(world: World, replica: Replica) -> dict[str, EvictionReceipt]:
    """What the server has, by scope."""
    return {one.scope: one for one in world.device(replica).claims.values()}


def sent(request: SyncRequest) -> list[Kind]:
    """The kinds of the receipts in a request."""
    return [one.kind for one in request.receipts]


def test_losing_a_territory_is_told_by_a_signed_receipt_in_the_same_sync(world: World) -> None:
    """Scope, where the cursor stood, how many records were removed; once, and never sent again."""
    replica = taken_away(world)
    east = scopes.territory(world.east)
    before = replica.digests()
    report = replica.sync()
    assert (report.ended, report.verified) == ("done", True)
    found = claims(world, replica)
    assert set(found) == {east, scopes.private_of(east)} == set(report.evicted)
    assert (found[east].device, found[east].rows) == (replica.device, before[east][0])
    assert (found[east].rows, found[east].version) == (4, world.company.master.feed(east).head)
    asked = len(world.server.asked)
    replica.sync()
    assert [sent(one) for one in world.server.asked[asked:]] == [[]]
    assert len(world.device(replica).claims) == 2


def test_nothing_is_claimed_while_it_can_still_be_found_in_the_file(world: World) -> None:
    """When the claim is sent, no key that is left on the phone finds what was removed."""
    replica = taken_away(world)
    seen: list[set[str]] = []

    def looking(_request: Request, reply: Reply) -> Reply:
        if world.server.asked[-1].receipts:
            seen.append(found_with_keys(world.directory / "phone", {"拿走的店0号", "留下的店"}))
            assert replica._device.replica().meta.number(Name.SCRUB) == 0
        return reply

    world.server.fault = looking
    replica.sync()
    assert seen == [{"留下的店"}]


def test_a_claim_is_sent_until_the_server_has_it(world: World) -> None:
    """Answers that are lost cost nothing; the same claim comes again, by its id."""
    replica = taken_away(world)

    def losing(_request: Request, reply: Reply) -> Reply:
        if world.server.asked[-1].receipts:
            raise Unreachable("lost on the way back")
        return reply

    world.server.fault = losing
    for _ in range(3):
        replica.sync()
    assert len(world.device(replica).claims) == 2
    world.server.fault = None
    replica.close()
    replica = world.opened()
    replica.sync()
    assert len(world.device(replica).claims) == 2
    assert replica._device.keys.receipts_to_send() == ()


def test_a_server_that_takes_no_claims_is_left_be(world: World) -> None:
    """It is told once in a sync, and the sync is done all the same."""
    replica = taken_away(world)

    def without(_request: Request, reply: Reply) -> Reply:
        said = read_answer(reply.body)
        head = msgspec.structs.replace(said.head, receipts=())
        return Reply(reply.status, reply.headers, write_answer(head, said.page or Page(), said.tail or Tail()))

    world.server.fault = without
    replica.sync()
    for _ in range(2):
        asked = len(world.server.asked)
        assert replica.sync().ended == "done"
        assert [sent(one) for one in world.server.asked[asked:]] == [[Kind.EVICTION] * 2] * 2


@pytest.mark.parametrize("again", [False, True])
def test_a_scope_that_comes_back_and_goes_again_is_claimed_twice(world: World, again: bool) -> None:
    """Each eviction has a receipt of its own."""
    replica = taken_away(world)
    replica.sync()
    if again:
        world.rep.territories.append(world.east)
        replica.sync()
        world.rep.territories.remove(world.east)
        replica.sync()
    assert len(world.device(replica).claims) == (4 if again else 2)


def test_an_eviction_killed_anywhere_is_claimed_once_and_never_before_it_happened(world: World, killer: Killer) -> None:
    """Killed between the removal and the signature the claim is made by the next process."""
    replica = taken_away(world)
    replica.close()
    east = scopes.territory(world.east)

    def check(replica: Replica, _is_done: bool) -> None:
        held = {one.name for one in replica._device.replica().scopes.all()}
        assert east not in held or not world.device(replica).claims
        replica.sync()
        found = list(world.device(replica).claims.values())
        assert sorted(one.scope for one in found) == sorted((east, scopes.private_of(east)))
        assert {one.rows for one in found if one.scope == east} == {4}

    kill_everywhere(world, killer, "sync", check, least=10, coarse=True)


def test_a_phone_that_is_enrolled_again_claims_nothing_under_its_lost_key(world: World) -> None:
    """No server can take such a receipt from the new device: it is not sent for ever."""
    replica = taken_away(world)

    def lost(_request: Request, reply: Reply) -> Reply:
        if world.server.asked[-1].receipts:
            raise Unreachable("lost on the way back")
        return reply

    world.server.fault = lost
    replica.sync()
    assert replica._device.keys.receipts_to_send()
    replica.close()
    world.server.fault = None
    path = world.directory / "phone"
    shutil.rmtree(path / "keystore")
    world.server.asked.clear()
    again = Replica.enrol(URL, code=world.company.code_for(world.rep), directory=path, **world.ports(path))
    assert again.sync().ended == "done"
    assert not any(one.receipts for one in world.server.asked)

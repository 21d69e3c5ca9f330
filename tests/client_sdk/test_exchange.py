"""The exchange: what a sync brings about, and what it leaves alone when something goes wrong on the way."""

from __future__ import annotations

import msgspec
import pytest

from client_sdk.ports import Reply, Request, Unreachable
from client_sdk.replica import Replica
from client_sdk.testing.bad_days import NoNetwork
from client_sdk.testing.world import World
from sync import scopes
from sync.codec import encode
from sync.frames import read_answer, write_answer
from sync.machine import State
from sync.messages import Page, ScopeSum, Tail
from sync.records import Contact, Outlet, Visit


def is_equal(world: World, replica: Replica) -> bool:
    """Whether both sides hold the same bytes in every scope."""
    expected = {name: world.company.master.sum_of(name) for name in world.company.granted(world.rep)}
    return replica.digests() == {name: (one.count, one.digest) for name, one in expected.items()}


def test_a_first_sync_brings_everything_in_one_round(world: World) -> None:
    """Lease, records and the first checkpoint arrive together."""
    outlet = world.outlet()
    world.contact(outlet)
    replica = world.enrolled()
    report = replica.sync()
    assert (report.ended, report.rounds, report.received, report.verified) == ("done", 1, 2, True)
    assert replica.outlets.get(outlet.id) == outlet
    assert is_equal(world, replica)


def test_a_second_sync_with_nothing_new_moves_nothing(world: World) -> None:
    """One round, no row."""
    world.outlet()
    replica = world.phone()
    report = replica.sync()
    assert (report.ended, report.rounds, report.received, report.sent) == ("done", 1, 0, 0)


def test_a_first_sync_goes_on_where_the_network_left_it(world: World) -> None:
    """A page that arrived is never asked for again."""
    for number in range(12):
        world.outlet(f"店{number}号")
    replica = world.enrolled()
    world.server.settings.page = 400
    asked = 0

    def tired(_request: Request, reply: Reply) -> Reply:
        nonlocal asked
        asked += 1
        if asked % 3 == 0:
            raise Unreachable("gone")
        return reply

    world.server.fault = tired
    assert replica.sync().ended == "cut_off"
    assert replica.status().why == "filling"
    received = replica.status().received
    while (report := replica.sync()).ended != "done":
        assert report.ended in {"cut_off", "no_network"}
    assert 0 < received < 12
    assert len(replica.all(Outlet)) == 12
    assert is_equal(world, replica)


def test_no_network_is_an_answer(no_network: NoNetwork) -> None:
    """The report says so in both languages, and work goes on."""
    assert (no_network.report.ended, no_network.report.reached) == ("no_network", False)
    assert "safe" in no_network.report.en
    assert "已保存" in no_network.report.zh
    no_network.replica.visits.log(no_network.other.id, notes="offline")
    assert no_network.replica.status().pending == 2


@pytest.mark.parametrize("code", ["busy", "unavailable", "internal", "protocol_too_old", "protocol_too_new"])
def test_a_refusal_is_an_answer_with_its_code(world: World, code: str) -> None:
    """What the server refuses is told by its code, with how long to wait."""
    replica = world.phone()
    world.server.fail(code=code)
    report = replica.sync()
    assert (report.ended, report.reached) == (code, True)
    assert report.wait_ms == (3000 if code in {"busy", "unavailable"} else 0)


def test_an_answer_that_is_lost_leads_to_nothing_twice(world: World) -> None:
    """The server took the work in, the phone did not hear it: it sends again and is answered from what is kept."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id, notes="once")

    def lost(_request: Request, _reply: Reply) -> Reply:
        raise Unreachable("lost on the way back")

    world.server.fault = lost
    assert replica.sync().ended == "no_network"
    world.server.fault = None
    assert replica.sync().sent == 1
    assert len(world.in_master(Visit)) == 1
    assert replica.status().pending == 0


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_cut_answer_does_no_harm(world: World, share: float) -> None:
    """Whatever part of an answer arrives, the next sync ends equal, with nothing twice."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id, notes="once")
    world.put(msgspec.structs.replace(outlet, phone="13900000000"))

    def cut(_request: Request, reply: Reply) -> Reply:
        return msgspec.structs.replace(reply, body=reply.body[: int(len(reply.body) * share)], whole=False)

    world.server.fault = cut
    replica.sync()
    world.server.fault = None
    assert replica.sync().ended == "done"
    assert len(world.in_master(Visit)) == 1
    assert replica.outlets.get(outlet.id).phone == "13900000000"
    assert is_equal(world, replica)


def test_the_head_of_a_cut_answer_counts(world: World) -> None:
    """An order that arrived is obeyed though nothing after it did."""
    world.outlet()
    replica = world.phone()
    world.company.cut_off(world.rep)

    def only_head(request: Request, reply: Reply) -> Reply:
        if request.path != "/sync" or reply.status != 200:
            return reply
        head = write_answer(read_answer(reply.body).head, Page(), Tail())
        size = 5 + int.from_bytes(head[1:5], "big")
        return msgspec.structs.replace(reply, body=head[: size + 3], whole=False)

    world.server.fault = only_head
    assert replica.sync().state is not State.OPEN


def test_a_page_applies_only_if_the_cursors_are_still_those_of_the_request(world: World) -> None:
    """Two processes sync at once: the answer that comes second to its cursors is passed over."""
    world.outlet()
    first = world.phone()
    second = world.opened()
    world.outlet("新店")
    late: list[Reply] = []

    def overtaken(_request: Request, reply: Reply) -> Reply:
        if not late:
            late.append(reply)
            world.server.fault = None
            world.outlet("更新的店")
            assert second.sync().ended == "done"
        return reply

    world.server.fault = overtaken
    assert first.sync().ended == "done"
    assert len(first.all(Outlet)) == 3
    assert is_equal(world, first)
    assert not any(one.sums for one in world.server.asked), "old sums were compared with new rows"


def test_a_wrong_sum_is_counted_again_before_anything_is_asked_for(world: World) -> None:
    """Rows that are right under a sum that is wrong cost no repair."""
    world.outlet()
    replica = world.phone()
    replica.digests()
    replica._device.replica().file.run("UPDATE scope SET digest=zeroblob(16), count=7")
    assert replica.sync().verified
    assert not any(one.sums for one in world.server.asked)


def test_a_poisoned_outbox_stops_neither_evictions_nor_later_work(world: World) -> None:
    """An operation that can never succeed is acknowledged as refused; what follows it goes through."""
    outlet = world.outlet()
    replica = world.phone()
    replica._device.outbox.add(b"\xc1 no operation at all")
    replica.visits.log(outlet.id, notes="after the poison")
    report = replica.sync()
    assert (report.sent, report.outcomes) == (2, {"refused": 1, "applied": 1})
    assert replica.status().pending == 0
    assert [one.reason for one in replica.outcomes() if one.reason] == ["undecodable"]


def test_ones_own_clean_change_is_promoted_without_asking(world: World) -> None:
    """The server names what it made of it by hash: the phone has worked out the same bytes and asks for nothing."""
    outlet = world.outlet()
    replica = world.phone()
    world.server.settings.echo = True
    replica.visits.log(outlet.id, notes="mine")
    replica.outlets.register(name="新店", position=None)
    report = replica.sync()
    assert (report.ended, report.rounds) == ("done", 1)
    assert not any(one.wants for one in world.server.asked)
    assert is_equal(world, replica)


def test_a_change_that_came_out_otherwise_is_asked_for(world: World) -> None:
    """A colleague's later change stands: the hash differs, and the phone asks for the record."""
    outlet = world.outlet()
    replica = world.phone()
    world.put(msgspec.structs.replace(outlet, notes="by a colleague"))
    world.server.settings.echo = True
    replica.outlets.update(outlet.id, phone="13900000000")
    assert replica.sync().ended == "done"
    assert any(one.wants for one in world.server.asked)
    assert replica.outlets.get(outlet.id).notes == "by a colleague"
    assert is_equal(world, replica)


def test_a_moved_record_follows_its_scope_in_whatever_order_it_comes(world: World) -> None:
    """A contact and its outlet go to another territory of the same rep: they stay on the phone, in the new scope."""
    world.rep.territories.append(world.east)
    world.company.hire("老李", world.east)
    outlet = world.outlet()
    world.contact(outlet)
    replica = world.phone()
    replica.outlets.update(outlet.id, phone="13911111111")
    for target in (world.east, world.west, world.east):
        world.company.master.move(outlet.id, scopes.territory(target))
        world.server.settings.page = 60
        assert replica.sync().ended == "done"
        assert replica.outlets.get(outlet.id).phone == "13911111111"
        assert len(replica.all(Contact)) == 1
        assert is_equal(world, replica)
    assert not any(one.sums for one in world.server.asked), "a repair made up for what was deleted wrongly"


def test_an_outlet_that_is_moved_away_takes_its_pending_work_off_the_screen_not_out_of_the_count(world: World) -> None:
    """Rows gone, three dead letters on the server with their bodies, and both sides count the same."""
    world.company.hire("老李", world.east)
    outlet = world.outlet()
    replica = world.phone()
    for number in range(3):
        replica.visits.log(outlet.id, notes=f"pending {number}")
    world.company.master.move(outlet.id, scopes.territory(world.east))
    report = replica.sync()
    assert (report.ended, report.sent, report.outcomes) == ("done", 3, {"refused": 3})
    assert replica.counts()["outlet"] == replica.counts()["visit"] == 0
    assert len(world.company.master.dead) == 3
    assert all(body for _, _, body in world.company.master.dead)
    assert replica.status().pending == 0


def test_a_wrong_row_on_the_phone_is_found_and_mended(world: World) -> None:
    """One byte of one row changed in the file: the digest shows it, the buckets find it, only that row comes again."""
    kept = [world.outlet(f"店{number}号") for number in range(20)]
    replica = world.phone()
    wrong = encode(msgspec.structs.replace(kept[3], name="假的店"))
    replica._device.replica().file.run("UPDATE row SET packed=? WHERE record=?", (wrong, kept[3].id.bytes))
    replica.digests()
    report = replica.sync()
    assert (report.ended, report.received) == ("done", 1)
    assert replica.outlets.get(kept[3].id).name == "店3号"
    assert is_equal(world, replica)


def test_a_row_changed_behind_the_servers_back_is_not_called_verified(world: World) -> None:
    """A cursor that says nothing is new does not make a digest equal: the difference is mended by its bucket."""
    outlet = world.outlet()
    world.outlet("旁边的店")
    replica = world.phone()
    feed = world.company.master.feed(scopes.territory(world.west))
    entry = feed.entries[outlet.id.bytes]
    changed = encode(msgspec.structs.replace(outlet, name="改过的店"))
    feed.entries[outlet.id.bytes] = msgspec.structs.replace(entry, packed=changed)
    assert replica.sync().ended == "done"
    assert replica.outlets.get(outlet.id).name == "改过的店"
    assert is_equal(world, replica)


def test_what_two_repairs_do_not_mend_is_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's sums contradict its own rows: status says so, and work goes on."""
    outlet = world.outlet()
    replica = world.phone()
    verified_at = replica.status().verified_at
    honest, scope = world.company.master.sum_of, scopes.territory(world.west)

    def wrong(name: str) -> ScopeSum:
        return msgspec.structs.replace(honest(name), digest=bytes(16)) if name == scope else honest(name)

    monkeypatch.setattr(world.company.master, "sum_of", wrong)
    world.time.now += 1000
    report = replica.sync()
    assert (report.ended, report.verified) == ("unsettled", False)
    status = replica.status()
    assert (status.why, status.verified, status.verified_at, status.differing) == (
        "differing",
        False,
        verified_at,
        (scope,),
    )
    assert replica.outlets.get(outlet.id).name == outlet.name
    repairs = sum(1 for one in world.server.asked if any(one.sums.values()))
    assert repairs == 4, "two repairs of two answers each"


def test_nothing_is_verified_while_something_that_was_asked_for_is_missing(world: World) -> None:
    """A checkpoint of the server's is none of ours while records are on their way."""
    world.outlet()
    replica = world.phone()
    file = replica._device.replica().file
    file.run("INSERT INTO want SELECT ?, id FROM scope WHERE name=?", (bytes(16), scopes.territory(world.west)))

    def without_mended(_request: Request, reply: Reply) -> Reply:
        world.server.fault = None
        answer = read_answer(reply.body)
        page, tail = answer.page or Page(), answer.tail or Tail()
        return msgspec.structs.replace(reply, body=write_answer(answer.head, Page(page.scopes), tail))

    world.server.fault = without_mended
    report = replica.sync()
    assert (report.ended, report.rounds) == ("done", 2)


def test_a_restored_server_is_reconciled(world: World) -> None:
    """Another epoch: cursors are forgotten, rows compared by version and hash, what the backup lacks goes and comes."""
    kept, changed = world.outlet("不变的店"), world.outlet("变过的店")
    replica = world.phone()
    replica.visits.log(kept.id, notes="before the backup")
    replica.sync()
    backup = world.company.copied()
    world.put(msgspec.structs.replace(changed, phone="13999999999"))
    world.outlet("备份之后的店")
    replica.visits.log(kept.id, notes="after the backup")
    replica.sync()
    replica.visits.log(kept.id, notes="pending")
    world.restore(backup)
    assert replica.sync().ended == "done"
    assert sorted(one.name for one in replica.all(Outlet)) == ["不变的店", "变过的店"]
    assert replica.outlets.get(changed.id).phone == ""
    notes = sorted(one.notes for one in world.in_master(Visit))
    assert notes == ["after the backup", "before the backup", "pending"]
    assert is_equal(world, replica)


def test_orders_ride_on_refusals_too(world: World) -> None:
    """A phone that is refused everything else still hears that it has to wipe."""
    world.outlet()
    replica = world.phone()
    replica.outlets.register(name="还没上传的店")
    world.company.cut_off(world.rep)
    refused = {"on": True}

    def refuse_sync(request: Request, reply: Reply) -> Reply:
        if request.path == "/sync" and refused["on"]:
            orders = [encode(one).hex() for one in world.device(replica).orders]
            return Reply(429, {"retry-after": "9"}, msgspec.json.encode({"code": "busy", "orders": orders}))
        return reply

    world.server.fault = refuse_sync
    replica.sync()
    assert replica.status().state is State.CLEARED
    refused["on"] = False
    replica.sync()
    assert replica.status().state is State.WIPED

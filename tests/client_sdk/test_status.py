"""Honest status: what is the case by the stored state and the last verified digest, in both languages."""

from __future__ import annotations

import msgspec
import pytest

from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY, HOUR
from client_sdk.testing.world import World
from sync import scopes
from sync.codec import encode
from sync.machine import State
from sync.records import Refused
from tests.client_sdk.acts import picture


def enrolled(world: World) -> Replica:
    """A phone whose digits nobody has confirmed."""
    return world.enrolled(confirm=True)


def test_each_state_says_why_and_what_to_do(world: World) -> None:
    """From enrolment to the end, each with a sentence in English and Chinese."""
    outlet = world.outlet()
    replica = enrolled(world)
    seen = [replica.status()]
    world.company.confirm(world.device(replica))
    replica.sync()
    seen.append(replica.status())
    replica.visits.log(outlet.id)
    seen.append(replica.status())
    world.time.now += DAY
    seen.append(replica.status())
    world.time.now += 7 * DAY
    seen.append(replica.status())
    world.company.cut_off(world.rep)
    replica.sync()
    seen.append(replica.status())
    assert [one.why for one in seen] == ["awaiting", "verified", "behind", "locked", "erased", "ended"]
    assert [one.pending for one in seen] == [0, 0, 1, 1, 1, 0]
    assert all(one.en and any("\u4e00" <= sign <= "\u9fff" for sign in one.zh) for one in seen)
    assert all(one.todo and one.todo_zh for one in seen if one.why != "verified")


def _says(said: str, *parts: str) -> bool:
    return all(part in said for part in parts)


def test_a_locked_phone_says_why_since_when_what_is_safe_and_whom_to_call(world: World) -> None:
    """With days and numbers, in both languages; whom to call is what the company said last."""
    outlet = world.outlet()
    replica = world.phone()
    began = world.time.now
    for _ in range(3):
        replica.visits.log(outlet.id)
    replica.photos.attach(outlet.id, picture())
    world.time.now += DAY + 9 * HOUR
    status, day_of = replica.status(), world.clock().day_of
    locked, contact = day_of(began + DAY), day_of(began)
    assert _says(status.en, f"since {locked} (9 hours ago)", f"since {contact} (33 hours ago)")
    assert _says(status.en, "4 operations and 1 photo waiting here, safe")
    assert _says(status.zh, f"{locked}（9 小时前）", f"{contact}（33 小时前）", "4 条工作记录、1 张照片待交", "安全")
    assert status.call == world.company.call
    assert _says(status.todo, "sync", f"Questions: {world.company.call}")
    assert _says(status.todo_zh, "同步", f"如有疑问请致电：{world.company.call}")


def test_whom_to_call_is_kept_until_the_company_says_another(world: World) -> None:
    """Through restarts and answers that say nothing of it."""
    replica = world.phone()
    world.company.call = ""
    replica.sync()
    assert world.opened().status().call == "刘经理 0791-88001234"
    world.company.call = "陈经理 0791-88005678"
    replica.sync()
    assert world.opened().status().call == "陈经理 0791-88005678"


def test_a_lock_has_its_own_reason(world: World) -> None:
    """Suspended, restarted with a date that ran ahead, without its key store, or simply away for too long."""
    world.outlet()
    replica = world.phone()
    replica._device.ports.keystore.destroy("lease_share")
    replica.close()
    replica = world.opened()
    assert replica.status().why == "share_missing"
    replica.sync()
    world.clock().reboot()
    world.clock().ahead = 5 * DAY
    assert replica.status().why == "restarted"
    replica.sync()
    world.time.now += DAY
    assert replica.status().why == "locked"
    world.company.suspend(world.device(replica))
    replica.sync()
    status = replica.status()
    assert (status.state, status.why) == (State.LOCKED, "suspended")
    assert _says(status.en + status.zh, "suspended", "停用")


def test_the_end_says_what_was_handed_in_and_what_is_still_here(world: World) -> None:
    """While it hands in and after it, since the order came, and whom to call."""
    outlet = world.outlet()
    replica = world.phone()
    for _ in range(5):
        replica.visits.log(outlet.id)
    began = world.time.now
    replica.accept(encode(world.company.order_wipe(world.device(replica))))
    world.time.now += 3 * DAY
    status, day = replica.status(), world.clock().day_of(began)
    assert (status.why, status.pending, status.handed_in, status.since) == ("ending", 5, 0, began)
    assert _says(status.en, f"{day} (3 days ago)", "5 operations waiting here, safe")
    assert _says(status.zh, f"{day}（3 天前）", "5 条工作记录待交")
    replica.sync()
    status = replica.status()
    assert (status.why, status.pending, status.handed_in, status.since) == ("ended", 0, 5, began)
    assert _says(status.en, f"{day} (3 days ago)", "5 operations handed in")
    assert _says(status.zh, "已交回 5 条工作记录", f"{day}（3 天前）")
    assert _says(status.todo + status.todo_zh, world.company.call)


def test_connected_is_not_verified(world: World) -> None:
    """A sync that did not end in an equal checkpoint leaves the date of the last one that did."""
    world.outlet()
    replica = world.phone()
    first = replica.status()
    assert (first.verified, first.verified_at) == (True, world.time.now)
    world.time.now += 1000
    world.server.fail(code="busy")
    replica.sync()
    second = replica.status()
    assert (second.verified_at, second.last_contact) == (first.verified_at, first.last_contact)
    world.server.mend()
    replica.sync()
    assert replica.status().verified_at == world.time.now


def test_refused_work_is_counted_while_it_is_open(world: World) -> None:
    """Own refused work comes from the server, and leaves the count when it is mended."""
    replica = world.phone()
    refused = Refused(
        world.company.new_id(), world.company.new_id(), "visit", world.company.new_id(), "not_yours", "", 1
    )
    scope = scopes.staff(world.rep.id)
    world.company.master.put(refused, scope)
    replica.sync()
    assert (replica.status().refused, [one.id for one in replica.refusals.list()]) == (1, [refused.id])
    world.company.master.put(msgspec.structs.replace(refused, state="closed"), scope)
    replica.sync()
    assert (replica.status().refused, replica.refusals.list()) == (0, [])


def test_a_first_sync_shows_how_far_it_is(world: World) -> None:
    """Records that came are counted; nothing is called complete before the first checkpoint."""
    for number in range(8):
        world.outlet(f"店{number}号")
    replica = world.enrolled()
    world.server.settings.page = 200
    seen: list[int] = []

    def look(_request: object, reply: object) -> object:
        status = replica.status()
        if status.state is State.OPEN:
            assert (status.complete, status.why, status.verified) == (False, "filling", False)
            seen.append(status.received)
        return reply

    world.server.fault = look  # type: ignore[assignment]
    replica.sync()
    world.server.fault = None
    assert len(set(seen)) > 2
    assert seen == sorted(seen)
    assert replica.status().complete


@pytest.mark.parametrize("locked", [False, True])
def test_status_says_when_the_lease_ends(world: World, *, locked: bool) -> None:
    """And when it will erase; also while it is locked, with the moment it locked."""
    world.outlet()
    replica = world.phone()
    ends = world.time.now + DAY
    world.time.now += DAY * 2 if locked else 0
    status = replica.status()
    assert (status.lease_ends, status.erases_at) == (ends, ends + 7 * DAY)
    assert (status.since == ends) is locked


def test_outcomes_are_kept_with_their_sentences(world: World) -> None:
    """The newest first, bounded, each with a sentence in both languages."""
    outlet = world.outlet()
    replica = world.phone()
    replica.visits.log(outlet.id)
    replica.outlets.update(outlet.id, grade="A")
    replica.sync()
    assert [one.code for one in replica.outcomes()] == ["proposed", "applied"]
    assert [one.code for one in replica.outcomes(size=1)] == ["proposed"]
    assert all(one.code.en and one.code.zh for one in replica.outcomes())

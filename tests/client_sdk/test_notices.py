"""A notice that must be acknowledged holds the archive, in the version that stands, also without a network."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from client_sdk.errors import NoticeUnread, ReplicaLocked
from client_sdk.ports import Reply, Request
from client_sdk.replica import Replica
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import HERE, World
from sync import scopes
from sync.machine import State
from sync.records import Acknowledgement, Notice, Outlet
from tests.client_sdk.killing import Killer
from tests.client_sdk.test_kills import kill_everywhere


def notice(world: World, title: str = "保密须知", *, must: bool = True) -> Notice:
    """A notice of the company, in the version that stands now."""
    made = Notice(world.company.new_id(), title, "客户资料归公司所有。", must_acknowledge=must)
    world.company.master.put(made, scopes.COMPANY)
    return made


def is_held(replica: Replica) -> bool:
    """Whether a notice holds the archive."""
    try:
        replica.outlets.list()
    except NoticeUnread:
        return True
    return False


CALLS: dict[str, Callable[[Replica, Outlet], object]] = {
    "list": lambda replica, _: replica.outlets.list(),
    "search": lambda replica, _: replica.outlets.search("老张"),
    "near": lambda replica, _: replica.outlets.near(HERE),
    "get": lambda replica, outlet: replica.outlets.get(outlet.id),
    "update": lambda replica, outlet: replica.outlets.update(outlet.id, phone="13800000000"),
    "register": lambda replica, _: replica.outlets.register(name="x", position=HERE),
    "visit": lambda replica, outlet: replica.visits.log(outlet.id),
    "contacts": lambda replica, outlet: replica.contacts.of(outlet.id),
    "photos": lambda replica, outlet: replica.photos.of(outlet.id),
    "today": lambda replica, _: replica.today(),
    "all": lambda replica, _: replica.all(Outlet),
    "tasks": lambda replica, _: replica.tasks.list(),
    "products": lambda replica, _: replica.company.products(),
    "draft": lambda replica, _: replica.drafts.load("form"),
    "about": lambda replica, outlet: replica.about(outlet.id),
    "outcomes": lambda replica, _: replica.outcomes(),
}


@pytest.mark.parametrize("call", CALLS)
def test_data_calls_wait_for_the_notice(world: World, call: str) -> None:
    """Each raises NoticeUnread with what there is to read, and does nothing."""
    outlet = world.outlet()
    replica = world.phone()
    replica.drafts.save("form", {"notes": "x"})
    held = notice(world)
    replica.sync()
    with pytest.raises(NoticeUnread) as error:
        CALLS[call](replica, outlet)
    assert error.value.notices == (held,)
    assert replica.status().pending == 0
    replica.notices.acknowledge(held.id)
    CALLS[call](replica, outlet)


def test_what_is_no_data_goes_on(world: World) -> None:
    """Notices, status, sync, confirmation, and a form that somebody is in the middle of."""
    world.outlet()
    replica = world.phone()
    held = notice(world)
    replica.sync()
    assert replica.notices.list(unread=True) == [held]
    status = replica.status()
    assert (status.why, status.unread) == ("notice", 1)
    assert "1 notice" in status.en
    assert "1 条须知" in status.zh
    assert replica.sync().ended == "done"
    assert len(replica.confirmation) == 6
    replica.drafts.save("form", {"notes": "half done"})
    replica.notices.acknowledge(held.id)
    assert replica.drafts.load("form").values == {"notes": "half done"}


def test_acknowledging_opens_at_once_without_a_network(world: World) -> None:
    """In this process, in another, and after a restart; the company hears of it like of any other work."""
    world.outlet()
    replica, other = world.phone(), world.opened()
    held = notice(world)
    replica.sync()
    assert is_held(other)
    world.server.cut()
    replica.notices.acknowledge(held.id)
    assert not is_held(replica)
    assert not is_held(other)
    assert not is_held(world.opened())
    assert replica.status().pending == 1
    world.server.mend()
    assert replica.sync().ended == "done"
    assert not is_held(replica)
    (said,) = world.in_master(Acknowledgement)
    assert isinstance(said, Acknowledgement)
    assert (said.notice, said.notice_revision) == (held.id, 1)


def test_a_notice_that_changes_closes_the_archive_again(world: World) -> None:
    """What was acknowledged is the version that stood then."""
    world.outlet()
    replica = world.phone()
    held = notice(world)
    replica.sync()
    replica.notices.acknowledge(held.id)
    replica.sync()
    assert not is_held(replica)
    world.company.master.put(msgspec.structs.replace(held, body="另有补充。"), scopes.COMPANY)
    replica.sync()
    assert is_held(replica)
    replica.notices.acknowledge(held.id)
    assert not is_held(replica)


def test_every_notice_has_to_be_read_and_an_optional_one_holds_nothing(world: World) -> None:
    """One after the other; what need not be acknowledged only shows as unread."""
    world.outlet()
    replica = world.phone()
    optional = notice(world, "放假通知", must=False)
    replica.sync()
    assert not is_held(replica)
    assert replica.notices.list(unread=True) == [optional]
    first, second = notice(world, "保密须知"), notice(world, "补贴协议")
    replica.sync()
    replica.notices.acknowledge(first.id)
    with pytest.raises(NoticeUnread) as error:
        replica.outlets.list()
    assert error.value.notices == (second,)
    replica.notices.acknowledge(second.id)
    assert not is_held(replica)


def test_no_outlet_shows_before_the_notice_that_holds_it_is_here(world: World) -> None:
    """Also during a first sync in many pieces: what the company tells everybody comes before any territory."""
    for number in range(8):
        world.outlet(f"店{number}号")
    notice(world)
    replica = world.enrolled()
    world.server.settings.page = 200
    seen: list[bool] = []

    def look(_request: Request, reply: Reply) -> Reply:
        if replica.status().state is State.OPEN:
            received = replica._device.replica().rows.counts()["outlet"]
            seen.append(is_held(replica))
            assert seen[-1] or received == 0
        return reply

    world.server.fault = look
    replica.sync()
    assert seen.count(True) > 3


def test_a_lock_comes_before_a_notice(world: World) -> None:
    """What is locked shows nothing, and no notice either."""
    world.outlet()
    replica = world.phone()
    notice(world)
    replica.sync()
    world.time.now += DAY
    with pytest.raises(ReplicaLocked):
        replica.notices.list()
    with pytest.raises(ReplicaLocked):
        replica.outlets.list()


def test_an_acknowledgement_killed_at_every_write_is_said_or_not(world: World, killer: Killer) -> None:
    """The archive is open exactly where it was said."""
    world.outlet()
    with world.phone() as replica:
        held = notice(world)
        replica.sync()

    def check(replica: Replica, is_done: bool) -> None:
        pending = replica.status().pending
        assert pending == 1 if is_done else pending in {0, 1}
        assert is_held(replica) is (pending == 0)
        if pending == 0:
            replica.notices.acknowledge(held.id)
        assert not is_held(replica)

    kill_everywhere(world, killer, "acknowledge", check, least=4)

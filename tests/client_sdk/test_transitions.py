"""Every row of the table of states is reached by the real SDK, killed before each write, and finishes right."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from client_sdk.errors import NotConfirmed, ReplicaLocked, ReplicaWiped
from client_sdk.keys import Keys
from client_sdk.replica import Replica
from client_sdk.storage.disk import Disk
from client_sdk.testing.clocks import DAY
from client_sdk.testing.world import World
from sync.codec import decode, encode
from sync.machine import TRANSITIONS, Event, State, answers_calls
from sync.operations import Operation
from sync.records import Visit
from sync.statements import LeaseTerms
from tests.client_sdk.killing import Killer
from tests.client_sdk.seeking import found_plain, found_with_keys
from tests.client_sdk.test_kills import kill_everywhere

WORDS = {"老张烟酒", "13811112222", "pending 0", "pending 1", "pending 2"}
PENDING = ["pending 0", "pending 1", "pending 2"]

S, E = State, Event


class Seen(msgspec.Struct):
    """What a killed process left in `keys.db`: the state, and when the lease that it holds was issued."""

    state: State
    issued: int


def left_in(directory: Path) -> Seen:
    """Read without opening the replica, which would go on."""
    keys = Keys(directory / "keys.db", Disk())
    terms = keys.get(LeaseTerms)
    seen = Seen(keys.state or State.AWAITING, terms.issued_at if terms else 0)
    keys.close()
    return seen


def look_at(directory: Path, had_replica: bool) -> Seen:
    """What a kill left is in the order that the table demands: each state's debts are paid before the next begins."""
    seen = left_in(directory)
    order = list(State)
    done = order.index(seen.state)
    held = {path.name for path in (directory / "keystore").iterdir() if any(path.read_bytes())}
    has_replica = (directory / "replica.db").exists()
    if had_replica and seen.state in {State.OPEN, State.LOCKED}:
        assert "device_share" in held, "something was destroyed before the state that says so was stored"
    if done > order.index(State.ORDERED):
        assert "device_share" not in held, "the share outlived the state that owed its end"
    if done > order.index(State.SHARELESS):
        assert held <= {"device_key"}, "a secret outlived the state that owed its end"
    if done >= order.index(State.ORDERED) and had_replica and not has_replica:
        assert "device_share" not in held, "the files went before the share"
    if done > order.index(State.SHARELESS):
        assert not has_replica
    assert ("device_key" in held) or done >= order.index(State.ACKNOWLEDGED), "the key went before the last receipt"
    assert seen.state is not State.WIPED or not held
    return seen


# ---- phones before a transition ------------------------------------------------------------------------------------


def awaiting(world: World) -> None:
    """Enrolled, and confirmed a moment ago."""
    world.outlet(phone="13811112222")
    with world.enrolled(confirm=True) as replica:
        world.company.confirm(world.device(replica))


def opened(world: World) -> None:
    """Open, with work pending."""
    outlet = world.outlet(phone="13811112222")
    with world.phone() as replica:
        for notes in PENDING:
            replica.visits.log(outlet.id, notes=notes)


def due(world: World) -> None:
    """Open, and a renewal is due."""
    opened(world)
    world.time.now += DAY // 2


def over(world: World) -> None:
    """Open as far as is stored, and the lease is over."""
    opened(world)
    world.time.now += DAY


def nearly_over(world: World) -> None:
    """A second before the lease ends, seen a moment ago."""
    opened(world)
    world.time.now += DAY - 1000
    with world.opened() as replica:
        replica.status()


def locked(world: World) -> None:
    """Locked."""
    over(world)
    world.opened().close()


def long_over(world: World) -> None:
    """Locked, and for so long that it is to be erased."""
    locked(world)
    world.time.now += 7 * DAY


def erased(world: World) -> None:
    """Erased."""
    long_over(world)
    world.opened().close()


def with_order(before: Callable[[World], None]) -> Callable[[World], None]:
    """The same phone, with an order beside it that it has not taken yet."""

    def prepare(world: World) -> None:
        before(world)
        (device,) = world.company.devices.values()
        (world.directory / "phone" / "scanned").write_bytes(encode(world.company.order_wipe(device)))

    return prepare


def cleared(world: World) -> None:
    """Took its order without a network."""
    with_order(opened)(world)
    world.server.cut()
    with world.opened() as replica:
        replica.accept((world.directory / "phone" / "scanned").read_bytes())
    world.server.mend()


# ---- ways ------------------------------------------------------------------------------------------------------------


class Way(msgspec.Struct, frozen=True):
    """A phone, an act, the rows of the table that the act takes, and how many writes there are at least."""

    prepare: Callable[[World], None]
    act: str
    rows: tuple[tuple[State, Event], ...]
    least: int


_WIPE = ((S.ORDERED, E.SHARE_DESTROYED), (S.SHARELESS, E.FILES_REMOVED))

WAYS = {
    "a first lease": Way(awaiting, "sync", ((S.AWAITING, E.LEASE_GRANTED),), 10),
    "a renewal on the way": Way(due, "sync", ((S.OPEN, E.LEASE_GRANTED),), 10),
    "a lapse": Way(over, "look", ((S.OPEN, E.LEASE_LAPSED),), 3),
    "a lapse that two processes find": Way(nearly_over, "lapse_twice", ((S.LOCKED, E.LEASE_LAPSED),), 3),
    "a renewal after a lapse": Way(locked, "sync", ((S.LOCKED, E.LEASE_GRANTED),), 10),
    "too long a lock": Way(long_over, "look", ((S.LOCKED, E.ERASING_DUE),), 5),
    "a lease after erasing": Way(erased, "sync", ((S.ERASED, E.LEASE_GRANTED),), 10),
    "an order before the digits": Way(with_order(awaiting), "accept", ((S.AWAITING, E.ORDER_VERIFIED), *_WIPE), 8),
    "an order to an open phone": Way(with_order(opened), "accept", ((S.OPEN, E.ORDER_VERIFIED), *_WIPE), 8),
    "an order to a locked phone": Way(with_order(locked), "accept", ((S.LOCKED, E.ORDER_VERIFIED), *_WIPE), 8),
    "an order to an erased phone": Way(with_order(erased), "accept", ((S.ERASED, E.ORDER_VERIFIED), *_WIPE), 6),
    "handing in to the end": Way(
        cleared,
        "sync",
        (
            (S.CLEARED, E.OUTBOX_HANDED_IN),
            (S.DRAINED, E.RECEIPT_ACKNOWLEDGED),
            (S.ACKNOWLEDGED, E.DEVICE_KEY_DESTROYED),
        ),
        10,
    ),
}


def test_no_row_of_the_table_lacks_a_way() -> None:
    """Who adds a row adds how it is reached."""
    assert {row for way in WAYS.values() for row in way.rows} == set(TRANSITIONS)


@pytest.mark.parametrize("name", WAYS)
def test_a_transition_killed_before_every_write_finishes_right(world: World, killer: Killer, name: str) -> None:
    """What a kill leaves is the state before or the state after; the next process goes on to the same end, and every
    pending visit arrives once.
    """
    way = WAYS[name]
    way.prepare(world)
    has_order = (world.directory / "phone" / "scanned").exists()
    pending = [] if way.prepare is awaiting or name == "an order before the digits" else PENDING
    seen = [left_in(world.directory / "phone")]
    had_replica = (world.directory / "phone" / "replica.db").exists()

    def check(replica: Replica, is_done: bool) -> None:
        if is_done:
            seen.append(left_in(replica._device.places.directory))
        finish(world, replica, pending, has_order=has_order)

    kill_everywhere(
        world,
        killer,
        way.act,
        check,
        least=way.least,
        coarse=way.act == "sync",
        look=lambda path: seen.append(look_at(path, had_replica)),
    )
    taken = {(one.state, other.state) for one, other in pairwise(seen)}
    for row in way.rows:
        assert (row[0], TRANSITIONS[row]) in taken, f"{row} was not taken"
    if way.rows[0][1] is Event.LEASE_GRANTED:
        assert len({one.issued for one in seen}) == 2, "no lease was granted on the way"
    order = list(State)
    states = [one.state for one in seen]
    assert has_order is False or states == sorted(states, key=order.index), "an order is never gone back on"


def finish(world: World, replica: Replica, pending: list[str], *, has_order: bool) -> None:
    """Carry on as a phone would, and see that the end is right."""
    directory = replica._device.places.directory
    if not answers_calls(replica.status().state):
        with pytest.raises((NotConfirmed, ReplicaLocked, ReplicaWiped)):
            replica.outlets.list()
        assert found_plain(directory, WORDS) == found_with_keys(directory, WORDS) == set()
    assert replica.status().pending <= len(pending)
    if has_order:
        replica.accept((directory / "scanned").read_bytes())
    replica.sync()
    report = replica.sync()
    assert replica.status().pending == 0
    if not has_order:
        assert report.verified
        assert sorted(one.notes for one in replica.all(Visit)) == pending
        return
    device = world.device(replica)
    bodies = [body for rows in device.handed_in.values() for body in rows]
    assert len({decode(body, Operation).id for body in bodies}) == len(bodies) == len(pending)
    assert {name[16:] for name in device.receipts} == {b"told", b"locked", b"drained", b"wiped"}
    assert (report.ended, replica.status().state) == ("wiped", State.WIPED)
    assert found_plain(directory, WORDS) == found_with_keys(directory, WORDS) == set()

"""Once: no operation is lost and none applied twice, whatever happens to phone, server and answers."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.codec import DecodeError, decode, encode
from sync.outbox import Known, Told, Verdict, judge
from tests.sync.builders import quick
from tests.sync.exchange import Phone, Server, settle


def _synced(pieces: int) -> tuple[Phone, Server]:
    phone, server = Phone().log(pieces), Server()
    assert phone.sync(server) is Verdict.GO_ON
    return phone, server


def test_new_operations_go_in_once() -> None:
    """Numbers rise without gaps, and the acknowledged one is the last."""
    phone, server = _synced(3)
    phone.log(2).sync(server)
    assert (phone.acknowledged, server.applied) == (5, phone.bodies)


def test_a_lost_answer_is_a_repeat() -> None:
    """The phone sends the same again, with or without more; nothing is applied twice."""
    phone, server = _synced(3)
    phone.log(2)
    server.answer(phone.told(), phone.pending())
    phone.log(1)
    assert phone.sync(server) is Verdict.GO_ON
    assert (phone.acknowledged, server.applied) == (6, phone.bodies)


def test_a_lost_answer_to_a_partial_batch_is_a_repeat() -> None:
    """The repeat may end before what is acknowledged already, and goes on from there."""
    phone, server = _synced(1)
    phone.log(9)
    for _ in range(3):
        server.answer(phone.told(), phone.pending(6))
    assert phone.sync(server, 2) is Verdict.GO_ON
    settle(phone, server, 2)
    assert server.applied == phone.bodies


def test_nothing_new_is_nothing_to_judge() -> None:
    """A phone that only asks goes on."""
    phone, server = _synced(3)
    assert phone.sync(server) is Verdict.GO_ON


@pytest.mark.parametrize("later", [0, 5, 10, 15], ids=lambda later: f"{later} more")
@pytest.mark.parametrize("most", [1000, 3])
def test_a_phone_restored_from_a_copy_loses_nothing(later: int, most: int) -> None:
    """Copied at 10, gone on to 20, put back, and new work logged: fewer, as many, or more than were lost."""
    phone, server = _synced(10)
    copy = phone.copy()
    phone.log(10).sync(server)
    copy.log(later)
    if most > later:
        assert copy.sync(server, most) is Verdict.FORK
    settle(copy, server, most)
    assert copy.logged <= set(server.applied)
    assert len(server.applied) == len(set(server.applied)) == 20 + later


def test_a_copy_with_pending_work_sends_it_as_duplicates() -> None:
    """What the copy shares with the original keeps its ids, so it is known."""
    phone, server = _synced(5)
    copy = phone.log(3).copy()
    phone.log(4).sync(server)
    settle(copy.log(6), server, 2)
    assert len(server.applied) == 5 + 3 + 4 + 6


def test_an_acknowledgement_of_another_history_is_not_believed() -> None:
    """A copy that tells more than was confirmed but sends nothing yet is answered with a number that is not its
    own: the hash beside it shows that, and the phone keeps its work.
    """
    phone, server = _synced(10)
    copy = phone.copy().log(15)
    phone.log(10).sync(server)
    answered = server.answer(copy.told(), [])
    assert (answered.verdict, answered.acknowledged) == (Verdict.GO_ON, 20)
    copy.hear(answered)
    settle(copy, server)
    assert copy.logged <= set(server.applied)


def test_a_clone_is_a_fork_and_the_original_is_not() -> None:
    """Two phones with one outbox: whoever comes second with other work is sent away."""
    phone, server = _synced(4)
    clone = phone.copy().log(2)
    phone.log(2).sync(server)
    assert clone.sync(server) is Verdict.FORK
    assert phone.log(1).sync(server) is Verdict.GO_ON
    settle(clone, server)
    assert len(server.applied) == 4 + 2 + 1 + 2


def test_a_fork_changes_nothing_on_the_server() -> None:
    """A request that was held up on its way and arrives after newer ones looks like a copy, and does no harm."""
    phone, server = _synced(4)
    late = phone.told()
    phone.log(2).sync(server)
    before = dict(server.known)
    assert server.answer(late, []).verdict is Verdict.FORK
    assert server.known == before
    assert phone.log(1).sync(server) is Verdict.GO_ON


def test_the_outbox_that_was_told_of_is_remembered() -> None:
    """Falling behind what was only announced, not yet sent, is going back all the same."""
    phone, server = _synced(2)
    copy = phone.copy()
    phone.log(5)
    server.answer(phone.told(), phone.pending(1))
    assert copy.log(2).sync(server) is Verdict.FORK


def test_a_server_that_was_restored_asks_again() -> None:
    """Acknowledged operations that the server lost are sent again from its number."""
    phone, server = _synced(6)
    backup = Server()
    backup.known, backup.applied = dict(server.known), list(server.applied)
    phone.log(4).sync(server)
    assert phone.sync(backup) is Verdict.RESEND
    assert phone.acknowledged == 6
    settle(phone, backup)
    assert backup.applied == phone.bodies


def test_a_server_that_never_heard_of_the_outbox_asks_for_all_of_it() -> None:
    """Restored to before the outbox began."""
    phone, _ = _synced(6)
    empty = Server()
    assert phone.sync(empty) is Verdict.RESEND
    settle(phone, empty)
    assert empty.applied == phone.bodies


def test_a_number_at_or_below_the_acknowledged_one_with_an_unknown_id_is_a_fork() -> None:
    """`judge` cannot see it in a short batch, since the hash at the acknowledged number is not reached: ids do."""
    phone, server = _synced(10)
    copy = phone.copy().log(15)
    phone.log(10).sync(server)
    assert judge(copy.told(), copy.pending(3), server.known[copy.id]) is Verdict.GO_ON
    assert server.answer(copy.told(), copy.pending(3)).verdict is Verdict.FORK


def test_the_hash_at_the_acknowledged_number_is_compared_as_soon_as_it_is_reached() -> None:
    """Also where what was told of lies further on, and the batch ends before that."""
    phone, server = _synced(10)
    copy = phone.copy().log(40)
    phone.log(20)
    server.answer(phone.told(), phone.pending(10))
    assert server.known[phone.id].last == 30
    assert judge(copy.told(), copy.pending(9), server.known[copy.id]) is Verdict.GO_ON
    assert judge(copy.told(), copy.pending(10), server.known[copy.id]) is Verdict.FORK


HASH = b"h" * 16


@pytest.mark.parametrize(
    ("told", "bodies", "known", "verdict"),
    [
        ({}, 0, {}, Verdict.GO_ON),
        ({"last": 2, "last_hash": HASH}, 0, {}, Verdict.GO_ON),
        ({"last": 2, "last_hash": HASH}, 2, {}, Verdict.FORK),
        ({"last": 1}, 2, {}, Verdict.FORK),
        ({"acknowledged": 1, "hash": HASH, "last": 0}, 0, {"acknowledged": 1, "hash": HASH}, Verdict.FORK),
        (
            {"acknowledged": 1, "hash": HASH, "last": 1, "last_hash": HASH},
            0,
            {"acknowledged": 1, "hash": b"o" * 16, "last": 1, "last_hash": b"o" * 16},
            Verdict.FORK,
        ),
        ({"acknowledged": 1, "hash": HASH, "last": 1, "last_hash": HASH}, 0, {}, Verdict.RESEND),
        ({"last": 3, "last_hash": HASH}, 0, {"last": 3, "last_hash": b"o" * 16}, Verdict.FORK),
        ({"last": 2, "last_hash": HASH}, 0, {"last": 3, "last_hash": HASH}, Verdict.FORK),
        ({"last": 3, "last_hash": HASH}, 0, {"acknowledged": 3, "hash": HASH, "last": 3}, Verdict.FORK),
    ],
)
def test_what_is_said_is_compared_with_what_is_on_record(
    told: dict[str, Any], bodies: int, known: dict[str, Any], verdict: Verdict
) -> None:
    """Numbers that go back, ends before what is sent, and hashes that differ, one by one."""
    assert judge(Told(b"o" * 16, **told), [b"x"] * bodies, Known(**known)) is verdict


@pytest.mark.parametrize(
    "change", [{"id": b"short"}, {"hash": b""}, {"last": -1}, {"acknowledged": 1 << 60}, {"last_hash": bytes(17)}]
)
def test_an_outbox_that_cannot_be_is_refused_on_reading(change: dict[str, Any]) -> None:
    """Ids and hashes are 16 bytes, numbers are none below nothing: the server stores them as they are."""
    with pytest.raises(DecodeError):
        decode(encode(msgspec.structs.replace(Told(b"o" * 16), **change)), Told)


ACTIONS = st.one_of(
    st.tuples(st.just("log"), st.integers(1, 4)),
    st.tuples(st.just("sync"), st.sampled_from([0, 1, 2, 1000])),
    st.tuples(st.just("lose"), st.sampled_from([0, 1, 2, 1000])),
    st.tuples(st.sampled_from(["copy", "restore", "clone", "save", "rewind"]), st.just(0)),
)


class _World:
    """A phone, its backup, a clone, a server and the server's backup."""

    def __init__(self) -> None:
        self.phone, self.copy, self.clones = Phone(), Phone(), list[Phone]()
        self.server, self.saved = Server(), Server()

    def act(self, what: str, much: int) -> None:
        match what:
            case "log":
                self.phone.log(much)
            case "sync":
                self.phone.sync(self.server, much)
            case "lose":
                self.server.answer(self.phone.told(), self.phone.pending(much))
            case "copy":
                self.copy = self.phone.copy()
            case "restore":
                self.phone = self.copy.copy()
            case _:
                self._elsewhere(what)

    def _elsewhere(self, what: str) -> None:
        if what == "clone":
            self.clones.append(self.phone.copy().log(1))
        elif what == "save":
            self.saved.known, self.saved.applied = dict(self.server.known), list(self.server.applied)
        else:
            self.server.known, self.server.applied = dict(self.saved.known), list(self.saved.applied)


@quick
@given(st.lists(ACTIONS, max_size=25), st.sampled_from([1, 3, 1000]))
def test_whatever_happens_all_work_that_is_left_arrives_once(actions: list[tuple[str, int]], most: int) -> None:
    """Lost answers, partial batches, copies put back, clones: what a phone holds at the end is applied, once."""
    world = _World()
    for what, much in actions:
        if what != "rewind":
            world.act(what, much)
    for phone in (world.phone, *world.clones):
        settle(phone, world.server, most)
    assert len(world.server.applied) == len(set(world.server.applied))
    for phone in (world.phone, *world.clones):
        assert phone.logged <= set(world.server.applied)


@quick
@given(st.lists(ACTIONS, max_size=25))
def test_a_restored_server_gets_back_what_the_phone_still_has(actions: list[tuple[str, int]]) -> None:
    """Without copies and clones: after any number of restores of the server, everything arrives, once."""
    world = _World()
    for what, much in actions:
        if what not in {"copy", "restore", "clone"}:
            world.act(what, much)
    settle(world.phone, world.server)
    assert sorted(world.server.applied) == sorted(world.phone.bodies)

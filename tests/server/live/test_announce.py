"""Streams are told what changed for them, once, and never hold anybody up."""

from __future__ import annotations

import asyncio
from uuid import UUID

from server.live.announce import BYE, ORDER, STREAMS_OF_A_DEVICE, Announcer, Sight, Stream, Word

DEVICE, OTHER = UUID(int=1), UUID(int=2)


async def words(stream: Stream) -> list[Word]:
    """The words that are owed now."""
    return await stream.words(0)


async def test_a_stream_is_told_of_its_own_scopes_alone() -> None:
    """A mark that moved is told by its scope's name; what another device sees is not its business."""
    announcer = Announcer()
    mine, theirs = announcer.open(DEVICE, {"a": 1, "b": 1}), announcer.open(OTHER, {"c": 1})
    announcer.look({DEVICE: Sight({"a": 2, "b": 1}), OTHER: Sight({"c": 1})})
    assert await words(mine) == [("changed", "a")]
    assert await words(theirs) == []


async def test_a_change_is_told_once() -> None:
    """Looking again at the same marks tells nothing again."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    for _ in range(3):
        announcer.look({DEVICE: Sight({"a": 2})})
    assert await words(stream) == [("changed", "a")]
    announcer.look({DEVICE: Sight({"a": 2})})
    assert await words(stream) == []


async def test_a_scope_that_comes_or_goes_is_told() -> None:
    """Both are a reason to sync: there is something to fetch, or to evict."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"old": 5})
    announcer.look({DEVICE: Sight({"new": 0})})
    assert await words(stream) == [("changed", "new"), ("changed", "old")]


async def test_many_changes_of_one_scope_become_one_word() -> None:
    """A stream that is slow to take its words owes as many as there are scopes and no more."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 0, "b": 0})
    for mark in range(1, 10_000):
        announcer.look({DEVICE: Sight({"a": mark, "b": mark})})
    assert await words(stream) == [("changed", "a"), ("changed", "b")]


async def test_an_order_is_told_at_once_and_once() -> None:
    """By announcement or by looking, whichever comes first; then the stream is over."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    announcer.announce_orders([DEVICE, OTHER])
    assert await words(stream) == [ORDER]
    announcer.look({DEVICE: Sight({}, is_over=True, is_ordered=True)})
    assert await words(stream) == [("changed", "a"), BYE]


async def test_an_order_that_was_only_announced_follows_whole_and_once() -> None:
    """The look brings what the announcement could not; two looks bring it once, two orders are two words."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {})
    announcer.announce_orders([DEVICE])
    for _ in range(2):
        announcer.look({DEVICE: Sight({}, is_ordered=True, orders=("aa", "bb"))})
    assert await words(stream) == [ORDER, ("order", "aa"), ("order", "bb")]


async def test_a_waiting_stream_wakes_when_told() -> None:
    """It does not wait for its ping."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    waiting = asyncio.create_task(stream.words(300))
    await asyncio.sleep(0)
    announcer.look({DEVICE: Sight({"a": 2})})
    assert await asyncio.wait_for(waiting, 30) == [("changed", "a")]


async def test_a_device_has_few_streams() -> None:
    """One more ends the oldest, as when a phone lost its connection without a word."""
    announcer = Announcer()
    streams = [announcer.open(DEVICE, {}) for _ in range(STREAMS_OF_A_DEVICE + 1)]
    assert await words(streams[0]) == [BYE]
    assert await words(streams[1]) == []
    assert len(announcer) == STREAMS_OF_A_DEVICE + 1
    announcer.close(streams[0])
    announcer.close(streams[0])
    assert len(announcer) == STREAMS_OF_A_DEVICE


async def test_ending_ends_all_streams_and_those_to_come() -> None:
    """Nobody opens a stream into a server that is on its way out."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {})
    announcer.end()
    assert await words(stream) == [BYE]
    assert await words(announcer.open(OTHER, {})) == [BYE]


def test_without_streams_announcing_does_nothing() -> None:
    """In a command there is no loop and nobody to tell."""
    announcer = Announcer()
    announcer.announce(["a"])
    announcer.announce_orders([DEVICE])
    assert len(announcer) == 0
    assert not announcer.looked_for.is_set()


async def test_a_device_that_is_asking_is_told_what_its_answer_did_not_hold() -> None:
    """What the answer holds is not told again; what moved beyond it, and what another device has, is."""
    announcer = Announcer()
    stream, other = announcer.open(DEVICE, {"a": 1, "b": 1}), announcer.open(OTHER, {"a": 1})
    with announcer.asking(DEVICE):
        announcer.look({DEVICE: Sight({"a": 2, "b": 3}), OTHER: Sight({"a": 2})})
        assert await words(other) == [("changed", "a")]
        announcer.answered(DEVICE, {"a": 2, "b": 2, "not on the stream": 7})
    assert await words(stream) == [("changed", "b")]
    announcer.look({DEVICE: Sight({"a": 2, "b": 3})})
    assert await words(stream) == []


async def test_an_answer_that_comes_before_the_look_is_not_told_either() -> None:
    """The marks that it held are the ones that were seen; an older answer takes nothing back."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    announcer.answered(DEVICE, {"a": 3})
    announcer.answered(DEVICE, {"a": 2})
    announcer.look({DEVICE: Sight({"a": 3})})
    assert await words(stream) == []


async def test_an_order_does_not_wait_for_an_answer() -> None:
    """Nor does the end of the stream; what is said with them is all that is owed."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    with announcer.asking(DEVICE):
        waiting = asyncio.create_task(stream.words(300))
        announcer.look({DEVICE: Sight({"a": 2})})
        await asyncio.sleep(0)
        assert not waiting.done()
        announcer.announce_orders([DEVICE])
        assert await asyncio.wait_for(waiting, 30) == [("changed", "a"), ORDER]


async def test_words_that_an_answer_held_up_are_rung_for_after_it() -> None:
    """An answer that failed held nothing."""
    announcer = Announcer()
    stream = announcer.open(DEVICE, {"a": 1})
    waiting = asyncio.create_task(stream.words(300))
    with announcer.asking(DEVICE):
        announcer.look({DEVICE: Sight({"a": 2})})
        await asyncio.sleep(0)
        assert not waiting.done()
    assert await asyncio.wait_for(waiting, 30) == [("changed", "a")]


def test_what_is_announced_is_looked_at_where_it_is() -> None:
    """The devices with one of the scopes, those that are named, or all of them; each time once."""
    announcer = Announcer()
    for device, seen in ((DEVICE, {"a": 1}), (OTHER, {"b": 1})):
        announcer.open(device, seen)
    announcer.announce(["a", "c"])
    assert announcer.take_due(whole=False) == (DEVICE,)
    announcer.look_at(OTHER)
    assert announcer.take_due(whole=False) == (OTHER,)
    assert announcer.take_due(whole=False) == ()
    announcer.announce(["a"])
    announcer.heard()
    assert announcer.take_due(whole=True) == (DEVICE, OTHER)
    assert (announcer.take_due(whole=False), announcer.is_all_due) == ((), False)

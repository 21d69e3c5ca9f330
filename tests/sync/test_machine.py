"""The life of a replica: every state can be left, an order is obeyed wherever it matters, and a kill costs nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import pytest

from sync.machine import OWED, TRANSITIONS, Event, Instruction, State, after, answers_calls

ENDS_WITH = {
    Instruction.ASK_FOR_LEASE: Event.LEASE_GRANTED,
    Instruction.DESTROY_DEVICE_SHARE: Event.SHARE_DESTROYED,
    Instruction.REMOVE_REPLICA_FILES: Event.FILES_REMOVED,
    Instruction.HAND_IN_OUTBOX: Event.OUTBOX_HANDED_IN,
    Instruction.SEND_FINAL_RECEIPT: Event.RECEIPT_ACKNOWLEDGED,
    Instruction.DESTROY_DEVICE_KEY: Event.DEVICE_KEY_DESTROYED,
}
"""The event that says that an instruction is done; the others end with none."""

BEFORE_AN_ORDER = (State.AWAITING, State.OPEN, State.LOCKED, State.ERASED)
WIPING = (State.ORDERED, State.SHARELESS, State.CLEARED, State.DRAINED, State.ACKNOWLEDGED)
DESTROYS = {
    Instruction.ERASE_LEASE_SHARE: "lease share",
    Instruction.DESTROY_DEVICE_SHARE: "device share",
    Instruction.REMOVE_REPLICA_FILES: "files",
    Instruction.DESTROY_DEVICE_KEY: "device key",
}


@pytest.mark.parametrize("state", State)
def test_every_state_owes_something_or_rests(state: State) -> None:
    """Open and wiped rest; every other state knows what it has to do."""
    assert bool(OWED[state]) == (state not in {State.OPEN, State.WIPED})


@pytest.mark.parametrize("state", [state for state in State if OWED[state]])
def test_what_a_state_owes_leads_out_of_it(state: State) -> None:
    """One of the instructions ends with an event that moves the state on, so no state is for ever."""
    events = [ENDS_WITH[owed] for owed in OWED[state] if owed in ENDS_WITH]
    assert any(after(state, event) not in {None, state} for event in events)


@pytest.mark.parametrize("state", BEFORE_AN_ORDER)
def test_an_order_is_obeyed_from_every_state_that_can_open_or_hand_in(state: State) -> None:
    """Awaiting, open, locked or erased."""
    assert after(state, Event.ORDER_VERIFIED) is State.ORDERED


@pytest.mark.parametrize("state", [*WIPING, State.WIPED])
@pytest.mark.parametrize("event", [Event.ORDER_VERIFIED, Event.LEASE_GRANTED, Event.LEASE_LAPSED, Event.ERASING_DUE])
def test_nothing_turns_a_wipe_back(state: State, event: Event) -> None:
    """The order again, or a lease that was still on its way, are passed over once a wipe has begun."""
    assert after(state, event) is None


@pytest.mark.parametrize("event", Event)
def test_from_wiped_nothing_follows(event: Event) -> None:
    """The end is the end."""
    assert after(State.WIPED, event) is None


def test_only_an_open_replica_answers_calls() -> None:
    """From the moment an order is stored, no process serves a call."""
    assert [state for state in State if answers_calls(state)] == [State.OPEN]


def test_every_transition_is_between_known_states() -> None:
    """The table has no state that owes nothing by oversight, and no event that moves nothing."""
    assert set(OWED) == set(State)
    assert {event for _, event in TRANSITIONS} == set(Event)
    reached = {State.AWAITING, *TRANSITIONS.values()}
    assert reached == set(State)


def test_a_lapse_can_be_undone_and_an_erasure_begins_anew() -> None:
    """Locking is undone by a renewal; after an erasure the next lease opens a new replica."""
    assert after(State.LOCKED, Event.LEASE_GRANTED) is State.OPEN
    assert Instruction.DESTROY_DEVICE_SHARE not in OWED[State.LOCKED]
    assert Instruction.DESTROY_DEVICE_SHARE in OWED[State.ERASED]
    assert OWED[State.ERASED][-1] is Instruction.ASK_FOR_LEASE


class _Disk:
    """What a phone has on disk: its stored state, and what has been destroyed, in order."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.gone: list[str] = []

    def steps(self) -> Iterator[None]:
        """Perform what is owed until nothing is; a kill may come at each yield."""
        while OWED[self.state]:
            for owed in OWED[self.state]:
                yield
                self._perform(owed)
                yield
                moved = after(self.state, ENDS_WITH[owed]) if owed in ENDS_WITH else None
                if moved not in {None, self.state}:
                    self.state = moved or self.state
                    break

    def _perform(self, owed: Instruction) -> None:
        if owed in DESTROYS and DESTROYS[owed] not in self.gone:
            self.gone.append(DESTROYS[owed])


@pytest.mark.parametrize("state", BEFORE_AN_ORDER)
@pytest.mark.parametrize("seed", range(20))
def test_a_walk_with_kills_ends_wiped(state: State, seed: int) -> None:
    """Killed again and again and started from what is stored each time: it ends, in one order of destruction."""
    draw = random.Random(seed)
    disk = _Disk(after(state, Event.ORDER_VERIFIED) or state)
    kills = 0
    while disk.state is not State.WIPED:
        for _ in islice(disk.steps(), draw.randint(1, 15)):
            assert not answers_calls(disk.state)
        kills += 1
        assert kills < 500, f"seed {seed}"
    assert disk.gone == ["device share", "lease share", "files", "device key"]


def test_a_kill_at_every_single_step_ends_wiped() -> None:
    """One kill at each place in turn: the second start finishes what the first began."""
    total = sum(1 for _ in _Disk(State.ORDERED).steps())
    for at in range(total):
        disk = _Disk(State.ORDERED)
        assert sum(1 for _ in islice(disk.steps(), at)) == at
        for _ in disk.steps():
            assert not answers_calls(disk.state)
        assert disk.state is State.WIPED
        assert disk.gone == ["device share", "lease share", "files", "device key"]

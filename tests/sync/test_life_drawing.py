"""`docs/replica-life.svg` is what the table of states draws, whole and in both languages."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from sync.machine import OWED, TRANSITIONS, Event, Instruction, State
from tests.sync import life_drawing
from tests.sync.life_drawing import EVENTS, INSTRUCTIONS, PATH, STATES, drawing

_SVG = "{http://www.w3.org/2000/svg}"


def words() -> list[str]:
    """Every piece of text in the picture."""
    return [one.text or "" for one in ET.fromstring(drawing()).iter(f"{_SVG}text")]  # noqa: S314  # our own drawing


def test_the_committed_picture_is_what_the_table_draws() -> None:
    """After a change of the table: `python -m tests.sync.life_drawing`."""
    assert PATH.read_text("utf-8") == drawing()


def test_every_state_and_all_that_it_owes_is_in_the_picture() -> None:
    """By both names; what is owed as often as the table has it."""
    shown = words()
    for state in State:
        assert [shown.count(word) for word in STATES[state]] == [1, 1]
    for instruction in Instruction:
        owed = sum(owes.count(instruction) for owes in OWED.values())
        assert [shown.count(word) for word in INSTRUCTIONS[instruction]] == [owed, owed]


def test_every_way_from_state_to_state_is_an_arrow() -> None:
    """One line for each row of the table; those of an order share the one that leads to it, and its word."""
    lines = [one for one in ET.fromstring(drawing()).iter(f"{_SVG}path") if "arrow" in one.get("class", "")]  # noqa: S314
    assert len(lines) == len(TRANSITIONS) + 1
    shown = words()
    for event in Event:
        rows = 1 if event is Event.ORDER_VERIFIED else sum(one is event for _, one in TRANSITIONS)
        assert shown.count(EVENTS[event][0]) == rows


def test_an_arrow_without_room_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that the two columns cannot show is told, not passed over."""
    back = {(State.DRAINED, Event.LEASE_GRANTED): State.CLEARED, (State.CLEARED, Event.LEASE_LAPSED): State.WIPED}
    monkeypatch.setattr(life_drawing, "TRANSITIONS", TRANSITIONS | back)
    with pytest.raises(ValueError, match="no room"):
        drawing()

"""Merging, case by case: `fixtures/merge/` holds what must come out, in words and in values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sync.codec import plain
from sync.outcomes import OutcomeCode
from tests.source import ROOT
from tests.sync.merging import Merging, arrivals, asked_of, refusal_of, start

CASES = sorted((ROOT / "fixtures" / "merge").glob("*.json"))
EVERY = pytest.mark.parametrize("path", CASES, ids=lambda one: one.stem)


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _took(world: Merging, collection: str, written: dict[str, Any]) -> dict[str, Any]:
    reason = refusal_of(collection, written["changes"])
    if reason:
        return {"outcome": "refused", "reason": reason}
    merged = world.take(asked_of(collection, written))
    return {"outcome": merged.code.value, "lost": plain(merged.lost), "proposed": plain(merged.proposed)}


@EVERY
def test_a_case_comes_out_as_it_is_written(path: Path) -> None:
    """Outcome, what was lost, what is proposed, and the record at the end."""
    case = _read(path)
    world = start(case["collection"], case["record"])
    for written in case["operations"]:
        found = _took(world, case["collection"], written)
        expected = {name: written[name] for name in found if name in written}
        assert {name: found[name] for name in expected} == expected, written
    assert {field: world.value(field) for field in case["result"]} == case["result"]


@pytest.mark.parametrize("path", [one for one in CASES if _read(one).get("any_order")], ids=lambda one: one.stem)
def test_the_order_of_arrival_does_not_matter(path: Path) -> None:
    """Where a case says so, every order that keeps each outbox in order ends with the same values."""
    case = _read(path)
    asked = [asked_of(case["collection"], written) for written in case["operations"]]
    for order in arrivals(asked):
        world = start(case["collection"], case["record"]).take_all(order)
        assert {field: world.value(field) for field in case["result"]} == case["result"], order


def test_every_outcome_occurs() -> None:
    """No outcome is without a case."""
    found = {written["outcome"] for path in CASES for written in _read(path)["operations"]}
    assert found == {code.value for code in OutcomeCode}


@EVERY
def test_a_case_states_its_rule(path: Path) -> None:
    """A case can be read without the code."""
    assert _read(path)["rule"].endswith(".")

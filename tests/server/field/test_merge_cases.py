"""Merging outlets, case by case: `fixtures/merge/aliases/` holds what must come out on the server, in either store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from server.field.merging import merge, undo
from server.master.actors import Actor
from server.master.audit import audit
from server.master.store import Store
from server.master.verify import verify
from server.ports import Sources
from sync import scopes
from sync.codec import plain
from sync.operations import Act
from sync.outcomes import Outcome
from tests.server.desk import Desk
from tests.source import ROOT

CASES = sorted((ROOT / "fixtures" / "merge" / "aliases").glob("*.json"))
EVERY = pytest.mark.parametrize("path", CASES, ids=lambda one: one.stem)
_STOOD = {"stays": "east", "goes": "west", "third": "east"}
_MINUTE = 60_000


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


class _Town:
    """The outlets of a case by their names, and who acts: A and B work in both territories, W in the west alone."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.start = desk, desk.now
        self.outlets: dict[str, UUID] = {}
        self.places = {"east": desk.east, "west": desk.west}

    def actor(self, name: str) -> Actor:
        """Whose outbox that is."""
        places = [self.desk.west] if name == "W" else [self.desk.east, self.desk.west]
        return self.desk.rep(self.desk.wang, *places, origin=name.encode() * 16)

    async def open(self, case: dict[str, Any]) -> None:
        """The outlets as they stand before, by an import."""
        for name, place in _STOOD.items():
            if name in case:
                fields = {of: {"add": one} if isinstance(one, list) else one for of, one in case[name].items()}
                made = await self.desk.register(self.desk.manager(), self.places[place], name, **fields)
                self.outlets[name] = made

    async def take(self, step: dict[str, Any]) -> Outcome | None:
        """One step: a merge or its undoing at that minute, or an edit that was made then and arrives now."""
        at = self.start + step["at"] * _MINUTE
        self.desk.now = max(self.desk.now, at)
        if "edit" in step:
            outlet, changes = self.outlets[step["edit"]], step["changes"]
            edit = self.desk.operation(Act.EDIT, "outlet", outlet, base=step["base"], **changes)
            return (await self.desk.submit(self.actor(step["by"]), edit, at=at))[0]
        sources = Sources(lambda: self.desk.now, self.desk.random.randbytes)
        async with self.desk.store.write() as tx:
            if "undo" in step:
                await undo(tx, sources, self.outlets[step["undo"]], reason="是两家")
            else:
                gone, into = self.outlets[step["merge"]], self.outlets[step["into"]]
                await merge(tx, sources, gone, into, reason="同一家", taken=step.get("taken", ()))
        return None

    async def found(self) -> dict[UUID, Any]:
        """All records of both territories."""
        found = [await self.desk.records(scopes.territory(one)) for one in self.places.values()]
        return found[0] | found[1]


def _value(value: Any) -> Any:
    """A field as a case has it: elements of a set are in no order."""
    return sorted(plain(value)) if isinstance(value, tuple) else plain(value)


@EVERY
async def test_a_case_comes_out_as_it_is_written(store: Store, path: Path) -> None:
    """Outcomes, what was lost, and both outlets at the end; the store and its journal hold."""
    case, town = _read(path), _Town(await Desk(store).open())
    await town.open(case)
    for step in case["steps"]:
        outcome = await town.take(step)
        if outcome is not None:
            assert outcome.code.value == step["outcome"], step
            assert outcome.reason == step.get("reason", ""), step
        if outcome is not None and "lost" in step:
            lost = [{name: one[name] for name in ("field", "value", "ours")} for one in plain(outcome.lost)]
            assert lost == step["lost"], step
    found = await town.found()
    for name, fields in case["result"].items():
        outlet = found[town.outlets[name]]
        assert {field: _value(getattr(outlet, field)) for field in fields} == fields, name
    async with store.read() as tx:
        assert await audit(tx) == []
        assert (await verify(tx, [])).is_sound


@EVERY
def test_a_case_states_its_rule(path: Path) -> None:
    """A case can be read without the code."""
    assert _read(path)["rule"].endswith(".")

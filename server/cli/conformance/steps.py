"""The steps of a check: each has a name, is timed, and says what it saw. The first that fails ends the check."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from server.cli.errors import failure_of
from server.cli.talk import Failure, Talk

__all__ = ["Broken", "Step", "Steps"]


class Step(msgspec.Struct, frozen=True):
    """One step that held: how long it took in milliseconds, and what was seen in it."""

    step: str
    ms: int
    facts: dict[str, Any]


class Broken(Exception):
    """Raised by the step that fails: its name, and the failure that says what is wrong and what to do."""

    def __init__(self, step: str, failure: Failure) -> None:
        super().__init__(f"{step}: {failure}")
        self.step, self.failure = step, failure


class Steps:
    """Runs steps and keeps those that held, in `done`."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self.done: list[Step] = []

    @contextmanager
    def step(self, name: str, zh: str, en: str) -> Iterator[dict[str, Any]]:
        """One step; what it saw goes into the dictionary that it is given. Raises Broken."""
        facts: dict[str, Any] = {}
        began = time.monotonic()
        try:
            yield facts
        except Exception as error:
            failure = failure_of(error)
            self._talk.say(f"✗ {zh}：{failure.zh}", f"✗ {en}: {failure.en}")
            raise Broken(name, failure) from error
        self._keep(Step(name, round((time.monotonic() - began) * 1000), facts), zh, en)

    def _keep(self, step: Step, zh: str, en: str) -> None:
        self.done.append(step)
        seen = ", ".join(f"{name} {value}" for name, value in step.facts.items())
        self._talk.say(f"✓ {zh}（{step.ms} 毫秒） {seen}", f"✓ {en} ({step.ms} ms) {seen}")

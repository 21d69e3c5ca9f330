"""Each act by its name: who carries it out, and how what goes wrong is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from server.cli.sandbox import asked, moments, people, work
from server.cli.sandbox.asked import Act, Done
from server.cli.sandbox.sandbox import Sandbox

__all__ = ["carry_out"]


async def _fail(sandbox: Sandbox, act: asked.Fail) -> Done:
    return sandbox.weather.refuse_service(act)


async def _slow(sandbox: Sandbox, act: asked.Slow) -> Done:
    return await sandbox.weather.slow_down(act)


async def _cut(sandbox: Sandbox, act: asked.Cut) -> Done:
    return await sandbox.weather.cut(act)


async def _mend(sandbox: Sandbox, act: asked.Mend) -> Done:
    sandbox.waiting.wishes.clear()
    return await sandbox.weather.mend(act)


_ACTS: dict[type, Callable[[Sandbox, Any], Awaitable[Done]]] = {
    asked.People: people.show_people,
    asked.Code: people.make_code,
    asked.Confirm: people.confirm,
    asked.Lock: people.lock,
    asked.Unlock: people.unlock,
    asked.Wipe: people.wipe,
    asked.Refuse: work.refuse,
    asked.Conflict: work.conflict,
    asked.Fail: _fail,
    asked.Slow: _slow,
    asked.Cut: _cut,
    asked.Mend: _mend,
    asked.Clock: moments.set_clock,
    asked.Mark: moments.mark,
    asked.Restore: moments.restore,
    asked.State: moments.show_state,
}


async def carry_out(sandbox: Sandbox, act: Act) -> Done:
    """Do one act. Raises Failure, Refusal."""
    return await _ACTS[type(act)](sandbox, act)

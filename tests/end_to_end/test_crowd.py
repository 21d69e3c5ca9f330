"""A whole fleet comes back at the same moment, as after an outage: everybody is answered, and done in the end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.crowd import Caller, enrolled, peak_memory, talk
from tests.end_to_end.deployment import Deployment

SIZE = 1000
AT_ONCE = 16
BURST = 150
SPREAD = 2
MEMORY = 256 << 20


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """A company without anybody, its server down."""
    home = tmp_path / "home"
    home.mkdir()
    deployment = Deployment(home)
    deployment.environment |= {
        "SAOJIE_SYNCS_AT_ONCE": str(AT_ONCE), "SAOJIE_BUDGET_BURST": str(BURST), "SAOJIE_BUDGET_PER_MINUTE": "1",
    }  # fmt: skip
    deployment.command("init", "--company", "测试商贸", "--manager", "陈经理")
    yield deployment
    deployment.close()


async def together(callers: list[Caller], greedy: Caller, port: int) -> int:
    """All of them sync to the end while one asks for as much as it can and somebody looks whether the server is well.
    How often it was well.
    """
    async with asyncio.TaskGroup() as group:
        done = [group.create_task(one.sync()) for one in callers]
        spent = [group.create_task(greedy.post()) for _ in range(2 * BURST)]
        well = 0
        while not all(one.done() for one in [*done, *spent]):
            answer = await talk(port, "GET /healthz HTTP/1.1")
            assert answer.status == 200, answer
            well += 1
    assert all(caller.agrees(one.result()) for caller, one in zip(callers, done, strict=True))
    return well


@pytest.mark.timeout(900)
def test_a_thousand_devices_come_back_at_once(deployment: Deployment) -> None:
    """More than can be served at once are told when to come back, spread over seconds; all their work arrives once,
    each replica agrees with the store, and neither memory nor one who asks without end costs the others anything.
    """
    *callers, greedy = deployment.act(lambda means: enrolled(means, deployment.port, SIZE + 1))
    deployment.start()
    assert deployment.server is not None
    before = peak_memory(deployment.server.pid)
    well = asyncio.run(together(callers, greedy, deployment.port))
    answers = sum((one.answers for one in callers), Counter())
    waits = Counter(wait for one in callers for wait in one.waits)
    assert well
    assert answers[200] >= SIZE
    assert answers[429] > SIZE // 4
    assert len(waits) > SPREAD
    assert greedy.answers[200] <= BURST
    assert greedy.answers.total() == 2 * BURST
    assert peak_memory(deployment.server.pid) - before < MEMORY
    assert deployment.faults() == []

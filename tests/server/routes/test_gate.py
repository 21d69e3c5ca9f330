"""The gate: so many at once, a line in order, and whoever is sent away comes back when there is room."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from random import Random

import pytest

from server.routes.budget import Busy
from server.routes.gate import Crowded, Gate
from tests.server.routes.test_budget import Clock

MOST, LINE = 2, 32


def gate(clock: Clock | None = None, wait_s: float = 60) -> Gate:
    """A gate for two."""
    return Gate(MOST, clock or Clock(), Random(1).randbytes, wait_s)


async def settled() -> None:
    """Let all that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_so_many_are_inside_and_the_next_follow_in_order() -> None:
    """Leaving, by whatever way, lets the first in the line in."""
    door, came, leave = gate(), list[int](), [asyncio.Event() for _ in range(8)]

    async def visit(number: int) -> None:
        async with door.passed():
            came.append(number)
            await leave[number].wait()
            raise ZeroDivisionError

    visits = [asyncio.create_task(visit(number)) for number in range(8)]
    for number in range(8):
        await settled()
        assert came == list(range(min(number + MOST, 8)))
        leave[number].set()
    assert {type(one) for one in await asyncio.gather(*visits, return_exceptions=True)} == {ZeroDivisionError}


async def test_a_full_line_sends_away_and_a_slow_one_too() -> None:
    """Nobody stands in line for longer than the gate says, and whoever gives up leaves the place to the next."""
    door = gate()
    async with AsyncExitStack() as inside:
        for _ in range(MOST):
            await inside.enter_async_context(door.passed())
        line = [asyncio.create_task(inside_once(door)) for _ in range(LINE)]
        await settled()
        with pytest.raises(Crowded):
            await inside_once(door)
        for one in line[:5]:
            one.cancel()
        await settled()
        door.wait_s = 0
        with pytest.raises(Crowded):
            await inside_once(door)
    assert [await one for one in line[5:]] == [True] * (LINE - 5)
    assert await inside_once(door)


async def inside_once(door: Gate) -> bool:
    """Go in and out."""
    async with door.passed():
        return True


async def test_a_crowd_comes_back_over_the_time_that_it_takes_to_serve_it() -> None:
    """The more were sent away, and the longer each takes, the more their return is spread; never beyond two minutes."""
    clock = Clock()
    door = gate(clock)

    async def longest(times: int) -> int:
        waits = []
        async with AsyncExitStack() as inside:
            for _ in range(MOST):
                await inside.enter_async_context(door.passed())
            door.wait_s = 0
            for _ in range(times):
                with pytest.raises(Crowded) as told:
                    await inside_once(door)
                waits.append(told.value.wait_s)
        return max(waits)

    few = await longest(10)
    many = await longest(400)
    clock.now += 1_000_000
    assert few <= 6
    assert 20 < many <= 121
    assert await longest(10) <= 6
    assert await longest(10_000) == 121


def test_no_device_has_more_than_its_share() -> None:
    """The third at once of one device is told to wait; another device is not."""
    door = gate()
    with door.shared("a"), door.shared("a"), door.shared("b"):
        with pytest.raises(Busy), door.shared("a"):
            pass
        with door.shared("b"):
            pass
    with door.shared("a"):
        pass

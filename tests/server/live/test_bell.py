"""The bell between nodes, by PostgreSQL and by Redis: rung after a commit, heard by the others, back after a fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import text

from server.live.announce import Announcer
from server.live.bell import Bell, BellError, hear_on, ring_on
from server.live.redis_bell import RedisBell
from server.master.notify import PostgresBell
from server.master.store import Store
from tests.server.live.redis_server import RedisServer

WITHIN_S = 60


class Broker:
    """What carries the rings: it can fail under the nodes, and comes back."""

    def bell(self, node: str) -> Bell:
        """The bell of a node."""
        raise NotImplementedError

    async def fail(self) -> None:
        """Everybody's connection ends."""
        raise NotImplementedError

    async def come_back(self) -> None:
        """It is there again."""


@dataclass
class Postgres(Broker):
    """A database that ends the sessions of the bell."""

    store: Store

    def bell(self, node: str) -> Bell:
        return PostgresBell(self.store.url, node)

    async def fail(self) -> None:
        async with self.store.write() as tx:
            await tx.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'saojie bell' AND datname = current_database()"
                )
            )


@dataclass
class Redis(Broker):
    """A Redis that is killed."""

    server: RedisServer

    def bell(self, node: str) -> Bell:
        return RedisBell(self.server.url, node)

    async def fail(self) -> None:
        self.server.kill()

    async def come_back(self) -> None:
        await asyncio.to_thread(self.server.start)


@dataclass
class Node:
    """A node with its announcer, whose streams somebody else looks after, and what failed there."""

    bell: Bell
    announcer: Announcer = field(default_factory=Announcer)
    failed: list[Exception] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def run(self) -> Node:
        """Ring and listen, as a server does."""
        self.announcer.open(UUID(int=1), {})
        ringing = ring_on(self.announcer, self.bell, self.failed.append)
        hearing = hear_on(self.announcer, self.bell, self.failed.append, lambda: 0.1)
        self.tasks = [asyncio.create_task(ringing), asyncio.create_task(hearing)]
        return self

    async def looks(self) -> None:
        """Wait until it is time to look."""
        async with asyncio.timeout(WITHIN_S):
            await self.announcer.looked_for.wait()
        self.announcer.looked_for.clear()

    async def end(self) -> None:
        """End, as a server does."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.bell.close()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A Redis that runs."""
    server = RedisServer()
    yield server.start()
    server.kill()


@pytest.fixture(params=["postgresql", "redis"])
def broker(request: pytest.FixtureRequest) -> Broker:
    """Each kind."""
    if request.param == "redis":
        return Redis(request.getfixturevalue("redis"))
    return Postgres(request.getfixturevalue("postgres_store"))


@pytest.fixture
async def two(broker: Broker) -> AsyncIterator[tuple[Node, Node]]:
    """Two nodes that hear one another."""
    nodes = Node(broker.bell("a")).run(), Node(broker.bell("b")).run()
    for node in nodes:
        await node.looks()
    yield nodes
    for node in nodes:
        await node.end()


async def until(what: Callable[[], bool]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(WITHIN_S):
        while not what():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.01)


async def test_what_one_node_announces_the_other_looks_for(two: tuple[Node, Node]) -> None:
    """A commit on one node is heard on the other, which does not ring for it in its turn."""
    here, there = two
    here.announcer.announce(["company"])
    await there.looks()
    assert not there.announcer.untold.is_set()
    there.announcer.announce_orders([UUID(int=7)])
    here.announcer.looked_for.clear()
    await here.looks()
    assert here.failed == there.failed == []


async def test_a_node_does_not_hear_itself(two: tuple[Node, Node]) -> None:
    """It has looked already: its own ring is no reason to look again."""
    here, there = two
    here.announcer.announce(["company"])
    await there.looks()
    here.announcer.looked_for.clear()
    there.announcer.announce(["company"])
    await here.looks()
    here.announcer.announce(["company"])
    here.announcer.looked_for.clear()
    await there.looks()
    assert not here.announcer.looked_for.is_set()


async def test_many_announcements_are_few_rings(two: tuple[Node, Node]) -> None:
    """What is announced in one moment is told once."""
    here, there = two
    rings = 0
    ring = here.bell.ring

    async def counted() -> None:
        nonlocal rings
        rings += 1
        await ring()

    here.bell.ring = counted  # type: ignore[method-assign]
    for _ in range(1000):
        here.announcer.announce(["company"])
    await there.looks()
    await until(lambda: not here.announcer.untold.is_set())
    assert rings <= 2


async def test_after_a_fault_it_is_heard_again_and_looked_once(broker: Broker, two: tuple[Node, Node]) -> None:
    """A broker that fails costs nothing but speed: it is counted, and what was missed is looked for."""
    here, there = two
    await broker.fail()
    await until(lambda: bool(there.failed) and bool(here.failed))
    here.announcer.announce(["company"])
    await until(lambda: not here.announcer.untold.is_set())
    there.announcer.looked_for.clear()
    await broker.come_back()
    await there.looks()
    await here.looks()
    for _ in range(3):
        here.announcer.announce(["company"])
        await there.looks()


async def test_a_broker_that_is_not_there_is_no_fault_of_the_server() -> None:
    """Nothing is raised but BellError, whatever is configured."""
    for bell in (RedisBell("redis://127.0.0.1:1", "a"), PostgresBell("postgresql+asyncpg://x@127.0.0.1:1/x", "a")):
        with pytest.raises(BellError):
            await bell.ring()
        with pytest.raises(BellError):
            await bell.hear(lambda: None)
        await bell.close()

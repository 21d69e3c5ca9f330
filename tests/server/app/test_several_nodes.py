"""Regular jobs on several nodes at once: whatever each of them does comes to what one node would have done alone."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from server.app.compose import compose
from server.app.regular import JOBS, LONG, OUTWARD, PROMPT, TOGETHER
from server.departure.cutoff import cut_off
from server.departure.leaving import notice
from server.departure.leaving.wanted import Wanted
from server.master.audit import audit
from server.master.migrations.rooms import METADATA
from server.master.store import Store
from server.master.tables import journal_bodies
from server.master.verify import verify
from server.ports import Sources
from server.routes.context import Context
from sync.codec import decode
from tests.server.departure.post import web_server
from tests.server.routes.conftest import housed
from tests.server.routes.house import House

HOUR = 3_600_000
DAY = 24 * HOUR
ALL = (*TOGETHER, *PROMPT, *JOBS, *LONG, *OUTWARD)
BY_TIMING = {"checkpoints", "checkpoint_heads"}
"""Tables whose rows follow how jobs fell between one another: what they say is held against one another below."""


async def busy(house: House) -> None:
    """A company in which most jobs have something to do: somebody was cut off and their plan waits, somebody's last
    hour has come, orders hang, a night and days have passed.
    """
    leaver, heir, going = [await house.person(name) for name in ("周海波", "王强", "李明")]
    east, west = await house.territory("东", leaver, heir), await house.territory("西", going, heir)
    for place in (east, west):
        for number in range(20):
            await house.desk.register(house.desk.manager(), place.id, f"老张烟酒 {number}")
    for person in (leaver, going, heir):
        await (await house.phone(person)).sync()
    await rounds([house.context])
    async with house.store.write() as tx:
        await notice.give(tx, going.id, house.desk.now + HOUR, Wanted(heir.id), house.sources, reason="resigned")
    await cut_off(house.context.exchange.departure, leaver.id, "left", Wanted(heir.id))
    house.desk.now += 3 * DAY


async def rounds(nodes: Sequence[Context]) -> None:
    """Every job on every node, each at the same moment on all of them."""
    for job in ALL:
        await asyncio.gather(*(job.work(node) for node in nodes))


async def left_behind(store: Store) -> dict[str, object]:
    """What the store has: rows by table, and the journal by kind."""
    async with store.read() as tx:
        counted = {
            table.name: (await tx.execute(select(func.count()).select_from(table))).scalar_one()
            for table in METADATA.sorted_tables
            if table.name not in BY_TIMING
        }
        bodies = (await tx.execute(select(journal_bodies))).all()
        kinds = Counter(str(decode(bytes(one.body), list)[0]) for one in bodies)
    return {**counted, "kinds": dict(sorted(kinds.items()))}


def others(house: House, folder: Path, count: int) -> list[Context]:
    """More nodes of the same company: each a home of its own with the company's keys, and connections of its own."""
    made = []
    for number in range(count):
        home = folder / f"node-{number}"
        home.mkdir()
        shutil.copytree(house.settings.keys, home / "keys")
        sources = Sources(lambda: house.desk.now, Random(100 + number).randbytes)
        made.append(compose(replace(house.settings, home=home), sources, house.context.log))
    return made


async def test_all_jobs_on_three_nodes_at_once_do_each_thing_once(postgres_store: Store, tmp_path: Path) -> None:
    """Three nodes give every job its turn at the same moment, three times over: rows, journal and messages are those
    of one node that did it alone, the store is as it was written, and every node has the departures in its file.
    """
    pace = {"wipe_reminder_after": 2 * DAY}
    async with web_server() as post:
        async with housed(tmp_path / "alone", webhook_url=f"{post.url}/hook", **pace) as alone:
            await busy(alone)
            for _ in range(3):
                await rounds([alone.context])
            expected = await left_behind(alone.store)
        posts_alone = len(post.posts)
        hook = f"{post.url}/hook"
        async with housed(tmp_path / "first", database_url=postgres_store.url, webhook_url=hook, **pace) as first:
            await busy(first)
            nodes = [first.context, *others(first, tmp_path, 2)]
            for _ in range(3):
                await rounds(nodes)
            assert await left_behind(first.store) == expected
            assert posts_alone > 0
            assert len(post.posts) == 2 * posts_alone
            async with first.store.read() as tx:
                assert await audit(tx) == []
                assert (await verify(tx, first.context.keys.signing_public)).is_sound
            has = [len(node.exchange.departure.file.read()) for node in nodes]
            assert has == [has[0]] * 3
            for node in nodes[1:]:
                await node.exchange.departure.close()

"""Versions, digests and counts hold whatever one batch does to one record, and whatever a scope has seen before."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from server.master.actors import Actor
from server.master.audit import audit
from server.master.feed import read_heads, read_slice
from server.master.store import Store
from server.master.tables import dead_letters, feed
from sync import scopes
from sync.operations import Act, Operation
from sync.outcomes import OutcomeCode
from sync.records.base import MOST_BYTES, MOST_ELEMENTS
from tests.server.desk import Desk


async def sound(desk: Desk) -> None:
    """The store agrees with itself."""
    async with desk.store.read() as tx:
        assert await audit(tx) == []


async def entries(desk: Desk, scope: str) -> dict[UUID, str | None]:
    """What the feed of a scope says of each record: why it left, or None where it is there."""
    async with desk.store.read() as tx:
        no = (await read_heads(tx, [scope]))[scope].no
        rows = await tx.execute(select(feed.c.record, feed.c.left_as).where(feed.c.scope == no))
        return {UUID(bytes=bytes(row.record)): row.left_as for row in rows}


async def test_moved_and_back_in_one_batch_is_as_if_nothing_had_happened(desk: Desk) -> None:
    """No entry, no version: only the journal tells."""
    boss, east, west = desk.manager(), scopes.territory(desk.east), scopes.territory(desk.west)
    shop = await desk.register(boss, desk.east)
    applied = await desk.apply(
        boss,
        desk.operation(Act.MOVE, "outlet", shop, scope=west),
        desk.operation(Act.MOVE, "outlet", shop, scope=east),
    )
    assert [one.code for one in applied.outcomes] == [OutcomeCode.APPLIED] * 2
    assert applied.changed == frozenset()
    assert await entries(desk, west) == {}
    await sound(desk)


async def test_moved_edited_and_removed_in_one_batch_leaves_where_it_was_and_is_gone_where_it_went(desk: Desk) -> None:
    """Both feeds say so, once each."""
    rule, east, west = desk.rule(), scopes.territory(desk.east), scopes.territory(desk.west)
    shop, visit = await desk.register(rule, desk.east), desk.id()
    outcomes = await desk.submit(
        rule,
        desk.operation(Act.CREATE, "visit", visit, outlet=shop),
        desk.operation(Act.MOVE, "outlet", shop, scope=west),
        desk.operation(Act.EDIT, "outlet", shop, base=1, notes="x"),
        desk.operation(Act.REMOVE, "outlet", shop),
        desk.operation(Act.EDIT, "outlet", shop, base=1, notes="y"),
    )
    assert [one.reason for one in outcomes] == ["", "", "", "", "record_gone"]
    assert await entries(desk, east) == {shop: "moved"}
    assert await entries(desk, west) == {shop: "gone", visit: "gone"}
    await sound(desk)


async def test_work_on_an_outlet_of_the_same_batch_counts_and_is_amended_in_it(desk: Desk) -> None:
    """Registered, visited, amended, amended again: one push from a phone that was away for a day."""
    rep, shop, first, second = desk.rep(desk.wang, desk.east), desk.id(), desk.id(), desk.id()
    outcomes = await desk.submit(
        rep,
        desk.operation(Act.CREATE, "outlet", shop, scope=scopes.territory(desk.east), name="x"),
        desk.operation(Act.CREATE, "visit", first, outlet=shop, stock=[["S", 9, 50, 0]]),
        desk.operation(Act.CREATE, "visit", second, outlet=shop, amends=first, stock=[["S", 8, 5, 0]]),
        desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, amends=first, stock=[["S", 7, 6, 0]]),
        desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, amends=second, stock=[["S", 6, 7, 0]]),
    )
    assert [one.reason for one in outcomes] == ["", "", "", "already_amended", ""]
    line = (await desk.get(scopes.territory(desk.east), shop)).stock["S"]
    assert (line.on_hand, line.sold) == (6, 7)
    await sound(desk)


async def test_what_follows_on_a_refused_registration_is_refused_with_it(desk: Desk) -> None:
    """A visit to an outlet that was not taken in is a dead letter of its own, and the next operation goes through."""
    rep, shop = desk.rep(desk.wang, desk.east), desk.id()
    good = await desk.register(rep, desk.east)
    outcomes = await desk.submit(
        rep,
        desk.operation(Act.CREATE, "outlet", shop, scope=scopes.territory(desk.west), name="x"),
        desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop),
        desk.operation(Act.CREATE, "visit", desk.id(), outlet=good),
    )
    assert [one.reason for one in outcomes] == ["unknown_scope", "record_unknown", ""]
    await sound(desk)


async def test_one_id_twice_in_a_batch_makes_one_record_and_one_operation_id_one_effect(desk: Desk) -> None:
    """The second create is refused; the second submission of an operation is a duplicate."""
    rep, shop, visit = desk.rep(desk.wang, desk.east), desk.id(), desk.id()
    east = scopes.territory(desk.east)
    once = desk.operation(Act.CREATE, "visit", visit, outlet=shop, stock=[["S", None, 4, 0]])
    outcomes = await desk.submit(
        rep,
        desk.operation(Act.CREATE, "outlet", shop, scope=east, name="one"),
        desk.operation(Act.CREATE, "outlet", shop, scope=east, name="two"),
        desk.operation(Act.CREATE, "visit", shop, outlet=shop),
        once,
        once,
    )
    assert [one.reason for one in outcomes] == ["", "record_exists", "record_exists", "", ""]
    assert [one.code for one in outcomes][3:] == [OutcomeCode.APPLIED, OutcomeCode.DUPLICATE]
    outlet = await desk.get(east, shop)
    assert (outlet.name, outlet.stock["S"].sold) == ("one", 4)
    await sound(desk)


async def test_private_parts_go_to_the_pool_and_come_back_to_a_private_scope(desk: Desk) -> None:
    """A pool keeps them in itself, where no device looks; the way back leads to the territory's private scope."""
    rep, boss = desk.rep(desk.wang, desk.east), desk.manager()
    east, pool = scopes.territory(desk.east), scopes.pool(desk.pool)
    shop, person, private = await desk.register(rep, desk.east), desk.id(), desk.id()
    await desk.submit(
        rep,
        desk.operation(Act.CREATE, "contact", person, outlet=shop, name="张三"),
        desk.operation(Act.CREATE, "contact_private", private, outlet=shop, contact=person),
    )
    await desk.submit(boss, desk.operation(Act.MOVE, "outlet", shop, scope=pool))
    assert set(await desk.records(pool)) == {shop, person, private}
    assert (await desk.edit(rep, "contact_private", private, 1, notes="x")).reason == "record_unknown"
    await desk.submit(boss, desk.operation(Act.MOVE, "outlet", shop, scope=east))
    assert await entries(desk, east) == {shop: None, person: None}
    assert await entries(desk, scopes.private_of(east)) == {private: None}
    assert await entries(desk, pool) == dict.fromkeys((shop, person, private), "moved")
    await sound(desk)


async def test_what_has_gone_stays_where_it_went(desk: Desk) -> None:
    """A removed contact does not travel with its outlet: nobody hears of it who never had it."""
    boss, east, west = desk.manager(), scopes.territory(desk.east), scopes.territory(desk.west)
    shop, person = await desk.register(boss, desk.east), desk.id()
    await desk.submit(boss, desk.operation(Act.CREATE, "contact", person, outlet=shop, name="张三"))
    await desk.submit(boss, desk.operation(Act.REMOVE, "contact", person))
    await desk.submit(boss, desk.operation(Act.MOVE, "outlet", shop, scope=west))
    assert await entries(desk, east) == {shop: "moved", person: "gone"}
    assert await entries(desk, west) == {shop: None}
    await desk.submit(boss, desk.operation(Act.REMOVE, "outlet", shop))
    await sound(desk)


async def test_only_what_is_registered_is_looked_at_as_new(desk: Desk) -> None:
    """A moved outlet is nobody's new outlet, though nobody edited it yet."""
    boss = desk.manager()
    shop = await desk.register(boss, desk.east)
    moved = await desk.apply(boss, desk.operation(Act.MOVE, "outlet", shop, scope=scopes.territory(desk.west)))
    assert moved.registered == ()


async def test_sums_are_cut_and_growth_is_refused_before_it_poisons_a_record(desk: Desk) -> None:
    """Counts stop at what a record can hold; stock lines and sets stop at what an answer can."""
    rep, most = desk.rep(desk.wang, desk.east), (1 << 31) - 1
    shop = await desk.register(rep, desk.east)
    counts = [
        desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, stock=[["S", most, most, -most]]) for _ in "ab"
    ]
    lines = [
        desk.operation(
            Act.CREATE, "visit", desk.id(), outlet=shop, stock=[[f"{at}-{line:055}", 1] for line in range(900)]
        )
        for at in range(6)
    ]
    days = [
        desk.operation(
            Act.EDIT, "outlet", shop, base=1, visit_days={"add": [f"{at}/{day}" for day in range(MOST_ELEMENTS // 2)]}
        )
        for at in range(4)
    ]
    reasons = [one.reason for one in await desk.submit(rep, *counts, *lines, *days)]
    assert reasons[:2] == ["", ""]
    assert reasons[2:8].count("bad_value") in {4, 5}
    assert reasons[8:] == ["", "", "bad_value", "bad_value"]
    outlet = await desk.get(scopes.territory(desk.east), shop)
    assert (outlet.stock["S"].sold, outlet.stock["S"].bought) == (most, -most)
    await sound(desk)


async def test_an_operation_has_a_largest_size_whatever_it_asks_for(desk: Desk) -> None:
    """One that would change next to nothing is kept whole like any other that is refused."""
    rep = desk.rep(desk.wang, desk.east)
    shop = await desk.register(rep, desk.east)
    large = desk.operation(Act.EDIT, "outlet", shop, base=1, visit_days={"remove": ["x" * MOST_BYTES]})
    assert (await desk.submit(rep, large))[0].reason == "bad_value"
    async with desk.store.read() as tx:
        assert len((await tx.execute(select(dead_letters.c.body))).scalar_one()) > MOST_BYTES


async def test_a_first_reader_hears_of_no_removal_and_a_later_one_of_each(desk: Desk) -> None:
    """Who has nothing yet has nothing to remove."""
    boss, east = desk.manager(), scopes.territory(desk.east)
    shops = [await desk.register(boss, desk.east) for _ in range(4)]
    await desk.submit(boss, *(desk.operation(Act.REMOVE, "outlet", one) for one in shops[:3]))
    async with desk.store.read() as tx:
        head = (await read_heads(tx, [east]))[east]
        first, later = await read_slice(tx, head, 0, 1 << 20), await read_slice(tx, head, 3, 1 << 20)
    assert (len(first.rows), first.removed, first.last, first.more) == (1, (), head.head, False)
    assert {one.record for one in later.removed} == {one.bytes for one in shops[:3]}


async def test_a_slice_never_exceeds_its_limit_but_by_the_entry_that_must_go(desk: Desk) -> None:
    """What does not fit is left for the next answer; only an answer with nothing in it may be over."""
    boss, east = desk.manager(), scopes.territory(desk.east)
    for at in range(6):
        await desk.register(boss, desk.east, notes="店" * 300 * at)
    async with desk.store.read() as tx:
        head = (await read_heads(tx, [east]))[east]
        nothing = await read_slice(tx, head, 0, 10, least=0)
        one = await read_slice(tx, head, 0, 10)
        some = await read_slice(tx, head, 0, 3000)
    assert (nothing.rows, nothing.last, nothing.more) == ((), 0, True)
    assert (len(one.rows), one.last, one.more) == (1, 1, True)
    assert sum(len(row.packed) for row in some.rows) < some.size <= 3000
    assert some.more


class Mill:
    """Random operations of several actors on a handful of records, in batches."""

    def __init__(self, desk: Desk, random: Random) -> None:
        self.desk, self.random = desk, random
        self.actors = [
            desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.west, private=False), desk.manager(),
        ]  # fmt: skip
        self.places = [scopes.territory(desk.east), scopes.territory(desk.west), scopes.pool(desk.pool)]
        kinds = {"outlet": 4, "contact": 4, "contact_private": 3, "visit": 8, "sweep": 2}
        self.ids = {kind: [desk.id() for _ in range(number)] for kind, number in kinds.items()}

    async def turn(self) -> None:
        """One batch."""
        batch = [self.operation() for _ in range(self.random.randrange(1, 8))]
        await self.desk.submit(self.actor(), *batch)
        self.desk.now += self.random.randrange(0, 2000)

    def actor(self) -> Actor:
        """Somebody; who decides more often than not, so that things move."""
        return self.random.choice([*self.actors, self.actors[-1]])

    def id_of(self, kind: str) -> UUID:
        """An id that is mostly one of that kind."""
        kind = self.random.choice(list(self.ids)) if self.random.random() < 0.05 else kind
        return self.random.choice(self.ids[kind])

    def operation(self) -> Operation | bytes:
        """One operation on ids that may be anything by now."""
        desk, pick, of = self.desk, self.random.choice, self.id_of
        outlet, place, base = of("outlet"), pick(self.places), self.random.randrange(0, 6)
        gone = pick(["outlet", "contact", "contact_private"])
        makers: list[Callable[[], Operation | bytes]] = [
            lambda: desk.operation(Act.CREATE, "outlet", outlet, scope=place, name="x"),
            lambda: desk.operation(Act.CREATE, "outlet", outlet, scope=place, name="x"),
            lambda: desk.operation(Act.CREATE, "contact", of("contact"), outlet=outlet, name="x"),
            lambda: desk.operation(
                Act.CREATE, "contact_private", of("contact_private"), outlet=outlet, contact=of("contact")
            ),
            lambda: desk.operation(Act.CREATE, "visit", of("visit"), outlet=outlet, stock=[["S", base, 1, 2]]),
            lambda: desk.operation(Act.CREATE, "visit", of("visit"), outlet=outlet, amends=of("visit")),
            lambda: desk.operation(Act.CREATE, "sweep", of("sweep"), scope=place),
            lambda: desk.operation(Act.EDIT, "outlet", outlet, base=base, visit_days={"add": ["a"], "remove": ["b"]}),
            lambda: desk.operation(Act.EDIT, "contact", of("contact"), base=base, phone=str(base)),
            lambda: desk.operation(Act.EDIT, "contact_private", of("contact_private"), base=base, notes=str(base)),
            lambda: desk.operation(Act.MOVE, "outlet", outlet, scope=place),
            lambda: desk.operation(Act.MOVE, "outlet", outlet, scope=place),
            lambda: desk.operation(Act.REMOVE, gone, of(gone)) if self.random.random() < 0.3 else b"no operation",
        ]
        return pick(makers)()


async def _grind(template: Path, seed: int, turns: int) -> None:
    with TemporaryDirectory() as folder:
        shutil.copy(template, f"{folder}/master.db")
        store = Store(f"sqlite+aiosqlite:///{folder}/master.db")
        try:
            desk = await Desk(store, Random(seed)).open()
            mill = Mill(desk, Random(seed))
            for _ in range(turns):
                await mill.turn()
                await sound(desk)
        finally:
            await store.close()


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 1 << 32), turns=st.integers(5, 25))
def test_the_store_agrees_with_itself_after_any_batch(sqlite_template: Path, seed: int, turns: int) -> None:
    """Records that come, go, move and return, in one batch or in many: feed, tables, digests and journal are one."""
    asyncio.run(_grind(sqlite_template, seed, turns))

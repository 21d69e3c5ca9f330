"""Transactions that meet: nothing is lost, nothing is written twice, whoever comes second sees what the first did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest
from sqlalchemy import func, select

from server.master.actors import Actor, Batch, Submission
from server.master.audit import audit
from server.master.store import Tx
from server.master.tables import operations
from server.master.write import Applied, apply
from sync import scopes
from sync.operations import Act, Operation
from sync.outcomes import OutcomeCode
from tests.server.desk import Desk
from tests.server.master.test_batches import Mill


def _work(desk: Desk, actor: Actor, *given: Operation | bytes) -> Callable[[Tx], Awaitable[Applied]]:
    handed: list[Submission] = [desk.submission(actor, one) for one in given]

    async def work(tx: Tx) -> Applied:
        return await apply(tx, actor, handed, Batch(desk.now, desk.random.randbytes))

    return work


async def _while_uncommitted(
    desk: Desk, first: Callable[[Tx], Awaitable[Applied]], second: Callable[[Tx], Awaitable[Applied]]
) -> tuple[Applied, Applied]:
    """Do `second` while `first` has written and not yet committed."""
    written, may_commit = asyncio.Event(), asyncio.Event()

    async def hold() -> Applied:
        async with desk.store.write() as tx:
            applied = await first(tx)
            written.set()
            await may_commit.wait()
            return applied

    one = asyncio.create_task(hold())
    await written.wait()
    other = asyncio.create_task(desk.store.transact(second))
    await asyncio.wait({other}, timeout=0.3)
    assert not other.done()
    may_commit.set()
    return await one, await other


async def _sound(desk: Desk) -> None:
    async with desk.store.read() as tx:
        assert await audit(tx) == []


@pytest.mark.parametrize("company", [0, 1])
async def test_one_record_id_taken_in_two_scopes_at_once_is_one_record(desk: Desk, company: int) -> None:
    """Scopes do not wait for each other, so the id itself decides: the second create is refused, nothing replaced."""
    wang, li, shop = desk.rep(desk.wang, desk.east), desk.rep(desk.li, desk.west), desk.id()
    east, west = scopes.territory(desk.east), scopes.territory(desk.west)
    others = [desk.operation(Act.CREATE, "outlet", desk.id(), scope=west, name="x") for _ in range(2 * company)]
    taken = desk.operation(Act.CREATE, "outlet", shop, scope=west, name="second")
    _, second = await _while_uncommitted(
        desk,
        _work(desk, wang, desk.operation(Act.CREATE, "outlet", shop, scope=east, name="first")),
        _work(desk, li, *others[:company], taken, *others[company:]),
    )
    assert [one.reason for one in second.outcomes] == [""] * company + ["record_exists"] + [""] * company
    assert (await desk.get(east, shop)).name == "first"
    assert len(await desk.records(west)) == 2 * company
    await _sound(desk)


async def test_one_operation_handed_in_twice_at_once_takes_effect_once(desk: Desk) -> None:
    """By two outboxes in two transactions: the second is a duplicate, and the rest of its batch goes through."""
    shop = await desk.register(desk.manager(), desk.east)
    wang = desk.rep(desk.wang, desk.east)
    copy = desk.rep(desk.wang, desk.east, desk.west, origin=b"another outbox!!")
    once = desk.operation(Act.CREATE, "visit", desk.id(), outlet=shop, stock=[["S", None, 3, 0]])
    other = desk.operation(Act.CREATE, "outlet", desk.id(), scope=scopes.territory(desk.west), name="x")
    _, second = await _while_uncommitted(desk, _work(desk, wang, once), _work(desk, copy, other, once))
    assert [one.code for one in second.outcomes] == [OutcomeCode.APPLIED, OutcomeCode.DUPLICATE]
    assert (await desk.get(scopes.territory(desk.east), shop)).stock["S"].sold == 3
    await _sound(desk)


async def test_work_that_waited_for_a_scope_sees_that_its_outlet_has_left_it(desk: Desk) -> None:
    """Located, locked, read again: a visit is refused in the old place, a manager's edit follows into the new one."""
    boss, rep = desk.manager(), desk.rep(desk.wang, desk.east)
    west = scopes.territory(desk.west)
    for actor, reason in ((rep, "record_unknown"), (boss, "")):
        shop = await desk.register(boss, desk.east)
        _, second = await _while_uncommitted(
            desk,
            _work(desk, boss, desk.operation(Act.MOVE, "outlet", shop, scope=west)),
            _work(desk, actor, desk.operation(Act.EDIT, "outlet", shop, base=1, notes="x")),
        )
        assert [one.reason for one in second.outcomes] == [reason]
        assert (await desk.get(west, shop)).notes == ("" if reason else "x")
    await _sound(desk)


async def test_what_appears_at_an_outlet_while_its_move_waits_goes_along(desk: Desk) -> None:
    """Children are read under the lock: a visit and a private part that were being written are not left behind."""
    boss, rep = desk.manager(), desk.rep(desk.wang, desk.east)
    shop, person = await desk.register(rep, desk.east), desk.id()
    west = scopes.territory(desk.west)
    await desk.submit(rep, desk.operation(Act.CREATE, "contact", person, outlet=shop, name="张三"))
    visit, private = desk.id(), desk.id()
    await _while_uncommitted(
        desk,
        _work(
            desk,
            rep,
            desk.operation(Act.CREATE, "visit", visit, outlet=shop),
            desk.operation(Act.CREATE, "contact_private", private, outlet=shop, contact=person),
        ),
        _work(desk, boss, desk.operation(Act.MOVE, "outlet", shop, scope=west)),
    )
    assert set(await desk.records(west)) == {shop, person, visit}
    assert set(await desk.records(scopes.private_of(west))) == {private}
    await _sound(desk)


async def test_many_at_once_leave_a_store_that_agrees_with_itself(desk: Desk) -> None:
    """Six tasks of three actors on one handful of records: every operation has one outcome, and the audit is clean."""
    mill = Mill(desk, Random(7))
    count = 0

    async def run() -> None:
        nonlocal count
        for _ in range(8):
            batch = [one for one in (mill.operation() for _ in range(5)) if not isinstance(one, bytes)]
            count += len(batch)
            applied = await desk.store.transact(_work(desk, mill.actor(), *batch))
            assert len(applied.outcomes) == len(batch)

    await asyncio.gather(*(run() for _ in range(6)))
    async with desk.store.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(operations))).scalar_one() == count
    await _sound(desk)

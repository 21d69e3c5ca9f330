"""Evictions: told by what a device says that it still has, whole and again, until it has nothing of them."""

from __future__ import annotations

from server.identity import territories
from sync.cursors import START
from sync.operations import Act
from sync.scopes import private_of, territory
from tests.server.exchange.conftest import Company
from tests.server.exchange.phone import Phone
from tests.server.exchange.ways import boss

PLACES = 60


async def emptied(company: Company) -> tuple[Phone, set[str]]:
    """A phone that held sixty territories more with their private scopes, and the scopes that it lost since."""
    sources, desk = company.means.departure.sources, company.desk
    async with desk.store.write() as tx:
        made = [(await territories.add_territory(tx, f"第{at}片", None, sources)).id for at in range(PLACES)]
        for one in made:
            await territories.assign(tx, one, company.wang, sources, private=True)
    for one in made:
        await desk.submit(
            boss(company), desk.operation(Act.CREATE, "outlet", desk.id(), scope=territory(one), name="店")
        )
    wang = await company.phone(company.wang)
    await wang.sync()
    async with desk.store.write() as tx:
        for one in made:
            await territories.unassign(tx, one, company.wang, sources)
    names = {territory(one) for one in made}
    return wang, names | {private_of(name) for name in names}


async def test_a_long_list_of_evictions_is_told_whole(company: Company) -> None:
    """Scopes by the dozen go at once, and pages are small: one answer names them all."""
    wang, lost = await emptied(company)
    assert lost <= wang.cursors.keys()
    reply = await wang.ask(limit=100)
    assert set(reply.head.evictions) == lost
    wang.take(reply)
    assert wang.agrees(await wang.sync())
    assert not lost & wang.rows.keys()


async def test_an_eviction_that_was_not_carried_out_is_told_again(company: Company) -> None:
    """An answer that is lost, or obeyed in part, changes nothing: what the device still names is evicted."""
    wang, lost = await emptied(company)
    first = await wang.ask()
    again = await wang.ask()
    assert set(first.head.evictions) == set(again.head.evictions) == lost
    done = set(sorted(lost)[:70])
    for scope in done:
        wang.rows.pop(scope, None)
        wang.cursors.pop(scope)
    rest = await wang.ask()
    assert set(rest.head.evictions) == lost - done
    wang.take(rest)
    assert (await wang.ask()).head.evictions == ()


async def test_a_list_that_is_too_long_for_one_answer_goes_on_in_the_next(company: Company) -> None:
    """A device that names 1,200 scopes that are not its own loses every one, and until then nothing is a checkpoint."""
    wang = await company.phone(company.wang)
    await wang.sync()
    named = {territory(company.desk.id()): START for _ in range(1200)}
    wang.cursors.update(named)
    told: list[str] = []
    while named.keys() & wang.cursors.keys():
        reply = await wang.ask()
        assert reply.head.evictions
        told += reply.head.evictions
        wang.take(reply)
        assert reply.tail.checkpoint is not bool(named.keys() & wang.cursors.keys())
    assert sorted(told) == sorted(named)
    assert wang.agrees(await wang.sync())

"""Checkpoints: a signed, numbered chain of roots over all scopes' heads, whoever and however many take them."""

from __future__ import annotations

import asyncio

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.master.checkpoints import FIRST, Taken, body_hash, heads_at, newest, numbered, root_over, take
from server.master.scoping import end_scope
from server.master.store import Tx
from sync import scopes
from sync.merkle import climb, leaf, path, root
from sync.signing import Kind, verified_company
from tests.server.desk import Desk

KEY = Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")
PUBLIC = KEY.public_key().public_bytes_raw()


async def taken(desk: Desk) -> Taken | None:
    """A checkpoint of now, if anything was written."""

    async def work(tx: Tx) -> Taken | None:
        return await take(tx, desk.company, KEY, desk.now)

    return await desk.store.transact(work)


async def test_checkpoints_are_signed_count_from_one_and_name_their_predecessor(desk: Desk) -> None:
    """Three of them, each over more entries than the one before; the clock may go back, they do not."""
    manager = desk.manager()
    first = await taken(desk)
    await desk.register(manager, desk.east)
    second = await taken(desk)
    await desk.register(manager, desk.west)
    desk.now -= 5000
    third = await taken(desk)
    assert first is not None
    assert second is not None
    assert third is not None
    said = [one.said for one in (first, second, third)]
    assert [one.number for one in said] == [1, 2, 3]
    assert [one.previous for one in said] == [FIRST, body_hash(first.signed.body), body_hash(second.signed.body)]
    assert [one.entries for one in said] == [0, 1, 2]
    assert said[2].at == said[1].at
    assert all(verified_company(one.signed, Kind.CHECKPOINT, [PUBLIC]) for one in (first, second, third))
    async with desk.store.read() as tx:
        assert (await newest(tx), await numbered(tx, 2), await numbered(tx, 4)) == (third, second, None)


async def test_without_anything_written_there_is_no_new_one(desk: Desk) -> None:
    """A quiet night makes no checkpoints."""
    assert await taken(desk) is not None
    assert await taken(desk) is None


async def test_ended_scopes_stay_in_every_checkpoint(desk: Desk) -> None:
    """What a territory's journal held cannot be left out by ending the territory."""
    await desk.register(desk.manager(), desk.east)
    async with desk.store.write() as tx:
        await end_scope(tx, scopes.territory(desk.east))
    await desk.register(desk.manager(), desk.west)
    last = await taken(desk)
    assert last is not None
    async with desk.store.read() as tx:
        heads = await heads_at(tx, last.said.number)
    assert scopes.territory(desk.east) in [one.name for one in heads]
    assert (len(heads), root_over(heads)) == (last.said.scopes, last.said.root)


async def test_the_heads_of_every_checkpoint_can_be_told_and_one_proved_without_the_rest(desk: Desk) -> None:
    """Beside each checkpoint stands only what moved; together it is what the root covers."""
    for place in (desk.east, desk.west, desk.east):
        await desk.register(desk.manager(), place)
        await taken(desk)
    async with desk.store.read() as tx:
        for number, entries in ((1, 1), (2, 1), (3, 2)):
            one = await numbered(tx, number)
            heads = await heads_at(tx, number)
            assert one is not None
            leaves = [leaf(each.name, each.entries, each.link) for each in heads]
            assert root(leaves) == one.said.root
            at = [each.name for each in heads].index(scopes.territory(desk.east))
            assert heads[at].entries == entries
            proof = path(leaves, at)
            assert climb(leaf(heads[at].name, entries, heads[at].link), at, len(leaves), proof) == one.said.root


async def test_several_processes_make_one_chain(desk: Desk) -> None:
    """Those who take checkpoints while others write never use a number twice, and every root fits its heads."""

    async def write() -> None:
        for _ in range(4):
            await desk.register(desk.manager(), desk.east)

    async def sign() -> None:
        for _ in range(4):
            await taken(desk)

    await asyncio.gather(sign(), write(), sign(), sign())
    await taken(desk)
    async with desk.store.read() as tx:
        last = await newest(tx)
        assert last is not None
        before = FIRST
        for number in range(1, last.said.number + 1):
            one = await numbered(tx, number)
            assert one is not None
            assert one.said.previous == before
            assert root_over(await heads_at(tx, number)) == one.said.root
            before = body_hash(one.signed.body)

"""Claims: the order of arrival decides, one wins, the limits hold; teasers show nothing to reach anybody by."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from server.field.arrivals import look
from server.field.pool.desk import allot, deal, history, put_back, verify
from server.field.pool.missing import make_missing
from server.identity import territories
from server.master.store import Store
from server.master.typed import TYPED
from sync import scopes
from sync.codec import pack
from sync.operations import Act
from sync.records import Claim
from tests.server.field.pool.conftest import claim, decided, is_in, later, pooled, switch, teasers
from tests.server.firm import Firm


async def test_the_first_claim_to_arrive_wins_and_the_other_is_told(firm: Firm) -> None:
    """Though the other was asked for earlier; who has it is not told."""
    shop = await pooled(firm)
    first = await claim(firm, firm.zhou, shop, firm.west)
    second = await claim(firm, firm.wang, shop, firm.east, at=firm.desk.now - 3_600_000)
    assert await decided(firm, firm.zhou, first) == ("won", "")
    assert await decided(firm, firm.wang, second) == ("lost", "taken")
    assert await is_in(firm, shop, scopes.territory(firm.west))
    assert await teasers(firm) == {}
    async with firm.store.read() as tx:
        steps, told = await history(tx, shop)
    assert [one.scope for one in steps] == [scopes.pool(firm.pool), scopes.territory(firm.west)]
    assert [kind for _, kind, _ in told] == ["pool_claimed"]


async def test_of_many_claims_looked_at_at_once_exactly_one_wins(firm: Firm, store: Store) -> None:
    """Several processes look, in transactions of their own."""
    shops = [await pooled(firm, f"店{one}") for one in range(4)]
    people = [(firm.wang, firm.east), (firm.li, firm.east), (firm.zhou, firm.west)]
    asked = [(who, await claim(firm, who, shop, place)) for shop in shops for who, place in people]
    ground = await firm.ground()
    await asyncio.gather(*(look(store, ground) for _ in range(4)))
    states = [one.state for who, _ in people for one in await firm.own(who, Claim)]
    assert (states.count("won"), states.count("asked"), len(states)) == (4, 0, len(asked))


async def test_a_claim_and_an_allotment_at_once_give_the_outlet_to_one(firm: Firm, store: Store) -> None:
    """Whichever comes first; the other hears that it is gone."""
    shop = await pooled(firm)
    await claim(firm, firm.wang, shop, firm.east)
    ground = await firm.ground()

    async def allotted() -> bool:
        async with store.write() as tx:
            return bool((await allot(tx, [shop], firm.zhou, ground)).moved)

    _, was_allotted = await asyncio.gather(look(store, ground), allotted())
    (one,) = await firm.own(firm.wang, Claim)
    assert (one.state == "won") is not was_allotted
    assert await is_in(firm, shop, scopes.territory(firm.west if was_allotted else firm.east))


@pytest.mark.parametrize("limit", ["hold", "claims"])
async def test_a_limit_holds_within_one_batch(firm: Firm, limit: str) -> None:
    """How many are held, and how many are won on the day on which the claim was made."""
    await switch(firm, "2", f"pool_{limit}")
    shops = [await pooled(firm, f"店{one}") for one in range(3)]
    asked = [await claim(firm, firm.wang, one, firm.east) for one in shops]
    assert [await decided(firm, firm.wang, one) for one in asked] == [("won", ""), ("won", ""), ("refused", limit)]
    later(firm, 1)
    again = await claim(firm, firm.wang, shops[2], firm.east)
    assert await decided(firm, firm.wang, again) == (("refused", "hold") if limit == "hold" else ("won", ""))


async def test_claims_are_refused_where_they_have_no_place(firm: Firm) -> None:
    """Not on the roster, not in this pool, or one's own already."""
    shop, held = await pooled(firm), await firm.shop("王的店")
    stranger = await claim(firm, firm.sun, shop, firm.east)
    assert await decided(firm, firm.sun, stranger) == ("refused", "not_on_roster")
    nothing = await claim(firm, firm.wang, firm.desk.id(), firm.east)
    assert await decided(firm, firm.wang, nothing) == ("refused", "not_in_pool")
    own = await claim(firm, firm.wang, held, firm.east)
    assert await decided(firm, firm.wang, own) == ("refused", "yours")


async def test_the_last_holder_waits_and_nobody_else(firm: Firm) -> None:
    """Thirty days from the return, for whoever owned the territory then."""
    shop, other = await firm.shop(), await firm.shop("别家")
    async with firm.store.write() as tx:
        await put_back(tx, [shop, other], "无人跟进", await firm.ground(), by=firm.dealer)
    later(firm, 29)
    early = await claim(firm, firm.wang, shop, firm.east)
    assert await decided(firm, firm.wang, early) == ("refused", "cool_down")
    assert await decided(firm, firm.zhou, await claim(firm, firm.zhou, other, firm.west)) == ("won", "")
    later(firm, 1)
    assert await decided(firm, firm.wang, await claim(firm, firm.wang, shop, firm.east)) == ("won", "")


async def test_a_deal_gives_each_rep_the_same_and_can_be_drawn_again(firm: Firm) -> None:
    """Owner and partner alike; the journal has the seed, and what was given."""
    shops = [await pooled(firm, f"店{one}") for one in range(8)]
    ground = await firm.ground()
    async with firm.store.write() as tx:
        dealt = await deal(tx, firm.pool, ground, share=3, by=firm.dealer)
    assert sorted(len(one) for one in dealt.given.values()) == [2, 3, 3]
    assert set(dealt.given) == {firm.wang, firm.li, firm.zhou}
    assert {each for one in dealt.given.values() for each in one} == set(shops)
    async with firm.store.read() as tx:
        read, is_same = await verify(tx, dealt.deal.id)
    assert (read.deal, read.given, is_same) == (dealt.deal, dealt.given, True)
    for one in dealt.given[firm.zhou]:
        assert await is_in(firm, one, scopes.territory(firm.west))


async def test_an_allotment_says_what_it_left(firm: Firm) -> None:
    """What is not in the pool, and what is beyond the limit."""
    await switch(firm, "2", "pool_hold")
    shops = [await pooled(firm, f"店{one}") for one in range(3)]
    ground = await firm.ground()
    async with firm.store.write() as tx:
        moved = await allot(tx, [*shops, firm.desk.id()], firm.zhou, ground, by=firm.dealer)
    assert moved.moved == tuple(shops[:2])
    assert sorted(moved.refused.values()) == ["hold", "not_in_pool"]


async def test_a_teaser_follows_its_outlet_and_shows_no_way_to_reach_it(firm: Firm) -> None:
    """In the transaction that changes the outlet; contacts, name and phone are in no byte of its scope."""
    fields = {"address": "建国路88号", "phone": "13911112222", "outlet_class": "food_stall"}
    shop = await pooled(firm, "老李大排档", **fields)
    await firm.does(None, "contact", outlet=shop, name="李老板", phone="13733334444")
    assert {(one.outlet, one.outlet_class, one.area) for one in (await teasers(firm)).values()} == {
        (shop, "food_stall", "建国路")
    }
    await firm.desk.edit(firm.desk.manager(), "outlet", shop, 1, address="人民路9号")
    assert (await teasers(firm))[shop].area == "人民路"
    shown = b"".join([pack(one) for one in (await teasers(firm)).values()])
    assert not [one for one in ("老李", "13911112222", "李老板", "13733334444", "9号") if one.encode() in shown]
    await firm.desk.edit(firm.desk.manager(), "outlet", shop, 2, status="closed")
    assert await teasers(firm) == {}
    await firm.desk.edit(firm.desk.manager(), "outlet", shop, 3, status="prospect")
    assert list(await teasers(firm)) == [shop]
    remove = firm.desk.operation(Act.REMOVE, "outlet", shop, base=4)
    assert [one.reason for one in await firm.desk.submit(firm.desk.manager(), remove)] == [""]
    assert await teasers(firm) == {}


async def test_a_teaser_comes_and_goes_with_moves(firm: Firm) -> None:
    """Into the pool, out of it, and into it again; what stood there before teasers were made gets one."""
    shop = await firm.shop()
    for number, place in enumerate((scopes.pool(firm.pool), scopes.territory(firm.west), scopes.pool(firm.pool))):
        move = firm.desk.operation(Act.MOVE, "outlet", shop, base=1, scope=place)
        assert [one.reason for one in await firm.desk.submit(firm.desk.manager(), move)] == [""]
        assert list(await teasers(firm)) == ([] if number == 1 else [shop])
    async with firm.store.write() as tx:
        assert await make_missing(tx, await firm.ground()) == frozenset()
        assert UUID(int=0) not in (await tx.execute(TYPED["teaser"].select())).scalars().all()


async def test_allotments_at_once_keep_to_what_an_owner_may_hold_over_all_territories(firm: Firm, store: Store) -> None:
    """Whichever comes second counts what the first gave, in this territory or in another of the owner's."""
    async with store.write() as tx:
        north = (await territories.add_territory(tx, "城北", firm.pool, firm.sources)).id
        await territories.assign(tx, north, firm.wang, firm.sources, private=True)
    await switch(firm, "1", "pool_hold")
    one, other = await pooled(firm, "店一"), await pooled(firm, "店二")
    ground = await firm.ground()

    async def allotted(shop: UUID, into: UUID) -> tuple[UUID, ...]:
        async with store.write() as tx:
            return (await allot(tx, [shop], firm.wang, ground, into=into)).moved

    moved = await asyncio.gather(allotted(one, firm.east), allotted(other, north))
    assert sorted(map(len, moved)) == [0, 1]
    third = await pooled(firm, "店三")
    async with store.write() as tx:
        assert (await deal(tx, firm.pool, ground)).given[firm.wang] == ()
    assert third not in await firm.desk.records(scopes.territory(firm.east))

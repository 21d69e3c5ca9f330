"""Codes given without a network: blocks that never overlap, and a look at each code that comes in."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sqlalchemy import select

from server.field.registration.codes import CODE_REFUSED, deal_all, deal_codes
from server.identity import staff, territories
from server.master.inbox import inbox
from sync.business.codes import codes_of
from sync.errors import Refusal
from tests.server.field.registration.office import Office


async def dealt(office: Office) -> None:
    """The rule of the day."""
    async with office.desk.store.write() as tx:
        await deal_all(tx, office.ground)


async def test_everybody_who_registers_has_a_block_of_their_own(office: Office) -> None:
    """Fifty codes each; the same day again gives nobody more."""
    for _ in range(2):
        await dealt(office)
    blocks = [
        (one.prefix, one.first, one.last) for each in (office.wang, office.li) for one in await office.blocks(each)
    ]
    assert sorted(blocks) == [("K", 1, 50), ("K", 51, 100)]


async def test_blocks_pass_over_codes_that_outlets_have(office: Office) -> None:
    """Imported ones, by their numbers."""
    manager = office.desk.manager()
    for code in ("K0020", "K0071", "K9", "X0001"):
        await office.desk.register(manager, office.east, code, code=code)
    await dealt(office)
    blocks = [(one.first, one.last) for each in (office.wang, office.li) for one in await office.blocks(each)]
    assert sorted(blocks) == [(21, 70), (72, 121)]


async def test_a_block_passes_over_a_whole_list(office: Office) -> None:
    """However many codes of it lie ahead one after the other."""
    await office.setting("code_block", "2")
    manager = office.desk.manager()
    for number in range(1, 46):
        await office.desk.register(manager, office.east, f"K{number:04}", code=f"K{number:04}")
    await deal_codes(office.desk.store, office.ground, office.wang)
    assert [(one.first, one.last) for one in await office.blocks(office.wang)] == [(46, 47)]


async def test_a_code_that_an_older_block_has_left_counts(office: Office) -> None:
    """Though the newest blocks alone would be too few."""
    await office.setting("code_block", "3")
    await office.setting("code_low", "3")
    await deal_codes(office.desk.store, office.ground, office.wang)
    for code in ("K0001", "K0004", "K0005", "K0006"):
        await office.register(office.wang, code, code=code)
    three = [(1, 3), (4, 6), (7, 9)]
    assert [(one.first, one.last) for one in await office.blocks(office.wang)] == three
    await office.register(office.wang, "K0007", code="K0007")
    assert [(one.first, one.last) for one in await office.blocks(office.wang)] == three


async def test_two_processes_that_deal_at_once_keep_no_number_twice(office: Office) -> None:
    """One waits for the other and finds that nobody lacks any."""
    store = office.desk.store
    await deal_codes(store, office.ground, office.wang)
    await asyncio.gather(*(store.transact(partial(deal_all, ground=office.ground)) for _ in range(4)))
    codes = [code for each in (office.wang, office.li) for one in await office.blocks(each) for code in codes_of(one)]
    assert len(codes) == len(set(codes)) == 100


async def test_who_runs_low_gets_the_next_block_with_the_registration_that_used_the_codes_up(office: Office) -> None:
    """In the answer to the same sync: the next rules' look."""
    await office.setting("code_block", "3")
    await office.setting("code_low", "2")
    await deal_codes(office.desk.store, office.ground, office.wang)
    assert [one.last for one in await office.blocks(office.wang)] == [3]
    await office.register(office.wang, "一", code="K0001")
    assert len(await office.blocks(office.wang)) == 1
    outlet = await office.register(office.wang, "二", code="K0002")
    assert [(one.first, one.last) for one in await office.blocks(office.wang)] == [(1, 3), (4, 6)]
    assert (await office.outlet(outlet)).code == "K0002"
    assert await office.told(office.wang) == []


async def test_a_code_that_was_not_kept_for_the_rep_comes_off_and_the_outlet_stays(office: Office) -> None:
    """Somebody else's, one from nowhere, and one that another outlet has; the rep and the manager are told."""
    await dealt(office)
    first, second = (await office.blocks(office.wang))[0], (await office.blocks(office.li))[0]
    mine, others = next(codes_of(first)), next(codes_of(second))
    good = await office.register(office.wang, "好", code=mine)
    assert (await office.outlet(good)).code == mine
    wrong = [await office.register(office.wang, f"坏{code}", code=code) for code in (others, "我的1", mine)]
    assert [(await office.outlet(one)).code for one in (*wrong, good)] == ["", "", "", mine]
    told = {one.about: (one.state, one.note, one.reasons[0].code) for one in await office.told(office.wang)}
    assert [told[one] for one in wrong] == [
        (CODE_REFUSED, others, "not_kept"),
        (CODE_REFUSED, "我的1", "not_kept"),
        (CODE_REFUSED, mine, "taken"),
    ]
    async with office.desk.store.read() as tx:
        assert {row.kind for row in await tx.execute(select(inbox.c.kind))} == {CODE_REFUSED}


async def test_a_manager_gives_any_code_that_is_free_on_a_phone_too(office: Office) -> None:
    """One that another outlet has comes off."""
    async with office.desk.store.write() as tx:
        boss = (await staff.add(tx, "赵经理", staff.Role.MANAGER, office.ground.sources)).id
    phone = office.desk.deciding(boss, office.east)
    pair = [await office.desk.register(phone, office.east, name, code="特1") for name in ("先", "后")]
    await office.look()
    assert [(await office.outlet(one)).code for one in pair] == ["特1", ""]


async def test_of_two_phones_of_one_rep_with_one_code_the_first_to_arrive_keeps_it(office: Office) -> None:
    """Both had the same block; both are looked at in one go or one by one."""
    await dealt(office)
    code = next(codes_of((await office.blocks(office.wang))[0]))
    rep = office.desk.rep(office.wang, office.east)
    pair = [await office.desk.register(rep, office.east, name, code=code) for name in ("先", "后")]
    await office.look()
    assert [(await office.outlet(one)).code for one in pair] == [code, ""]


async def test_a_code_is_given_with_the_registration_and_not_later(office: Office) -> None:
    """Afterwards it is a manager's to write."""
    outlet = await office.register(office.wang)
    rep = office.desk.rep(office.wang, office.east)
    assert (await office.desk.edit(rep, "outlet", outlet, 1, code="K0001")).reason == "not_yours"
    assert (await office.desk.edit(office.desk.manager(), "outlet", outlet, 1, code="K0001")).code == "applied"


async def test_who_has_no_place_on_a_roster_gets_no_codes(office: Office) -> None:
    """They are for people who register."""
    async with office.desk.store.write() as tx:
        await territories.unassign(tx, office.east, office.li, office.ground.sources)
    await dealt(office)
    assert (len(await office.blocks(office.wang)), await office.blocks(office.li)) == (1, [])


async def test_a_registration_without_a_code_brings_codes_to_who_has_none(office: Office) -> None:
    """As where somebody came onto a roster after the phone was enrolled."""
    await office.register(office.wang)
    assert (len(await office.blocks(office.wang)), await office.blocks(office.li)) == (1, [])


@pytest.mark.parametrize(
    ("prefix", "is_taken"), [("", True), ("城东-", True), ("K1", False), ("K 1x", False), ("K" * 13, False)]
)
async def test_a_prefix_ends_in_no_digit(office: Office, prefix: str, is_taken: bool) -> None:
    """Else one prefix's numbers could read like another's."""
    if not is_taken:
        with pytest.raises(Refusal):
            await office.setting("code_prefix", prefix)
        return
    await office.setting("code_prefix", prefix)
    await deal_codes(office.desk.store, office.ground, office.wang)
    outlet = await office.register(office.wang, "新店", code=f"{prefix}0001")
    assert (await office.outlet(outlet)).code == f"{prefix}0001"

"""Quarterly verification: who may, what counts, what differs, and whom it is asked of in time."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.field.arrivals import look
from server.field.quarterly.verification import (
    DIFFERENCE,
    accept_differences,
    progress,
    refuse_differences,
    remind,
    verified_in,
)
from server.identity import staff, territories
from server.identity.staff import Role
from server.master.inbox import listed
from server.master.store import Tx
from server.master.typed import TYPED
from server.times import read_local
from sync.errors import Refusal
from sync.records import Finding, Task
from tests.server.firm import ZONE, Firm
from tests.server.meeting import while_uncommitted


async def states(firm: Firm, who: object) -> list[tuple[str, list[str]]]:
    """What somebody was told of their verifications."""
    found = await firm.own(who, Finding)  # type: ignore[arg-type]
    return [(one.state, [each.code for each in one.reasons]) for one in sorted(found, key=lambda one: one.id)]


async def test_only_a_verifier_who_is_not_its_rep_counts_and_all_are_told(firm: Firm) -> None:
    """The archivist's does; a rep's, a service person's and the owner's do not."""
    shop, west = await firm.shop(), await firm.shop("西街店", firm.west)
    for who in (firm.wang, firm.sun, firm.dang):
        await firm.does(who, "verification", outlet=shop.bytes, quarter="2026Q4", means="phone")
    await firm.does(firm.zhou, "verification", firm.west, outlet=west.bytes, quarter="2026Q4", means="mail")
    await look(firm.store, await firm.ground())
    async with firm.store.read() as tx:
        assert await verified_in(tx, ["2026Q4"]) == {shop: {"2026Q4"}}
        assert [(one.name, one.wanted, one.missing) for one in await progress(tx, "2026Q4")] == [
            ("城东", 1, ()), ("城西", 1, (west,)),
        ]  # fmt: skip
    assert await states(firm, firm.dang) == [("counted", [])]
    for who in (firm.wang, firm.sun, firm.zhou):
        assert await states(firm, who) == [("not_counted", ["role"])]


async def test_an_archivist_may_stand_on_the_roster_but_a_manager_who_owns_may_not_verify(firm: Firm) -> None:
    """The place decides, whatever the role besides."""
    shop = await firm.shop()
    async with firm.store.write() as tx:
        await territories.assign(tx, firm.east, firm.dang, firm.sources)
        await staff.set_role(tx, firm.wang, Role.MANAGER, firm.sources)
    for who in (firm.wang, firm.dang):
        await firm.does(who, "verification", outlet=shop.bytes, quarter="2026Q4", means="visit")
    await look(firm.store, await firm.ground())
    assert await states(firm, firm.wang) == [("not_counted", ["own_outlet"])]
    assert await states(firm, firm.dang) == [("counted", [])]


async def test_what_differs_goes_to_a_manager_who_takes_it_over_or_not(firm: Firm) -> None:
    """Field by field, as the manager's word; what is no text is edited by hand, and nothing is lost."""
    shop = await firm.shop(phone="13800000000")
    said = [["phone", "13911111111"], ["address", "新街 5 号"], ["position", "28.7,115.8"]]
    made = await firm.does(
        firm.dang, "verification", outlet=shop.bytes, quarter="2026Q4", means="phone", differences=said, confirmed=False
    )
    await look(firm.store, await firm.ground())
    async with firm.store.write() as tx:
        assert [one.matter.about for one in await listed(tx, kind=DIFFERENCE)] == [made]
        with pytest.raises(Refusal, match="edit the outlet instead"):
            await accept_differences(tx, made, firm.sources, by=firm.dealer, fields=["position"])
        await accept_differences(tx, made, firm.sources, by=firm.dealer, fields=["phone", "address"])
        assert await listed(tx, kind=DIFFERENCE) == []
        outlets = TYPED["outlet"]
        row = (await tx.execute(select(outlets.c.phone, outlets.c.address).where(outlets.c.id == shop))).one()
        assert tuple(row) == ("13911111111", "新街 5 号")
        with pytest.raises(Refusal, match="takes a reason"):
            await refuse_differences(tx, made, " ", firm.sources, by=firm.dealer)
        with pytest.raises(Refusal, match="no such difference"):
            await accept_differences(tx, made, firm.sources, by=firm.dealer, fields=["name"])


async def test_the_archivists_are_asked_in_the_last_days_of_the_quarter_once(firm: Firm) -> None:
    """About each territory where something is missing; not before, and not again the next day."""
    await firm.shop()
    await firm.shop("新登记", review="pending")
    firm.at("2026-11-30 09:00")
    for day in ("2026-11-30", "2026-12-01", "2026-12-02"):
        firm.at(f"{day} 09:00")
        ground = await firm.ground()
        async with firm.store.write() as tx:
            await remind(tx, ground)
        tasks = await firm.own(firm.dang, Task)
        assert [(one.title, one.due, one.about) for one in tasks] == (
            [] if day == "2026-11-30" else [("2026Q4 核实 Verify · 城东 · 1", "2026-12-31", firm.east)]
        )


async def test_an_amended_verification_counts_as_its_amendment_says(firm: Firm) -> None:
    """A quarter that was written wrong is put right."""
    shop = await firm.shop()
    wrong = await firm.does(firm.dang, "verification", outlet=shop.bytes, quarter="2026Q3", means="phone")
    await firm.does(firm.dang, "verification", outlet=shop.bytes, quarter="2026Q4", means="phone", amends=wrong.bytes)
    await look(firm.store, await firm.ground())
    async with firm.store.read() as tx:
        assert await verified_in(tx, ["2026Q3", "2026Q4"]) == {shop: {"2026Q4"}}


async def test_an_archivists_task_goes_with_what_was_missing_and_each_quarter_has_its_own(firm: Firm) -> None:
    """A quarter that ended with something missing stands in no other quarter's way."""
    shop = await firm.shop()
    await firm.shop("城西店", firm.west)
    for morning in ("2026-12-20 03:00", "2026-12-21 03:00", "2027-01-01 03:00", "2027-03-10 03:00"):
        firm.at(morning)
        if morning.startswith("2026-12-21"):
            await firm.does(firm.dang, "verification", outlet=shop.bytes, quarter="2026Q4", means="phone")
        ground = await firm.ground()
        async with firm.store.write() as tx:
            await remind(tx, ground)
    tasks = sorted((one.due, one.about == firm.east, one.status) for one in await firm.own(firm.dang, Task))
    assert tasks == [
        ("2026-12-31", False, "dropped"),
        ("2026-12-31", True, "dropped"),
        ("2027-03-31", False, "open"),
        ("2027-03-31", True, "open"),
    ]


async def test_nobody_verifies_a_quarter_that_has_not_begun(firm: Firm) -> None:
    """By the company's day on which it was written down; the quarter's first minute is in it."""
    shop = await firm.shop()
    firm.at("2027-01-02 09:00")
    for minute in ("2026-12-31 23:59", "2027-01-01 00:00"):
        when = read_local(minute, ZONE)
        await firm.does(firm.dang, "verification", outlet=shop.bytes, quarter="2027Q1", means="phone", at=when)
    await look(firm.store, await firm.ground())
    assert sorted(await states(firm, firm.dang)) == [("counted", []), ("not_counted", ["early"])]


async def test_of_two_managers_who_decide_on_a_difference_at_once_one_does(firm: Firm) -> None:
    """What one left as it is is not taken over by the other."""
    shop = await firm.shop(phone="13800000000")
    made = await firm.does(
        firm.dang, "verification", outlet=shop.bytes, quarter="2026Q4", means="phone",
        differences=[["phone", "13911111111"]], confirmed=False,
    )  # fmt: skip
    await look(firm.store, await firm.ground())

    async def leave(tx: Tx) -> None:
        await refuse_differences(tx, made, "打过，原号能通", firm.sources, by=firm.dealer)

    async def take(tx: Tx) -> None:
        await accept_differences(tx, made, firm.sources, by=firm.dealer)

    _, came = await while_uncommitted(firm.store, leave, take)
    assert isinstance(came, Refusal), came
    async with firm.store.read() as tx:
        phones = TYPED["outlet"].c
        assert (await tx.execute(select(phones.phone).where(phones.id == shop))).scalar_one() == "13800000000"

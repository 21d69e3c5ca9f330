"""Before somebody leaves: what is chosen, what it comes to, and that what is confirmed is what was seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from server.console.departures.choosing import NOBODY, POOL, Choice, read_choice, seal_of
from server.console.departures.leaving import confirming, leaving_page, who_can
from server.departure.leaving import notice
from server.departure.leaving.preview import preview
from server.departure.leaving.wanted import Goes, Wanted
from server.field.whatif import Windows
from server.identity import staff, territories
from server.identity.staff import Role
from server.values import Unfit
from sync.errors import Refusal
from tests.server.console.conftest import viewer_of
from tests.server.firm import ZONE, Firm


def typed(**fields: Any) -> Callable[[str], str]:
    """Fields of a form or an address."""
    given = {name.replace("_", "-"): str(value) for name, value in fields.items()}
    return lambda name: given.get(name, "")


async def _confirming(firm: Firm, person: UUID, said: Callable[[str], str], by: UUID | None = None) -> Any:
    viewer = await viewer_of(firm, by)
    async with firm.store.read() as tx:
        return await confirming(tx, viewer, person, said)


async def test_each_territory_goes_where_it_was_chosen_to(firm: Firm) -> None:
    """To whom follows in all, to somebody else, to the pool, or to nobody yet."""
    async with firm.store.write() as tx:
        await territories.assign(tx, firm.west, firm.wang, firm.sources)
    said = typed(to=firm.li, reason="dismissed")
    found = await _confirming(firm, firm.wang, said)
    assert found.ends == {firm.east: "李", firm.west: "李"}
    assert (found.follower, found.choice.reason, found.pooled) == ("李", "dismissed", frozenset())
    apart = {f"t-{firm.east}": str(firm.zhou), f"t-{firm.west}": NOBODY, "to": str(firm.li)}
    found = await _confirming(firm, firm.wang, lambda name: apart.get(name, ""))
    assert found.ends == {firm.east: "周", firm.west: ""}
    assert dict(found.wanted.territories) == {firm.east: Goes(firm.zhou), firm.west: Goes()}
    pooled = {f"t-{firm.east}": POOL}
    assert (await _confirming(firm, firm.wang, lambda name: pooled.get(name, ""))).pooled == {firm.east}


async def test_the_pool_takes_what_nobody_else_answers_for(firm: Firm) -> None:
    """Where colleagues stand they stay."""
    assert (await _confirming(firm, firm.zhou, typed(to=POOL))).pooled == {firm.west}
    assert (await _confirming(firm, firm.wang, typed(to=POOL))).pooled == frozenset()


async def test_what_is_confirmed_is_what_was_seen(firm: Firm) -> None:
    """Another choice, place or colleague makes another seal; time, and work that flows, do not."""
    seen = (await _confirming(firm, firm.wang, typed(to=firm.li))).seal
    firm.desk.now += 60_000
    await firm.shop()
    assert (await _confirming(firm, firm.wang, typed(to=firm.li))).seal == seen
    assert (await _confirming(firm, firm.wang, typed(to=firm.zhou))).seal != seen
    async with firm.store.write() as tx:
        await territories.unassign(tx, firm.east, firm.sun, firm.sources)
    assert (await _confirming(firm, firm.wang, typed(to=firm.li))).seal != seen


async def test_who_can_be_let_go_and_by_whom(firm: Firm) -> None:
    """Nobody lets themselves go, a manager no dealer, and nobody who has left goes twice."""
    async with firm.store.write() as tx:
        chief = await staff.add(tx, "陈", Role.MANAGER, firm.sources)
    dealer, manager = await viewer_of(firm), await viewer_of(firm, chief.id)
    async with firm.store.read() as tx:
        assert "陈" in {one.name for one in await who_can(tx, dealer)}
        assert {one.name for one in await who_can(tx, manager)} == {"王", "李", "孙", "档", "周"}
    with pytest.raises(Unfit):
        await _confirming(firm, firm.dealer, typed())
    with pytest.raises(Refusal, match="not_yours"):
        await _confirming(firm, firm.dealer, typed(), chief.id)


async def test_what_cannot_be_is_refused_where_it_is_chosen(firm: Firm) -> None:
    """A last hour that is over or none, somebody who is nobody."""
    for said in (
        typed(way="notice", last="2026-10-14T18:00"),
        typed(way="notice", last="soon"),
        typed(way="notice"),
        typed(to="x"),
    ):
        with pytest.raises(Unfit):
            await _confirming(firm, firm.wang, said)
    with pytest.raises(Refusal, match="nobody follows themselves"):
        await _confirming(firm, firm.wang, typed(to=firm.wang))
    assert not (await _confirming(firm, firm.wang, typed(way="notice", last="2026-12-31T18:00"))).choice.is_now


async def test_a_notice_fills_in_what_it_said(firm: Firm) -> None:
    """Until something else is chosen; what it said of single outlets holds all the same."""
    shop = await firm.shop()
    wanted = Wanted(firm.li, outlets=((shop, Goes(territory=firm.west)),))
    async with firm.store.write() as tx:
        last = firm.desk.now + 1000
        await notice.give(tx, firm.wang, last, wanted, firm.sources, reason="retired", by=firm.dealer)
        found = await preview(tx, firm.wang, firm.desk.now)
    choice = read_choice(typed(), found)
    assert (choice.follower, choice.reason) == (str(firm.li), "retired")
    again = await _confirming(firm, firm.wang, typed(way="now", to=firm.zhou))
    assert again.wanted == Wanted(firm.zhou, outlets=wanted.outlets)
    assert seal_of(found, choice) != seal_of(found, Choice())


async def test_the_page_shows_what_hangs_on_somebody_and_who_is_near(firm: Firm) -> None:
    """Colleagues first, then whoever's outlets are nearest; the drawing has the leaver's outlets and those around."""
    for name, place, lon in (
        ("老张烟酒", firm.east, 116.40),
        ("李记", firm.east, 116.41),
        ("西街", firm.west, 116.412),
    ):
        await firm.shop(name, place, position=[39.90, lon], grade="A")
    viewer = await viewer_of(firm)
    async with firm.store.read() as tx:
        page = await leaving_page(tx, viewer, firm.wang, Windows(zone=ZONE), typed())
    (east,) = page.follows
    assert [(one.person.name, one.is_colleague) for one in east.candidates][:2] == [("李", True), ("周", False)]
    near = east.candidates[1].km
    assert near is not None
    assert 0.4 < near < 0.8
    assert page.sheet is not None
    by_name = {one.name: one for one in page.sheet.areas}
    assert (len(by_name["城东"].spots), bool(by_name["城东"].colour)) == (2, True)
    assert (len(by_name["城西"].spots), by_name["城西"].colour) == (1, "")
    assert all(dot.is_key and 0 <= dot.x <= page.sheet.width for dot in by_name["城东"].spots)
    west, rest = by_name["城东"].spots
    assert west.x < rest.x < by_name["城西"].spots[0].x
    assert (page.found.outlets, page.choice.is_now) == (2, True)


async def test_without_any_position_there_is_no_drawing(firm: Firm) -> None:
    """And everything else all the same."""
    await firm.shop()
    viewer = await viewer_of(firm)
    async with firm.store.read() as tx:
        page = await leaving_page(tx, viewer, firm.wang, Windows(zone=ZONE), typed())
    assert page.sheet is None
    assert [one.person.name for one in page.follows[0].candidates][:1] == ["李"]

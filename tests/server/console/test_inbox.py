"""The inbox on both databases: what waits is counted and listed in one order, page by page, and decided is told of."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from server.console.inbox.kinds import KINDS, kind_of, lines, next_of, waiting
from server.console.inbox.parts import Line, Look, Place
from server.identity.staff import Role
from server.master.inbox import Matter, bring_up
from sync.errors import Refusal
from sync.operations import Act
from tests.server.console.clicking import hand_of
from tests.server.firm import Firm


async def _scene(firm: Firm) -> list[UUID]:
    """Of several kinds something waits: three registrations, a proposal, refused work, two matters."""
    desk = firm.desk
    found = []
    for name in ("老张烟酒", "和平饭店", "大排档"):
        desk.now += 1000
        found.append(await firm.does(firm.wang, "outlet", name=name))
    desk.now += 1000
    rep = desk.rep(firm.wang, firm.east)
    await desk.submit(rep, desk.operation(Act.EDIT, "outlet", found[0], base=1, grade="A"))
    desk.now += 1000
    await desk.submit(rep, desk.operation(Act.CREATE, "visit", desk.id(), outlet=uuid4().bytes))
    desk.now += 1000
    async with firm.store.write() as tx:
        for kind in ("phase_ready", "wipe_unconfirmed"):
            await bring_up(tx, Matter(kind, firm.east, "It is time.", "到时候了。"), firm.sources)
    return found


async def test_one_list_has_what_is_urgent_first_then_the_oldest_page_by_page(firm: Firm, tmp_path: Path) -> None:
    """Pages together are the list, each line once, and counts agree with it."""
    await _scene(firm)
    hand = await hand_of(firm, firm.dealer, tmp_path)
    async with firm.store.read() as tx:
        whole = (await lines(tx, hand, Look())).lines
        counts = {one.kind: one.count for one in await waiting(tx, Role.DEALER, firm.desk.now) if one.count}
        paged: list[Line] = []
        behind: Place | None = None
        while True:
            page = await lines(tx, hand, Look(behind=behind, limit=2))
            paged += page.lines
            if page.behind is None:
                break
            behind = Place.read(page.behind)
    kinds = ["matters", *["registrations"] * 3, "proposals", "letters", "matters"]
    assert [one.kind for one in whole] == kinds
    assert paged == list(whole)
    assert counts == {"registrations": 3, "proposals": 1, "letters": 1, "matters": 2}


async def test_each_role_counts_what_it_sees(firm: Firm) -> None:
    """Service people and archivists have parts of the list."""
    await _scene(firm)
    async with firm.store.read() as tx:
        service = {one.kind: one.count for one in await waiting(tx, Role.SERVICE, firm.desk.now)}
        archivist = {one.kind: one.count for one in await waiting(tx, Role.ARCHIVIST, firm.desk.now)}
    assert service == {"matters": 0}
    assert archivist == {"registrations": 3, "duplicates": 0, "matters": 0}


@pytest.mark.parametrize("kind", [one.key for one in KINDS])
async def test_what_is_not_there_is_refused(firm: Firm, tmp_path: Path, kind: str) -> None:
    """No kind has an item of an id that nobody knows, or of what is no id."""
    hand = await hand_of(firm, firm.dealer, tmp_path)
    async with firm.store.read() as tx:
        for ref in (str(uuid4()), "something", f"{uuid4()}_{uuid4()}"):
            with pytest.raises(Refusal, match="not_found"):
                await kind_of(kind).item(tx, hand, ref)


async def test_after_one_comes_the_next_of_its_kind_and_from_the_last_the_first(firm: Firm, tmp_path: Path) -> None:
    """Whoever goes through a kind comes round."""
    first, second, third = await _scene(firm)
    hand, kind = await hand_of(firm, firm.dealer, tmp_path), kind_of("registrations")
    async with firm.store.read() as tx:
        found = await kind.lines(tx, hand, Look())
        following = [await next_of(tx, hand, kind, str(one.place)) for one in found]
    assert [one.ref.partition("/")[2] for one in following if one] == [str(second), str(third), str(first)]


async def test_the_decided_are_listed_newest_first_with_who_decided(firm: Firm, tmp_path: Path) -> None:
    """A registration, a proposal, refused work and a matter, each with its word."""
    found = await _scene(firm)
    hand = await hand_of(firm, firm.dealer, tmp_path, reason="看过了")
    async with firm.store.read() as tx:
        open_ones = {one.kind: one for one in (await lines(tx, hand, Look())).lines}
    for kind, act in (("proposals", "accept"), ("letters", "close"), ("matters", "settle")):
        firm.desk.now += 1000
        ref = open_ones[kind].ref.partition("/")[2]
        came = await kind_of(kind).decide(hand, [ref], act)
        assert came.is_done, kind
        assert not (await _again(kind, ref, act, hand)), kind
    firm.desk.now += 1000
    await kind_of("registrations").decide(hand, [str(found[1])], "refuse")
    async with firm.store.read() as tx:
        done = (await lines(tx, hand, Look(is_open=False))).lines
        page = await kind_of("letters").item(tx, hand, open_ones["letters"].ref.partition("/")[2])
    assert [one.kind for one in done] == ["matters", "letters", "proposals", "registrations"]
    assert [one.ended for one in done] == ["看过了", "已关闭 看过了", "已采纳", "未通过 看过了"]
    assert page.story[-2].by == firm.dealer or page.story[-1].by == firm.dealer


async def _again(kind: str, ref: str, act: str, hand: object) -> bool:
    """Whether deciding once more does anything."""
    try:
        return (await kind_of(kind).decide(hand, [ref], act)).is_done  # type: ignore[arg-type]
    except Refusal:
        return False

"""Map and archive sheets: what is on them and what never is, numbers that agree, and who gets none."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from server.field.defaults import add_default_classes
from server.field.merging import merge
from server.field.sheets.drawing import drawn
from server.field.sheets.gathering import Kind, Shop
from server.field.sheets.printing import COPIES, Sheets, sheets_of, sheets_page
from server.identity.staff import PersonStatus
from server.identity.territories import Territory
from server.master.people import staff as people_of_company
from sync.errors import Refusal
from sync.operations import Act
from sync.positions import Position
from tests.server.desk import Desk
from tests.server.field.registration.office import Office, opened

ZONE = "Asia/Shanghai"


@pytest.fixture
async def office(desk: Desk) -> Office:
    """A territory with two reps."""
    return await opened(desk)


async def printed(office: Office, **people: Any) -> Sheets:
    """The territory's sheets."""
    place = Territory(office.east, "城东")
    return await sheets_of(office.desk.store, office.ground.sources, place, **people)


class Reader(HTMLParser):
    """What a page asks for from elsewhere, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect tags and addresses."""
        self.tags |= {tag} | {f"{tag}.{name}" for name, _ in attrs if name in {"src", "href"}}

    def handle_data(self, data: str) -> None:
        """Collect what is said."""
        self.said.append(data)


async def test_both_copies_have_the_map_the_list_and_each_outlets_file_with_its_contacts(office: Office) -> None:
    """Closed outlets are on none, nor the private part; what people wrote is text and never markup."""
    async with office.desk.store.write() as tx:
        await add_default_classes(tx, office.ground.sources)
    rep = office.desk.rep(office.wang, office.east)
    where = Position(31.23, 121.47)
    evil = "<script>x</script>老张"
    shop = await office.register(office.wang, evil, outlet_class="hotel_a", address="解放路 8号", position=where)
    await office.register(office.wang, "好再来", address="解放路 2号", status="prospect")
    closed = await office.register(office.wang, "关了的店")
    await office.desk.edit(office.desk.manager(), "outlet", closed, 1, status="closed")
    person = office.desk.id()
    private: dict[str, Any] = {"contact": person.bytes, "notes": "私人备注"}
    for made in (
        office.desk.operation(Act.CREATE, "contact", person, outlet=shop.bytes, name="张三", phone="13900000000"),
        office.desk.operation(Act.CREATE, "contact_private", office.desk.id(), outlet=shop.bytes, **private),
    ):
        (outcome,) = await office.desk.submit(rep, made)
        assert outcome.code == "applied", outcome
    found = await printed(office)
    assert [(one.number, one.fields["name"]) for one in found.shops] == [(1, "好再来"), (2, evil)]
    for copy, labels in COPIES.items():
        text = sheets_page(found, copy, zone=ZONE, carrier="王强")
        page = Reader(text)
        said = "".join(page.said)
        for wanted in (*labels, evil, "A类酒店", "有意向", "张三", "13900000000", "王强", "解放路 8号"):
            assert wanted in said, wanted
        assert not [one for one in ("关了的店", "私人备注") if one in said]
        assert not {one for one in page.tags if "." in one or one in {"script", "img", "link"}}
        assert "url(" not in text
        assert re.findall(r"https?://[^\s\"]+", text) == ["http://www.w3.org/2000/svg"]


async def test_nobody_who_is_leaving_gets_sheets_and_each_print_is_in_the_journal(office: Office) -> None:
    """Neither by their own hand nor for them by somebody else's."""
    await office.register(office.wang, "老张")
    assert len((await printed(office, staff=office.li)).shops) == 1
    async with office.desk.store.write() as tx:
        leaves = update(people_of_company).where(people_of_company.c.id == office.wang.bytes)
        await tx.execute(leaves.values(status=PersonStatus.LEAVING))
    for people in ({"staff": office.wang}, {"staff": office.li, "receiver": office.wang}):
        with pytest.raises(Refusal, match="not_yours"):
            await printed(office, **people)


def shop(number: int, lat: float | None, lon: float | None, grade: str = "C") -> Shop:
    """An outlet on the map."""
    fields = {"grade": grade, "outlet_class": "bar", "name": f"店{number}"}
    return Shop(number, UUID(int=number), lat, lon, fields, ())


KINDS = {"bar": Kind("bar", "酒吧", "Bar", "#6d4c41")}


def test_key_outlets_are_red_and_drawn_last() -> None:
    """So they lie on top; the others have their class's colour, and each its number."""
    said = drawn([shop(1, 31.0, 121.0, "A"), shop(2, 31.001, 121.001)], KINDS)
    found = re.findall(r'<g fill="(.*?)">.*?>(\d+)</text></g>', said)
    assert found == [("#6d4c41", "2"), ("#c00000", "1")]


@pytest.mark.parametrize(
    "places",
    [[(31.0, 121.0)], [(31.0, 121.0), (31.0, 121.0)], [(31.0, 121.0), (35.0, 121.0)], [(-80.0, 0.0), (80.0, 179.0)]],
)
def test_everything_lies_within_the_sheet(places: list[tuple[float, float]]) -> None:
    """One outlet, two at one place, a line, half the world."""
    said = drawn([shop(at, lat, lon) for at, (lat, lon) in enumerate(places)], KINDS)
    dots = [(float(x), float(y)) for x, y in re.findall(r'cx="(.*?)" cy="(.*?)"', said)]
    assert len(dots) == len(places)
    assert all(0 < x < 1860 and 0 < y < 2200 for x, y in dots)


def test_a_territory_without_positions_says_so() -> None:
    """And has its list and files all the same."""
    assert "没有终端有位置" in drawn([shop(1, None, None)], KINDS)


async def test_a_merged_outlet_is_on_no_sheet_and_its_people_and_visits_are_on_the_other_ones(office: Office) -> None:
    """The last visit is the latest of the two."""
    goes, stays = await office.register(office.wang, "章记副食"), await office.register(office.wang, "老张烟酒")
    desk, rep = office.desk, office.desk.rep(office.wang, office.east)
    person = desk.operation(Act.CREATE, "contact", desk.id(), outlet=goes.bytes, name="张三", phone="13900000000")
    visit = desk.operation(Act.CREATE, "visit", desk.id(), outlet=goes.bytes)
    assert [one.code for one in await desk.submit(rep, person, visit)] == ["applied"] * 2
    async with desk.store.write() as tx:
        await merge(tx, office.ground.sources, goes, stays, reason="同一家")
    (shop,) = (await printed(office)).shops
    assert (shop.id, shop.contacts, shop.fields["last_visit_at"]) == (stays, (("张三", "", "13900000000"),), desk.now)

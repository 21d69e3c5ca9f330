"""The handover sheet: who follows at which outlet and what there is to know, on the screen and to print."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from server.departure.cutoff import offboard
from server.departure.leaving import notice
from server.departure.leaving.handover import Handover, handover_of
from server.departure.leaving.handover_page import page_of, text_of
from server.departure.leaving.wanted import Goes, Wanted
from tests.server.departure.ground import Ground, territory_of
from tests.server.departure.office import Office

ZONE = "Asia/Shanghai"


@pytest.fixture
def ground(office: Office) -> Ground:
    """Where the office's people work."""
    return Ground(office)


async def shown(office: Office) -> Handover:
    """The sheet of Wang."""
    async with office.store.write() as tx:
        return await handover_of(tx, office.wang, office.sources, office.li)


async def test_every_outlet_stands_with_who_follows_key_outlets_first(office: Office, ground: Ground) -> None:
    """By successor; outlets that nobody follows at come last, and none is left out."""
    await ground.pool(office.west)
    await territory_of(office, "城南", office.li)
    small, key, pooled = [
        await ground.outlet(place, name, grade=grade)
        for place, name, grade in ((office.east, "小", "C"), (office.east, "大", "A"), (office.west, "池", "B"))
    ]
    wanted = Wanted(office.li, outlets=((pooled, Goes(pool=True)),))
    departure = await offboard(office.means, office.wang, "left", wanted=wanted)
    found = await shown(office)
    assert found.at == departure.at
    assert [(one.known.outlet, one.successor) for one in found.entries] == [
        (key, "李强"),
        (small, "李强"),
        (pooled, None),
    ]
    assert [kind for kind, _ in await office.journal()].count("handover_shown") == 1


async def test_care_stands_only_where_whoever_follows_may_see_it(office: Office, ground: Ground) -> None:
    """In the other territory nobody holds the private part."""
    for place, name in ((office.east, "甲"), (office.west, "乙")):
        shop = await ground.outlet(place, name)
        contact = await ground.write("contact", outlet=shop, name="张")
        await ground.write(
            "contact_private", contact=contact, outlet=shop, birthday=[3, 9], consent=[True, ["care"], None]
        )
    await offboard(office.means, office.wang, "left", office.li)
    found = await shown(office)
    assert {one.known.name: len(one.shown.care) for one in found.entries} == {"甲": 1, "乙": 0}
    assert text_of(found, ZONE).count("3-9") == page_of(found, ZONE).count("3-9") == 1


async def test_under_notice_the_sheet_is_there_before_the_hour(office: Office, ground: Ground) -> None:
    """With whoever was named."""
    await ground.outlet(office.east, "甲")
    async with office.store.write() as tx:
        given = await notice.give(
            tx, office.wang, office.clock() + 1000, Wanted(office.li), office.sources, reason="resigned"
        )
    found = await shown(office)
    assert (found.at, [one.successor for one in found.entries]) == (given.last_at, ["李强"])


class Texts(HTMLParser):
    """The texts and tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag with its attributes."""
        self.tags.append(f"{tag} {dict(attrs)}")

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.texts.append(data)


async def test_the_page_stands_alone_and_takes_names_for_what_they_are(office: Office, ground: Ground) -> None:
    """No script, no address, no name of a shop that becomes a tag; lines for signatures."""
    name = "<script>alert(1)</script>"
    await ground.outlet(office.east, name, grade="A")
    await offboard(office.means, office.wang, "left", office.li)
    page = Texts()
    page.feed(page_of(await shown(office), ZONE))
    assert f"A {name}" in page.texts
    assert not [tag for tag in page.tags if tag.startswith(("script", "link", "img"))]
    assert "h3 {'class': 'key'}" in page.tags
    assert "接收人 Taken over by" in page.texts

"""Importing a list into the store: good rows in, bad rows back, and the same file again changes nothing."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from server.field.imports import Imported, import_list
from server.field.intake.companions import read_companions
from server.field.intake.normalise import ListSettings
from server.field.intake.prepare import prepare
from server.identity import territories
from server.master.audit import audit
from server.master.store import Store
from server.ports import Sources
from sync.records import Contact, Outlet
from sync.scopes import territory
from tests.server.desk import Desk

HELSINKI = Path(__file__).parents[3] / "fixtures" / "helsinki" / "outlets_helsinki_west.csv"
DISTRICT = Path(__file__).parents[3] / "fixtures" / "district" / "district.xlsx"
HEAD = "店名,片区,电话,地址,联系人\n"


class Office:
    """A company with one territory, and a short way to import."""

    def __init__(self, desk: Desk, place: UUID, sources: Sources) -> None:
        self.desk, self.place, self.sources = desk, place, sources

    async def take(self, path: Path, *, region: str = "CN", default: bool = True) -> Imported:
        """Import a file."""
        prepared = prepare(path, ListSettings(region=region))
        scope = territory(self.place) if default else None
        return await import_list(self.desk.store, prepared, self.sources, default=scope)

    async def outlets(self) -> list[Outlet]:
        """The outlets of the territory."""
        found = (await self.desk.records(territory(self.place))).values()
        return sorted((one for one in found if isinstance(one, Outlet)), key=lambda one: one.name)


@pytest.fixture
async def office(store: Store) -> Office:
    """The office with the territory 东区."""
    desk = await Desk(store).open()
    sources = Sources(lambda: desk.now, desk.random.randbytes)
    async with store.write() as tx:
        place = await territories.add_territory(tx, "东区", None, sources)
    return Office(desk, place.id, sources)


def _file(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, "utf-8-sig")
    return path


async def test_real_outlets_go_in_and_a_second_import_changes_nothing(office: Office) -> None:
    """The counts add up to the file's 461 rows, both times; digests, feed and typed tables agree."""
    first = await office.take(HELSINKI, region="FI")
    again = await office.take(HELSINKI, region="FI")
    for one in (first, again):
        counts = one.tally
        assert counts.imported + counts.updated + counts.duplicates + counts.rejected == 461
        assert len(one.rejected) == counts.rejected
    assert first.tally.imported > 400
    assert (again.tally.imported, again.tally.updated, again.changed) == (0, 0, frozenset())
    assert len(await office.outlets()) == first.tally.imported
    async with office.desk.store.read() as tx:
        assert await audit(tx) == []


async def test_every_row_of_the_district_is_in_or_comes_back_with_a_reason(office: Office) -> None:
    """The counts add up, and as many rows come back as are counted rejected."""
    async with office.desk.store.write() as tx:
        for one in read_companions(DISTRICT).territories:
            if not one.pool:
                await territories.add_territory(tx, one.name, None, office.sources)
    report = await office.take(DISTRICT)
    counts = report.tally
    assert counts.imported + counts.updated + counts.duplicates + counts.rejected == 1224
    assert len(report.rejected) == counts.rejected
    assert all(one.reasons for one in report.rejected)


async def test_a_row_brings_its_outlet_and_its_main_contact(office: Office, tmp_path: Path) -> None:
    """The person a list names is the outlet's main contact."""
    await office.take(_file(tmp_path, HEAD + "老张烟酒,东区,13800000001,人民路1号,张三\n"))
    (outlet,) = await office.outlets()
    contact = (await office.desk.records(territory(office.place)))[outlet.main_contact or outlet.id]
    assert isinstance(contact, Contact)
    assert (contact.name, contact.outlet, outlet.review) == ("张三", outlet.id, "approved")


async def test_only_what_the_list_changed_is_changed_and_a_reps_mending_stays(office: Office, tmp_path: Path) -> None:
    """An import never takes back what somebody mended since."""
    head = "编码," + HEAD
    await office.take(_file(tmp_path, head + "K1,老张烟酒,东区,13800000001,人民路1号,张三\n"))
    (outlet,) = await office.outlets()
    rep = office.desk.rep(office.desk.wang, office.place)
    await office.desk.edit(rep, "outlet", outlet.id, 1, phone="+8613900000009")
    report = await office.take(_file(tmp_path, head + "K1,老张烟酒,东区,13800000001,人民路88号,张三\n"))
    (outlet,) = await office.outlets()
    assert report.tally.updated == 1
    assert (outlet.phone, outlet.address) == ("+8613900000009", "人民路88号")


async def test_rows_of_unknown_territories_come_back_with_the_reason(office: Office, tmp_path: Path) -> None:
    """A row is never put where its dealer did not say."""
    text = HEAD + "甲店,东区,13800000001,人民路1号,\n乙店,南区,13800000002,人民路2号,\n丙店,,13800000003,人民路3号,\n"
    report = await office.take(_file(tmp_path, text), default=False)
    assert [one.reasons[0].code for one in report.rejected] == ["territory_unknown", "territory_missing"]
    assert (report.tally.imported, report.tally.rejected) == (1, 2)


async def test_a_row_that_is_only_alike_goes_in_and_is_asked_about(office: Office, tmp_path: Path) -> None:
    """What looks like one outlet but is not certain becomes a question."""
    head = "店名,片区,电话,纬度,经度\n"
    text = head + "章记烟酒店,东区,13800000001,31.20000,121.40000\n张记烟酒店,东区,13800000002,31.20010,121.40000\n"
    report = await office.take(_file(tmp_path, text))
    assert (report.tally.imported, report.questions) == (2, 1)


async def test_an_import_never_mends_the_contact_of_another_outlet(office: Office, tmp_path: Path) -> None:
    """A main contact that a rep pointed elsewhere is nobody's main contact; the list's own is made anew."""
    desk = office.desk
    await office.take(_file(tmp_path, HEAD + "甲店,东区,13800000001,一号,张三\n乙店,东区,13800000002,二号,李四\n"))
    other, one = await office.outlets()
    assert (one.name, other.name) == ("甲店", "乙店")
    people = {found.name: found for found in (await desk.records(territory(office.place))).values()
              if isinstance(found, Contact)}  # fmt: skip
    await desk.edit(desk.manager(), "outlet", one.id, 1, main_contact=people["李四"].id)
    await office.take(_file(tmp_path, HEAD + "甲店,东区,13800000001,一号,王五\n乙店,东区,13800000002,二号,李四\n"))
    held = (await desk.records(territory(office.place))).values()
    names = {(found.name, found.outlet) for found in held if isinstance(found, Contact)}
    assert names == {("张三", one.id), ("王五", one.id), ("李四", other.id)}


async def test_what_the_store_refused_is_not_asked_about(office: Office, tmp_path: Path) -> None:
    """A question is about two outlets that are there."""
    on_sqlite = """CREATE TRIGGER forbids BEFORE INSERT ON outlets WHEN NEW.name LIKE '丙%'
        BEGIN SELECT RAISE(ABORT, 'forbidden'); END"""
    on_postgresql = "ALTER TABLE outlets ADD CONSTRAINT forbids CHECK (name NOT LIKE '丙%')"
    async with office.desk.store.write() as tx:
        await tx.execute(text(on_sqlite if office.desk.store.is_sqlite else on_postgresql))
    head = "店名,片区,电话,地址,纬度,经度\n"
    rows = "老张烟酒店,东区,13800000001,一号,31.2,121.4\n丙老张烟酒店,东区,13800000001,一号,31.2001,121.4\n"
    imported = await office.take(_file(tmp_path, head + rows))
    assert (imported.tally.imported, imported.tally.rejected, imported.questions) == (1, 1, 0)

"""Importing a list into the store: good rows in, bad rows back, and the same file again changes nothing."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from server.field.credit.beyond import BEYOND
from server.field.imports import Imported, import_list
from server.field.intake.companions import read_companions
from server.field.intake.normalise import ListSettings
from server.field.intake.prepare import prepare
from server.field.merging import merge
from server.identity import territories
from server.master.audit import audit
from server.master.inbox import listed
from server.master.store import Store
from server.ports import Sources
from sync.records import Contact, CreditTerms, Outlet
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


CREDIT = "编码,店名,片区,备注,授信额度,账期\n"


async def test_a_row_of_a_merged_outlet_edits_the_one_that_stands_for_it(office: Office, tmp_path: Path) -> None:
    """What the list changed and no more: parts of its credit that the list did not change stay. Once."""
    await office.take(_file(tmp_path, CREDIT + "K1,老张烟酒,东区,,1000,20\nK2,章记副食,东区,,500,10\n"))
    ids = {one.name: one.id for one in await office.outlets()}
    async with office.desk.store.write() as tx:
        await merge(tx, office.sources, ids["章记副食"], ids["老张烟酒"], reason="同一家")
    changed = CREDIT + "K1,老张烟酒,东区,,1000,20\nK2,章记副食,东区,二楼有仓库,800,10\n"
    report = await office.take(_file(tmp_path, changed))
    found = {one.name: one for one in await office.outlets()}
    assert report.tally.updated == 1
    assert (found["老张烟酒"].notes, found["老张烟酒"].credit) == ("二楼有仓库", CreditTerms(80_000, 20))
    assert (found["章记副食"].notes, found["章记副食"].credit) == ("", CreditTerms(50_000, 10))
    again = await office.take(_file(tmp_path, changed))
    assert (again.tally.updated, again.changed) == (0, frozenset())


async def test_credit_that_the_list_lets_run_too_long_is_cut_and_asked_about(office: Office, tmp_path: Path) -> None:
    """Once; what the dealer has given longer already stays as it is."""
    await office.take(_file(tmp_path, CREDIT + "K1,老张烟酒,东区,,1000,31\nK2,章记副食,东区,,500,季结\n"))
    found = {one.name: one for one in await office.outlets()}
    assert (found["老张烟酒"].credit, found["章记副食"].credit) == (CreditTerms(100_000, 31), CreditTerms(50_000, 31))
    assert await _asked(office) == ["章记副食 90 > 31"]
    again = await office.take(_file(tmp_path, CREDIT + "K1,老张烟酒,东区,,1000,31\nK2,章记副食,东区,,700,季结\n"))
    assert (again.beyond, len(await _asked(office))) == (0, 1)
    given = {"credit": CreditTerms(100_000, 60)}
    await office.desk.edit(office.desk.manager(), "outlet", found["老张烟酒"].id, 1, **given)
    report = await office.take(_file(tmp_path, CREDIT + "K1,老张烟酒,东区,,1000,45\nK2,章记副食,东区,,700,季结\n"))
    assert report.beyond == 0
    assert {one.name: one.credit.days for one in await office.outlets() if one.credit} == {
        "老张烟酒": 45,
        "章记副食": 31,
    }


async def _asked(office: Office) -> list[str]:
    """Which outlets the open questions about credit name."""
    async with office.desk.store.read() as tx:
        return [one.matter.en.partition("may be: ")[2].partition(".")[0] for one in await listed(tx, kind=BEYOND)]

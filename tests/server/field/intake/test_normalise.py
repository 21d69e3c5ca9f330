"""Each row becomes a draft or comes back with every reason; nothing is lost on the way without a word."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.field.intake.drafts import Facts, Harvest
from server.field.intake.headings import FIELDS
from server.field.intake.mapping import guess_mapping
from server.field.intake.normalise import FATAL, ListSettings, harvest, source_of
from server.field.intake.reasons import SENTENCES
from server.field.intake.records import outlet_fields
from server.field.intake.rejects import reason_text
from server.field.intake.table import Row, Table
from sync.codec import pack, unpack
from sync.positions import Position, distance_m, from_wgs84
from sync.records import Outlet
from tests.builders.lists import HOME, facts


def normalise(header: str, *rows: str, given_settings: ListSettings | None = None) -> Harvest:
    """Normalise rows written with | between cells."""
    cells = [tuple(row.split("|")) for row in rows]
    table = Table("csv", tuple(header.split("|")), tuple(Row(at, row) for at, row in enumerate(cells, 2)), 1)
    return harvest(table, guess_mapping(table), given_settings)


def one(header: str, row: str, given_settings: ListSettings | None = None) -> Facts:
    """The facts of a single good row."""
    found = normalise(header, row, given_settings=given_settings)
    assert not found.rejected
    return found.drafts[0].facts


def test_a_full_row_becomes_facts() -> None:
    """Every column that a dealer keeps arrives in its own field, typed."""
    header = (
        "客户编码|店名|终端类型|等级|合作状态|地址|纬度|经度|电话|联系人|职务|联系人电话|营业时间"
        "|合作起始|合作级别|结算方式|账期|信用额度(元)|片区|业务员|备注"
    )
    row = (
        "C1|老张烟酒|名烟名酒店|A类|已采购|鼓楼街1号|28.69|115.86|0791-88881234|张三|老板|15400000001|08:00-22:00"
        "|2024/3/5|三级|月结|30天|5,000|城东|周海波|周一休息"
    )
    found = one(header, row)
    assert (found.name, found.code, found.ref) == ("老张烟酒", "C1", None)
    assert (found.outlet_class, found.class_written, found.grade, found.status) == (
        "tobacco_liquor",
        "名烟名酒店",
        "A",
        "buyer",
    )
    assert (found.address, found.position) == ("鼓楼街1号", HOME)
    assert found.numbers == ("+8679188881234", "+8615400000001")
    assert (found.contact_name, found.contact_role) == ("张三", "老板")
    assert [phone.e164 for phone in found.contact_phones] == ["+8615400000001"]
    assert (found.opening_hours, found.since, found.level, found.terms) == ("08:00-22:00", "2024-03-05", 3, "月结")
    assert (found.credit_days, found.credit_limit) == (30, 500_000)
    assert (found.territory, found.owner, found.notes) == ("城东", "周海波", "周一休息")


def test_the_datum_comes_from_the_cell_then_the_heading_then_the_setting() -> None:
    """Three shops at one door, each written in another datum, stand at one place."""
    gcj, bd = from_wgs84(HOME, "gcj02"), from_wgs84(HOME, "bd09")
    by_cell = one("店名|纬度|经度|坐标系", f"甲|{gcj.lat}|{gcj.lon}|GCJ-02")
    by_heading = one("店名|百度纬度|百度经度", f"甲|{bd.lat}|{bd.lon}")
    by_setting = one("店名|纬度|经度", f"甲|{gcj.lat}|{gcj.lon}", ListSettings(datum="gcj02"))
    for found in (by_cell, by_heading, by_setting):
        assert found.position is not None
        assert distance_m(found.position, HOME) < 0.001
    beyond = one("店名|百度纬度|百度经度|坐标系", f"甲|{HOME.lat}|{HOME.lon}|WGS84")
    assert beyond.position == HOME


@pytest.mark.parametrize(
    ("header", "row", "codes"),
    [
        ("店名|电话", "|15400000001", ["name_missing"]),
        ("店名|备注", "老张烟酒|旺", ["no_trace"]),
        ("店名|纬度|经度", "老张烟酒|286.9|115.86", ["position_impossible"]),
        ("店名|纬度|经度", "老张烟酒|路口|115.86", ["position_unreadable"]),
        ("店名|纬度|经度|坐标系", "老张烟酒|28.69|115.86|北京54", ["datum_unknown"]),
        ("店名|地址|信用额度", "老张烟酒|一号|五千左右", ["money_unreadable"]),
        ("店名|地址", "老" * 121 + "|一号", ["too_long"]),
        (
            "店名|纬度|经度|信用额度",
            "|286.9|115.86|五千左右",
            ["position_impossible", "money_unreadable", "name_missing"],
        ),
    ],
)
def test_a_row_that_would_make_the_archive_wrong_comes_back(header: str, row: str, codes: list[str]) -> None:
    """With its cells as they were, and with all that is wrong with it at once."""
    found = normalise(header, row)
    assert found.drafts == ()
    assert [reason.code for reason in found.rejected[0].reasons] == codes
    assert found.rejected[0].cells == tuple(row.split("|"))


@pytest.mark.parametrize(
    ("column", "cell", "code", "field"),
    [
        ("电话", "1.54E+10", "phone_rounded", "phones"),
        ("电话", "老板不给", "phone_not_one", "phones"),
        ("类型", "hairdresser", "class_unknown", "outlet_class"),
        ("等级", "D", "grade_unknown", "grade"),
        ("状态", "随便", "status_unknown", "status"),
        ("合作级别", "核心", "level_unknown", "level"),
        ("合作起始", "去年", "day_unreadable", "since"),
        ("账期", "看情况", "days_unreadable", "credit_days"),
        ("纬度", "28.69", "position_half", "position"),
    ],
)
def test_a_cell_that_nobody_needs_to_find_the_outlet_is_remarked(column: str, cell: str, code: str, field: str) -> None:
    """The row is in; what could not be read is told, and not put in as something else."""
    found = normalise(f"店名|地址|{column}", f"老张烟酒|一号|{cell}")
    assert [(remark.row, remark.reason.code) for remark in found.remarks] == [(2, code)]
    value = getattr(found.drafts[0].facts, field)
    assert value in (None, (), "other") or value[0].e164 is None


def test_an_unknown_class_keeps_the_dealer_s_word() -> None:
    """It is drawn as other, and what stood in the cell is still there."""
    found = one("店名|地址|类型", "老张烟酒|一号|hairdresser")
    assert (found.outlet_class, found.class_written) == ("other", "hairdresser")


def test_parts_of_an_address_become_one() -> None:
    """A part that the next one repeats is not written twice."""
    assert one("店名|省|市|地址", "甲|江西省|南昌市|云澜区鼓楼街1号").address == "江西省南昌市云澜区鼓楼街1号"
    assert one("店名|省|地址", "甲|江西省|江西省南昌市鼓楼街1号").address == "江西省南昌市鼓楼街1号"
    assert one("name|city|street", "A|Helsinki|Kaivokatu 8").address == "Helsinki, Kaivokatu 8"


def test_the_country_of_the_phones_is_the_list_s_own() -> None:
    """Numbers with + tell the country of those without, whatever the company's setting."""
    rows = [f"店{at}|一号|+358 40 545 840{at}" for at in range(6)]
    found = normalise("店名|地址|电话", *rows, "店7|一号|0505010611")
    assert found.region == "FI"
    assert found.drafts[-1].facts.numbers == ("+358505010611",)


def test_a_source_is_the_reference_the_code_or_what_the_outlet_is_known_by() -> None:
    """The same row next time has the same source; a mended phone makes no other outlet where there is an address."""
    assert source_of(facts(ref="osm:1", code="C1")) == "osm:1"
    assert source_of(facts(code="C1")) == "code:C1"
    listed = source_of(facts(address="一号", position=HOME, phones=["+8615400000001"]))
    assert listed.startswith("list:")
    assert listed == source_of(facts("老张烟酒（个体工商户）", address="一号", position=HOME))
    assert listed != source_of(facts(address="一号", position=Position(28.7, 115.86)))
    assert source_of(facts(phones=["+8615400000001"])) != source_of(facts(phones=["+8615400000002"]))


def test_drafts_and_rejected_rows_add_up_and_progress_is_told() -> None:
    """No row is lost; long lists say how far they are."""
    told: list[int] = []
    rows = [f"{'店' if at % 3 else ''}|一号|{at}" for at in range(1100)]
    table = Table(
        "csv", ("店名", "地址", "编码"), tuple(Row(at, tuple(row.split("|"))) for at, row in enumerate(rows, 2)), 1
    )
    found = harvest(table, guess_mapping(table), progress=told.append)
    assert len(found.drafts) + len(found.rejected) == 1100
    assert told == [500, 1000]


WILD = st.text(max_size=30) | st.from_regex(r"[0-9.,/+Ee°年月日万元NSEW -]{1,14}", fullmatch=True)
HEADER = tuple(field.zh for field in FIELDS.values())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(WILD, min_size=len(HEADER), max_size=len(HEADER)).map(tuple), min_size=1, max_size=4))
def test_whatever_stands_in_the_cells_becomes_a_draft_or_comes_back(wild: list[tuple[str, ...]]) -> None:
    """No cell makes a reader fail; what becomes a draft fits the record that it is meant for."""
    table = Table("csv", HEADER, tuple(Row(at, cells) for at, cells in enumerate(wild, 2)), 1)
    found = harvest(table, guess_mapping(table))
    assert len(found.drafts) + len(found.rejected) == len(wild)
    for draft in found.drafts:
        outlet = Outlet(UUID(int=1), **outlet_fields(draft))
        assert unpack(pack(outlet)) == outlet
    told = [row.reasons for row in found.rejected] + [(remark.reason,) for remark in found.remarks]
    assert all(reason_text(reasons) for reasons in told)


def test_every_code_has_sentences_in_both_languages() -> None:
    """Whatever is said can be said to a person; codes that send a row back are among them."""
    assert set(SENTENCES) >= FATAL
    for zh, en in SENTENCES.values():
        assert zh.format(value="x", field="y")
        assert en.format(value="x", field="y")

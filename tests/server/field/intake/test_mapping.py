"""Columns are recognised by heading or content, shown with the reason, and the person has the last word."""

from __future__ import annotations

import pytest

from server.field.intake.headings import FIELDS, known_heading
from server.field.intake.mapping import Mapping, guess_mapping, letter, parse_override
from server.field.intake.reasons import IntakeError
from server.field.intake.table import Row, Table


def table(header: tuple[str, ...], *rows: tuple[str, ...]) -> Table:
    """A table as it would have been read."""
    return Table("csv", header, tuple(Row(number, cells) for number, cells in enumerate(rows, 2)), 1)


def fields(mapping: Mapping) -> list[str | None]:
    """The field of each column."""
    return [column.field for column in mapping.columns]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("店名", "name"),
        ("* 客户名称", "name"),
        ("Shop Name", "name"),
        ("终端类型", "outlet_class"),
        ("kind", "outlet_class"),
        ("客户等级", "grade"),
        ("合作级别", "level"),
        ("经度(GCJ-02)", "lon"),
        ("百度纬度", "lat"),
        ("联系电话（手机）", "phone"),
        ("手机2", "phone"),
        ("老板电话", "contact_phone"),
        ("信用额度(元)", "credit_limit"),
        ("账期(天)", "credit_days"),
        ("osm_id", "ref"),
        ("opening_hours", "opening_hours"),
        ("片区", "territory"),
        ("身份证号码", "ignored"),
        ("退回原因 Reason", "ignored"),
    ],
)
def test_dealers_headings_are_known_word_for_word(heading: str, field: str) -> None:
    """Marks, brackets, case and width do not matter."""
    assert known_heading(heading) == (field, True)


def test_every_field_is_known_by_its_own_labels() -> None:
    """A list exported under our labels comes back in without a person."""
    for field in FIELDS.values():
        for label in (field.zh, field.en):
            assert known_heading(label) == (field.name, True), label


@pytest.mark.parametrize(("heading", "field"), [("所属片区名称", "territory"), ("Adress", "address"), ("颜色", None)])
def test_alike_headings_are_known_but_not_for_sure(heading: str, field: str | None) -> None:
    """A known word inside, or one letter off; anything else is unknown."""
    assert known_heading(heading) == (field and (field, False))


def test_a_field_that_holds_one_value_is_taken_once() -> None:
    """The word-for-word heading wins over the alike one; phones may stand in several columns."""
    mapping = guess_mapping(table(("客户名称全", "店名", "电话", "手机"), ("甲", "老张烟酒", "1", "2")))
    assert fields(mapping) == [None, "name", "phone", "phone"]


def test_an_alike_heading_is_not_believed_against_its_cells() -> None:
    """电话是否有效 holds no phones."""
    mapping = guess_mapping(table(("店名", "电话是否有效"), ("老张烟酒", "是"), ("福顺超市", "否")))
    assert fields(mapping) == ["name", None]


def test_unknown_headings_are_told_by_what_stands_below() -> None:
    """Phones, degrees, streets, classes, hours and names are recognised by their cells."""
    rows = (
        ("老张烟酒", "15400000001", "28.690012", "115.860034", "鼓楼街1号", "名烟名酒店", "08:00-22:00"),
        ("福顺超市", "0791-8888 1234", "28.690112", "115.860134", "鼓楼街3号", "超市", "09:00-23:00"),
        ("鑫源酒店", "15400000003", "28.690212", "115.860234", "状元巷8号", "A类酒店", "24小时"),
        ("旺旺食杂", "15400000004", "28.690312", "115.860334", "米市街2号", "食杂店", "07:00-21:00"),
    )
    mapping = guess_mapping(table(tuple(f"第{at}项" for at in "甲乙丙丁戊己庚"), *rows))
    assert fields(mapping) == ["name", "phone", "lat", "lon", "address", "outlet_class", "opening_hours"]
    assert {column.how for column in mapping.columns} == {"content"}


def test_longitude_before_latitude_is_seen_where_it_is_beyond_90() -> None:
    """In China the longitude shows by itself."""
    rows = (("老张烟酒", "115.860034", "28.690012"), ("福顺超市", "115.860134", "28.690112"))
    assert fields(guess_mapping(table(("店名", "甲", "乙"), *rows))) == ["name", "lon", "lat"]


def test_the_person_has_the_last_word() -> None:
    """What is said with --map goes before any guess, and can leave a column out."""
    given = table(("名称", "招牌", "备注"), ("张三商贸有限公司", "老张烟酒", "旧"))
    mapping = guess_mapping(given, [parse_override("招牌=name"), parse_override("备注=ignored")])
    assert fields(mapping) == [None, "name", "ignored"]
    assert mapping.columns[1].how == "person"


def test_a_blank_heading_is_named_by_its_letter() -> None:
    """A column without a heading can still be mapped; its letter is no heading to be guessed from."""
    given = table(("店名", ""), ("老张烟酒", "旺"), ("福顺超市", "旺"))
    assert guess_mapping(given).columns[1].heading == "B"
    assert fields(guess_mapping(given, [("B", "notes")])) == ["name", "notes"]
    assert [letter(at) for at in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("override", "code"),
    [("店名", "map_syntax"), ("=name", "map_syntax"), ("没有=name", "map_heading"), ("店名=名", "map_field")],
)
def test_an_override_that_fits_nothing_is_refused(override: str, code: str) -> None:
    """A slip in --map is told, not passed over."""
    with pytest.raises(IntakeError) as caught:
        guess_mapping(table(("店名",), ("老张烟酒",)), [parse_override(override)])
    assert caught.value.code == code


def test_a_list_without_names_is_refused_with_what_to_do() -> None:
    """Without the outlet's name nothing can be imported."""
    with pytest.raises(IntakeError, match="no_name_column"):
        guess_mapping(table(("电话", "备注"), ("15400000001", "")))


def test_what_is_shown_has_samples_and_the_heading_s_datum() -> None:
    """A person sees a few values beside each guess; a heading that names a datum says so."""
    mapping = guess_mapping(
        table(("店名", "百度经度", "百度纬度"), *((f"店{at}", "115.86", "28.69") for at in range(9)))
    )
    assert mapping.columns[0].samples == ("店0", "店1", "店2")
    assert mapping.columns[1].datum == "bd09"
    assert [column.index for column in mapping.of("lat")] == [2]

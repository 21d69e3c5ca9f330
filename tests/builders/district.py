"""The sample district: a workbook as a dealer of an invented town could have, the same at every run.

`python -m tests.builders.district` writes `fixtures/district/district.xlsx`. What is wrong in it on purpose is
listed in `MESS`, and in the README beside the workbook. Phones begin with 154, which numbering tables show as given
to nobody.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from math import cos, radians, sin
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from sync.positions import Position
from tests.builders import district_words as words
from tests.builders.district_mess import MESS, spoil
from tests.builders.district_shop import HEADINGS, Shop
from tests.builders.fixed_workbook import to_bytes

__all__ = ["MESS", "PATH", "build", "shops"]

PATH = Path(__file__).parents[2] / "fixtures" / "district" / "district.xlsx"
SEED = 20_261_101
CHAIN = "喜客来便利店"
CHAIN_SHOPS = 8

_CENTRE = (28.6900, 115.8600)
_TURN = radians(11)
_METRE = 1 / 111_195


def build() -> bytes:
    """The workbook as bytes."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = "客户"
    _titled(page, "云澜商贸客户档案表", HEADINGS)
    for shop in shops():
        page.append(shop.row())
    page.freeze_panes = "C4"
    _people(book.create_sheet("人员"))
    _territories(book.create_sheet("片区"))
    _products(book.create_sheet("产品"))
    return to_bytes(book)


def shops() -> list[Shop]:
    """All rows of 客户, the spoilt ones with them."""
    rng = random.Random(SEED)
    doors = {area: _doors(rng, at, area) for at, area in enumerate(words.STREETS)}
    made = [_shop(rng, number, *fit, doors) for number, fit in enumerate(_fits(rng), 1)]
    return spoil(rng, made)


def _fits(rng: random.Random) -> list[tuple[str, str, str]]:
    """Class, name and area of each shop, in the order of the list."""
    cores = iter(_cores(rng))
    wanted = [name for name, (count, _) in words.CLASSES.items() for _ in range(count)]
    rng.shuffle(wanted)
    areas = [*words.TERRITORIES] * 10 + ["公海"] * 4
    named = [(kind, next(cores) + rng.choice(words.TRADES[kind]), rng.choice(areas)) for kind in wanted]
    chain = [("便利店", CHAIN, area) for area in (*words.TERRITORIES, *words.TERRITORIES)[:CHAIN_SHOPS]]
    return sorted([*named, *chain], key=lambda fit: [*words.STREETS].index(fit[2]))


def _cores(rng: random.Random) -> list[str]:
    """What sets shops apart: two lucky characters, a family name, a person. No two are the same."""
    lucky = [a + b for a in words.FORTUNE for b in words.FORTUNE if a != b]
    family = [form.format(name) for name in words.SURNAMES for form in ("老{}", "{}记", "{}氏", "小{}")]
    people = [name + given for name in words.SURNAMES for given in words.GIVEN]
    picked = rng.sample(lucky, 700) + rng.sample(family, 200) + rng.sample(people, 300)
    rng.shuffle(picked)
    return picked


def _doors(rng: random.Random, at: int, area: str) -> Iterator[tuple[str, Position]]:
    """Addresses along an area's streets, both sides, with their positions; each is given once."""
    east, north = (at % 3 - 1) * 1700.0, (at // 3 - 1) * 1500.0
    found = []
    for line, street in enumerate(words.STREETS[area]):
        along_east = line < 4
        offset = (line if along_east else line - 4) * 330.0 - 500.0
        for number in range(1, 90):
            along, across = number * 14.0 - 600.0 + rng.uniform(-3, 3), offset + (9.0 if number % 2 else -9.0)
            x, y = (along, across) if along_east else (across, along)
            found.append((f"云澜区{street}{number}号", _at(east + x, north + y)))
    rng.shuffle(found)
    return iter(found)


def _at(east: float, north: float) -> Position:
    """The position some metres from the centre; the town's grid is turned a little."""
    x, y = east * cos(_TURN) - north * sin(_TURN), east * sin(_TURN) + north * cos(_TURN)
    lat, lon = _CENTRE[0] + y * _METRE, _CENTRE[1] + x * _METRE / cos(radians(_CENTRE[0]))
    return Position(round(lat, 6), round(lon, 6))


def _shop(
    rng: random.Random, number: int, kind: str, name: str, area: str, doors: dict[str, Iterator[tuple[str, Position]]]
) -> Shop:
    address, place = next(doors[area])
    grade = rng.choices("ABC", (12, 33, 55))[0]
    status = rng.choices(("已采购", "有意向", "正在使用", "已流失", "停业"), (55, 20, 15, 8, 2))[0]
    cells: dict[str, Any] = {"客户编码": f"YL{number:04}", "店名": name, "终端类型": kind, "等级": grade}
    cells |= {"合作状态": status, "地址": address, "片区": area, "业务员": _rep(area)}
    cells |= _person(rng, number)
    cells["营业时间"] = rng.choice(words.HOURS) if rng.random() < 0.8 else None
    if status == "已采购":
        cells |= _terms(rng, grade)
    cells["备注"] = rng.choice(words.NOTES) if rng.random() < 0.12 else None
    return Shop(cells, place)


def _rep(area: str) -> str | None:
    return next((name for name, part, areas in words.REPS if part == "负责" and area in areas), None)


def _person(rng: random.Random, number: int) -> dict[str, Any]:
    name = rng.choice(words.SURNAMES) + rng.choice([*words.GIVEN, "老板", "姐", "总"])
    return {"联系电话": f"154{7_000_000 + number * 7:08}", "联系人": name, "职务": rng.choice(words.ROLES)}


def _terms(rng: random.Random, grade: str) -> dict[str, Any]:
    since = date(2016, 1, 1) + timedelta(days=rng.randrange(3900))
    terms: dict[str, Any] = {"合作起始": since, "合作级别": f"{rng.randint(1, 5)}级"}
    if grade == "C":
        return terms | {"结算方式": "现结", "账期(天)": 0}
    days = rng.choice((15, 30, 45))
    return terms | {"结算方式": "月结", "账期(天)": days, "信用额度(元)": rng.choice((3000, 5000, 8000, 20000))}


def _titled(page: Worksheet, title: str, headings: tuple[str, ...]) -> None:
    page.append([title])
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(headings))
    page.append(["制表：档案室", None, "日期：2026-11-01"])
    page.append(list(headings))
    for cell in page[3]:
        cell.font = Font(bold=True)


def _people(page: Worksheet) -> None:
    _titled(page, "人员表", ("工号", "姓名", "手机", "角色", "负责片区", "分工"))
    for number, (name, part, areas) in enumerate(words.REPS, 1):
        page.append([f"R{number:02}", name, f"154{9_900_000 + number:08}", "业务员", "、".join(areas), part])
    office = (
        ("M01", "罗建平", "经理", None),
        ("S01", "许静", "客服", "、".join(words.TERRITORIES)),
        ("D01", "梁文", "档案员", None),
    )
    for number, (code, name, role, where) in enumerate(office, 1):
        page.append([code, name, f"154{9_900_100 + number:08}", role, where, "服务" if where else None])


def _territories(page: Worksheet) -> None:
    _titled(page, "片区表", ("片区编码", "片区", "范围"))
    for number, (area, streets) in enumerate(words.STREETS.items(), 1):
        page.append([f"P{number:02}", area, "、".join(streets)])


def _products(page: Worksheet) -> None:
    _titled(page, "产品表", ("产品编码", "产品名称", "单位", "单价(元)"))
    for line in words.BRANDS:
        page.append(list(line))


if __name__ == "__main__":
    PATH.write_bytes(build())

"""The other sheets of a dealer's workbook: staff (人员), territories (片区), products (产品), where it has them.

For: setting up a company from one workbook. Never: outlets; those go through the stages of an import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from server.field.intake.headings import heading_key
from server.field.intake.phones import phone_text, read_phones
from server.field.intake.reasons import IntakeError
from server.field.intake.table import bytes_of, sheets_in, table_in
from server.field.intake.values import read_money
from server.field.intake.words import is_nothing
from server.field.names import tidy

__all__ = ["Companions", "ListedProduct", "ListedStaff", "ListedTerritory", "companions_in", "read_companions"]


class ListedStaff(msgspec.Struct, frozen=True):
    """One line of 人员. `phone` in E.164 or as written, `territories` by name.

    `role` is rep, manager, service, archivist or dealer; `part` is what they do in the rosters of their territories:
    owner, partner or service.
    """

    code: str
    name: str
    phone: str
    role: str
    territories: tuple[str, ...]
    part: str


class ListedTerritory(msgspec.Struct, frozen=True):
    """One line of 片区. `pool` marks the pool (公海), whose outlets nobody holds."""

    code: str
    name: str
    area: str
    pool: bool


class ListedProduct(msgspec.Struct, frozen=True):
    """One line of 产品; `price` in minor units a `unit`, None where none is listed."""

    code: str
    name: str
    unit: str
    price: int | None


class Companions(msgspec.Struct, frozen=True):
    """What a workbook's other sheets list, in their order."""

    staff: tuple[ListedStaff, ...] = ()
    territories: tuple[ListedTerritory, ...] = ()
    products: tuple[ListedProduct, ...] = ()


_SHEETS = {
    "人员": "staff",
    "员工": "staff",
    "片区": "territories",
    "区域": "territories",
    "产品": "products",
    "商品": "products",
}
_ROLES = {
    "业务员": "rep",
    "业务代表": "rep",
    "经理": "manager",
    "主管": "manager",
    "客服": "service",
    "档案员": "archivist",
    "老板": "dealer",
    "总经理": "dealer",
}
_PARTS = {"负责": "owner", "主责": "owner", "协作": "partner", "协助": "partner", "服务": "service", "回访": "service"}
_BETWEEN = re.compile(r"[、,;/]")
_HEADINGS = {
    "code": "编码|编号|工号|片区编码|产品编码|商品编码|code",
    "name": "姓名|名称|片区|片区名称|产品名称|商品名称|name",
    "phone": "手机|电话|手机号|phone",
    "role": "角色|岗位|职务|role",
    "territories": "负责片区|所属片区|片区|territory",
    "part": "分工|协作角色|part",
    "area": "范围|说明|备注|area",
    "unit": "单位|规格|unit",
    "price": "单价|价格|供货价|price",
}


def read_companions(path: Path, region: str = "CN", minor_digits: int = 2) -> Companions:
    """Read the sheets 人员, 片区 and 产品 (or Staff, Territories, Products), as far as they are there.

    Raises IntakeError.
    """
    return companions_in(bytes_of(path), region, minor_digits)


def companions_in(data: bytes, region: str = "CN", minor_digits: int = 2) -> Companions:
    """The same out of the bytes of a workbook. Raises IntakeError."""
    found: dict[str, list[dict[str, str]]] = {}
    for sheet in sheets_in(data):
        kind = _kind(sheet)
        if kind:
            found[kind] = _lines(data, sheet)
    return Companions(
        tuple(_staff(line, region) for line in found.get("staff", ()) if line["name"]),
        tuple(_territory(line) for line in found.get("territories", ()) if line["name"]),
        tuple(_product(line, minor_digits) for line in found.get("products", ()) if line["code"]),
    )


def _kind(sheet: str) -> str | None:
    name = tidy(sheet).casefold()
    by_zh = next((kind for word, kind in _SHEETS.items() if name.startswith(word)), None)
    return by_zh or (name if name in _SHEETS.values() else None)


def _lines(data: bytes, sheet: str) -> list[dict[str, str]]:
    """Each row under our names; a heading stands for the first of them that lists it and is free."""
    try:
        table = table_in(data, sheet)
    except IntakeError as error:
        if error.code in ("no_rows", "file_empty", "no_header"):
            return []
        raise
    at = _columns(table.header)
    return [{name: tidy(row.cells[at[name]]) if name in at else "" for name in _HEADINGS} for row in table.rows]


def _columns(header: tuple[str, ...]) -> Mapping[str, int]:
    at: dict[str, int] = {}
    keys = [heading_key(heading) for heading in header]
    for name, words in _HEADINGS.items():
        wanted = [heading_key(word) for word in words.split("|")]
        column = next(
            (keys.index(word) for word in wanted if word in keys and keys.index(word) not in at.values()), None
        )
        if column is not None:
            at[name] = column
    return at


def _staff(line: dict[str, str], region: str) -> ListedStaff:
    phones = read_phones(line["phone"], region)[0]
    names = tuple(name for name in map(str.strip, _BETWEEN.split(line["territories"])) if not is_nothing(name))
    role, part = _code(line["role"], _ROLES, "rep"), _code(line["part"], _PARTS, "owner")
    return ListedStaff(line["code"], line["name"], phone_text(phones[:1]), role, names, part)


def _code(word: str, table: Mapping[str, str], default: str) -> str:
    plain = word.casefold()
    return table.get(plain) or (plain if plain in table.values() else default)


def _territory(line: dict[str, str]) -> ListedTerritory:
    pool = "公海" in line["name"] or "pool" in line["name"].casefold()
    return ListedTerritory(line["code"], line["name"], line["area"], pool)


def _product(line: dict[str, str], minor_digits: int) -> ListedProduct:
    return ListedProduct(line["code"], line["name"], line["unit"], read_money(line["price"], minor_digits))

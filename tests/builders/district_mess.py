"""What is wrong in the sample district, on purpose and in small numbers, so that an import shows its worth."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

from sync.positions import Position
from tests.builders.district_shop import Shop

__all__ = ["MESS", "spoil"]

MESS = {
    # Rows that are in all the same.
    "phone_missing": 48,
    "phone_wrong": 7,
    "phone_rounded": 2,
    "phone_as_float": 24,
    "phone_two": 12,
    "gcj02": 30,
    "bd09": 10,
    "no_position": 14,
    "swapped": 5,
    "wide_name": 6,
    "question_alike": 3,
    "question_sound": 3,
    # Rows that are the same outlet again.
    "duplicate_new_code": 8,
    "duplicate_same_code": 4,
    # Rows that come back.
    "code_taken": 3,
    "name_missing": 4,
    "position_impossible": 3,
    "money_unreadable": 2,
}
"""Kind of mess → how many rows have it. No row has two kinds."""

_WRONG = ("老板不给", "15400", "154123", "问隔壁", "15470001234567", "无号码", "88")
_SOUNDS = {"福": "富", "利": "力", "祥": "翔", "盛": "胜", "宏": "洪", "恒": "衡", "康": "糠", "吉": "集", "丰": "风"}


def spoil(rng: random.Random, shops: list[Shop]) -> list[Shop]:
    """The shops with the mess in them: some changed, some added beside the ones that they are taken for."""
    plain = [shop for shop in shops if shop.cells["片区"] != "公海" and not shop.cells["店名"].startswith("喜客来")]
    rng.shuffle(plain)
    _in_place(plain)
    added = _again(plain) + _alike(plain)
    rows = shops + _bad(plain)
    for shop in added:
        rows.insert(rng.randrange(len(rows) // 2, len(rows)), shop)
    return rows


def _in_place(plain: list[Shop]) -> None:
    """Spoil shops that stay what they are; each takes its shop off `plain`, so that no row has two kinds of mess."""
    changes: dict[str, Callable[[Shop, int], None]] = {
        "phone_missing": lambda shop, _: shop.cells.update({"联系电话": None}),
        "phone_wrong": lambda shop, at: shop.cells.update({"联系电话": _WRONG[at]}),
        "phone_rounded": lambda shop, _: shop.cells.update({"联系电话": "1.54E+10"}),
        "phone_as_float": lambda shop, _: shop.cells.update({"联系电话": float(shop.cells["联系电话"])}),
        "phone_two": lambda shop, at: shop.cells.update(
            {"联系电话": f"{shop.cells['联系电话']}/154{8_000_000 + at:08}"}
        ),
        "gcj02": lambda shop, _: setattr(shop, "datum", "gcj02"),
        "bd09": lambda shop, _: setattr(shop, "datum", "bd09"),
        "no_position": lambda shop, _: setattr(shop, "place", None),
        "swapped": lambda shop, _: setattr(shop, "swapped", True),
        "wide_name": lambda shop, _: shop.cells.update({"店名": f"　{shop.cells['店名']}（个体工商户）"}),
    }
    for kind, change in changes.items():
        for at in range(MESS[kind]):
            change(plain.pop(), at)


def _again(plain: list[Shop]) -> list[Shop]:
    """Shops that somebody entered a second time: with a new code a few metres away, or line for line."""
    twice = []
    for at in range(MESS["duplicate_new_code"]):
        shop = _copy(plain.pop(), f"YL8{at:03}", metres=12)
        shop.cells |= {"店名": shop.cells["店名"] + "有限公司", "联系电话": None if at % 2 else shop.cells["联系电话"]}
        twice.append(shop)
    return twice + [copy.deepcopy(plain.pop()) for _ in range(MESS["duplicate_same_code"])]


def _alike(plain: list[Shop]) -> list[Shop]:
    """Shops that only a person can tell from their neighbour: one name in two trades, names that sound the same."""
    sounding = [shop for shop in plain if any(char in shop.cells["店名"] for char in _SOUNDS)]
    made = []
    for at in range(MESS["question_alike"]):
        shop = next(one for one in plain if one.cells["店名"].endswith("食杂店") and one not in sounding)
        plain.remove(shop)
        beside = _copy(shop, f"YL9{at:03}", metres=18)
        beside.cells |= {
            "店名": shop.cells["店名"].removesuffix("食杂店") + "便利店",
            "联系电话": f"154{8_100_000 + at:08}",
        }
        made.append(beside)
    for at in range(MESS["question_sound"]):
        shop = sounding.pop()
        plain.remove(shop)
        beside = _copy(shop, f"YL91{at:02}", metres=18)
        name = shop.cells["店名"]
        char = next(one for one in name if one in _SOUNDS)
        beside.cells |= {"店名": name.replace(char, _SOUNDS[char]), "联系电话": f"154{8_200_000 + at:08}"}
        made.append(beside)
    return made


def _bad(plain: list[Shop]) -> list[Shop]:
    """Rows that nobody can import as they are."""
    bad = [_copy(plain.pop(), f"YL99{at:02}", metres=200) for at in range(_bad_rows())]
    kinds = [kind for kind in _SPOILERS for _ in range(MESS[kind])]
    for shop, kind in zip(bad, kinds, strict=True):
        shop.cells |= {"店名": f"待核实{shop.cells['客户编码']}", "联系电话": None, **_SPOILERS[kind]}
        if kind == "position_impossible":
            shop.place = None
    return bad


_SPOILERS: dict[str, dict[str, object]] = {
    "code_taken": {"客户编码": "YL0001"},
    "name_missing": {"店名": None},
    "position_impossible": {"纬度": 286.9, "经度": 1158.6},
    "money_unreadable": {"信用额度(元)": "五千左右"},
}


def _bad_rows() -> int:
    return sum(MESS[kind] for kind in _SPOILERS)


def _copy(shop: Shop, code: str, metres: float) -> Shop:
    """The same shop under another code, its position some metres further north."""
    other = copy.deepcopy(shop)
    other.cells["客户编码"] = code
    if other.place is not None:
        other.place = Position(round(other.place.lat + metres / 111_195, 6), other.place.lon)
    return other

"""Records to measure with: archives and visits of the size that dealers' lists have, the same ones for the same seed.

An archive is an outlet with six stock lines, a contact and its private part: about 1 KB packed. A visit is about 200
bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from sync.ids import RANDOM_BYTES, new_id
from sync.positions import Position
from sync.records import Birthday, Consent, Contact, ContactPrivate, Outlet, Relative, Stock
from sync.records.contact import Channel
from sync.records.outlet import Cooperation, CreditTerms, Grade, OutletStatus, Review, StockLine

__all__ = ["BEGAN_MS", "PRODUCTS", "Archive", "Maker"]

BEGAN_MS = 1_760_000_000_000
"""When the first of the records was made; the rest within a year after it."""
PRODUCTS = tuple(f"SKU{at:05d}" for at in range(400))

_YEAR_MS = 365 * 86_400_000
_TOWN = 0.1
"""Degrees from the middle of a town to its edges: 11 km northward."""
_QUARTER = 0.012
"""The same of a quarter of a city."""
_COUNTRY = (22.0, 40.0), (100.0, 118.0)
_CITY = (28.53, 28.83), (115.68, 116.04)
"""Degrees north and degrees east between which middles of towns lie."""
_LINES = 6
_NOTES = 120
_SURNAMES = "陈林黄郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁"
_GIVEN = "芳国兰志明玉海春燕建文红德荣庆贵梅生根福"
_STREETS = ("解放路", "中山大道", "环城南路", "滨江街", "北门巷", "工农路", "胜利街", "迎宾大道", "学府路", "老街")
_TOWNS = ("长沙市雨花区", "南昌市西湖区", "合肥市包河区", "贵阳市云岩区", "徐州市鼓楼区", "襄阳市樊城区")
_SHOPS = ("烟酒店", "便利店", "食杂店", "生活超市", "副食批发", "大酒店", "大排档")
_CLASSES = ("tobacco_liquor", "hotel_a", "hotel_b", "grocery", "food_stall", "supermarket")
_HOBBIES = ("垂钓", "象棋", "打牌", "喝茶", "书法", "跑步", "摄影", "种花")
_DAYS = ("mon", "tue", "wed", "thu", "fri")
_SAID = (
    "老板上午不在，下午两点以后再去，",
    "货架第三层给了我们，价签要补，",
    "对面新开了一家，价格压得很低，",
    "上月的促销品还剩两箱没有摆出来，",
    "月底结账，不要现金，",
    "送货走后门，早上八点前到，",
    "想换大一点的冰柜，等公司答复，",
    "老板娘管账，对账找她，",
    "过节前要提前一周订货，",
    "雨天进货少，不用催，",
    "可以做门头，等城管批复，",
    "新品试过，客人说口感偏甜，",
)


class Archive(msgspec.Struct, frozen=True):
    """What is known of one outlet."""

    outlet: Outlet
    contact: Contact
    private: ContactPrivate

    @property
    def records(self) -> tuple[Outlet, Contact, ContactPrivate]:
        """The three records."""
        return self.outlet, self.contact, self.private


class Maker:
    """Draws records from one seed. Whatever is drawn depends on what was drawn before."""

    def __init__(self, seed: int = 20261126, *, stays: bool = False) -> None:
        """With `stays`, towns are quarters of one city."""
        self.centre = 0.0, 0.0
        self._area, self._reach = (_CITY, _QUARTER) if stays else (_COUNTRY, _TOWN)
        self.random = Random(seed)  # noqa: S311  # drawn from a seed, so that a measure can be repeated
        self._count = 0
        self.move()

    def move(self) -> None:
        """Go to another town: positions are of that one from now on."""
        north, east = self._area
        self.centre = self.random.uniform(*north), self.random.uniform(*east)

    def id(self) -> UUID:
        """A fresh id, made at some time of the year."""
        return new_id(BEGAN_MS + self.random.randrange(_YEAR_MS), self.random.randbytes(RANDOM_BYTES))

    def archives(self, number: int) -> Iterator[Archive]:
        """So many archives."""
        for _ in range(number):
            yield self._archive()

    def outlet_fields(self) -> dict[str, Any]:
        """What a rep writes down of an outlet that is found on the street."""
        draw = self.random
        return {
            "name": f"{draw.choice(_SURNAMES)}记{draw.choice(_STREETS)}{draw.choice(_SHOPS)}",
            "outlet_class": draw.choice(_CLASSES),
            "address": f"{draw.choice(_TOWNS)}{draw.choice(_STREETS)}{draw.randint(1, 999)}号",
            "position": self.position(),
            "phone": self._phone(),
        }

    def position(self) -> Position:
        """Somewhere in the town."""
        lat, lon = (one + self.random.uniform(-self._reach, self._reach) for one in self.centre)
        return Position(round(lat, 6), round(lon, 6))

    def visit_fields(self, lines: int = 2) -> dict[str, Any]:
        """What a rep writes down of a visit, with so many products counted."""
        draw = self.random
        return {
            "duration_s": draw.randint(180, 2400),
            "position": self.position(),
            "notes": self.said(30),
            "result": draw.choice(("ordered", "nothing", "closed")),
            "stock": tuple(
                Stock(one, draw.randint(0, 60), draw.randint(0, 12), draw.randint(0, 24))
                for one in draw.sample(PRODUCTS, lines)
            ),
        }

    def said(self, letters: int) -> str:
        """A note of so many letters."""
        text = ""
        while len(text) < letters:
            text += self.random.choice(_SAID)
        return text[:letters]

    def _archive(self) -> Archive:
        draw, outlet, contact = self.random, self.id(), self.id()
        return Archive(
            self._outlet(outlet, contact),
            Contact(contact, outlet, self._person(), "老板", self._phone(), draw.choice(list(Channel))),
            self._private(contact, outlet),
        )

    def _outlet(self, outlet: UUID, contact: UUID) -> Outlet:
        draw, visited, self._count = self.random, self._instant(), self._count + 1
        return Outlet(
            outlet,
            **self.outlet_fields(),
            grade=draw.choice(list(Grade)),
            status=draw.choice((OutletStatus.BUYER, OutletStatus.BUYER, OutletStatus.PROSPECT, OutletStatus.LAPSED)),
            main_contact=contact,
            code=f"OUT-{self._count:06d}",
            cooperation=Cooperation(level=draw.randint(0, 4)),
            credit=CreditTerms(draw.randint(0, 50) * 100_000, draw.choice((0, 15, 30))),
            notes=self.said(_NOTES),
            review=Review.APPROVED,
            stock={one: self._line(visited) for one in draw.sample(PRODUCTS, _LINES)},
            last_visit_at=visited,
            visit_days=tuple(draw.sample(_DAYS, 2)),
            registered_at=self._instant(),
        )

    def _line(self, counted: int) -> StockLine:
        draw = self.random
        return StockLine(0, draw.randint(0, 80), draw.randint(0, 120), counted, self._day(2025, 2026))

    def _private(self, contact: UUID, outlet: UUID) -> ContactPrivate:
        draw = self.random
        family = tuple(
            Relative(key, self._person(), relation, self._birthday(years))
            for key, relation, years in (("1", "配偶", (1965, 1990)), ("2", "子女", (1995, 2018)))
        )
        consent = Consent(given=True, purposes=("care",), at=self._instant())
        return ContactPrivate(self.id(), contact, outlet, tuple(draw.sample(_HOBBIES, 3)), family, consent=consent)

    def _birthday(self, years: tuple[int, int]) -> Birthday:
        draw = self.random
        return Birthday(draw.randint(1, 12), draw.randint(1, 28), year=draw.randint(*years))

    def _instant(self) -> int:
        return BEGAN_MS + self.random.randrange(_YEAR_MS)

    def _day(self, first: int, last: int) -> str:
        draw = self.random
        return f"{draw.randint(first, last)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"

    def _person(self) -> str:
        draw = self.random
        return draw.choice(_SURNAMES) + "".join(draw.choice(_GIVEN) for _ in range(draw.randint(1, 2)))

    def _phone(self) -> str:
        return "1" + "".join(str(self.random.randint(0, 9)) for _ in range(10))

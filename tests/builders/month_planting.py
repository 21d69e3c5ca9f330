"""What the month plants beside the good work: invented shops, the same shop twice, private orders, diversion."""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sync.positions import Position
from tests.builders import district_words as words

__all__ = ["Planting"]

_METRE = 1 / 111_195
_CLASSES = {"食杂店": "grocery", "便利店": "convenience", "餐厅": "restaurant", "超市": "supermarket"}
_SOUNDS = str.maketrans("福鑫兴旺顺源盛丰祥和宏达吉利泰安隆昌", "富欣幸望舜园胜风翔禾鸿达极力太桉龙常")
_INVENTORS = ("蒋立军", "邓小芳")
_AREAS_OF = {"蒋立军": "城南片区", "邓小芳": "城西片区"}


class Planting:
    """The half of the month that goes wrong, and what it is held against: good registrations."""

    rng: random.Random
    planted: dict[str, list[Any]]
    by_area: dict[str, list[Any]]
    buyers: list[Any]

    @abstractmethod
    def add(self, day: date, minute: int, who: str, do: str, **fields: Any) -> None:
        """One event."""

    @abstractmethod
    def owner(self, area: str, day: date) -> str:
        """Who answers for a territory."""

    @abstractmethod
    def partner(self, area: str, day: date) -> str:
        """Who works there too."""

    @abstractmethod
    def key(self, kind: str) -> str:
        """A name for something new."""

    @abstractmethod
    def lines(self, cases: int = 6) -> list[list[Any]]:
        """What is ordered."""

    def plant(self) -> None:
        """Everything that is planted, and the good registrations."""
        self._good()
        self._invented()
        self._twice()
        self._private_orders()
        self._diverted()

    def is_planted_to_fall(self, code: str) -> bool:
        """Whether this outlet's purchases go elsewhere from the middle of the month on."""
        return code in {one.code for one in self._falling()}

    def _falling(self) -> Sequence[Any]:
        return self.buyers[5:24:8][:2]

    def _diverting(self) -> Sequence[tuple[Any, Any]]:
        """Who received a batch, and on whose shelf it is."""
        return [(self.buyers[at], self.buyers[at + 1]) for at in (9, 17) if at + 1 < len(self.buyers)]

    def not_calm(self) -> list[str]:
        """The key buyers of which something is planted."""
        return [one.code for one in [*self._falling(), *(each for pair in self._diverting() for each in pair)]]

    def _registered(self, day: date, minute: int, who: str, area: str, **fields: Any) -> str:
        """A registration as an event; the key of the new outlet."""
        key = self.key("N")
        self.add(day, minute, who, "register", key=key, area=area, **fields)
        return key

    def _at(self, area: str, place: int) -> Any:
        """An outlet of a territory."""
        mine = self.by_area[area]
        return mine[place % len(mine)]

    def _new_name(self) -> str:
        """A name that no outlet of the list has: three characters of a person, never a lucky pair."""
        given = self.rng.choice("珂琬霖骁玥澍钰翊桦沅煜弦")
        return f"{self.rng.choice('欧尉闻柏窦樊翟莘晏覃')}{given}{self.rng.choice('茉苇岫汐璟笙嵘屿')}"

    def _good(self) -> None:
        """Four real shops for each territory: two go there, the manager approves."""
        for number, area in enumerate(words.TERRITORIES):
            for step in range(4):
                day = date(2026, 10, 6) + timedelta(days=3 * step + number % 2)
                near = self._at(area, 7 * step + 3)
                place = _shifted(near.place, 38 + step, 21)
                kind = ("食杂店", "便利店", "餐厅", "超市")[step]
                who, other = self.owner(area, day), self.partner(area, day)
                minute = 11 * 60 + 2 + 15 * number
                key = self._registered(
                    day, minute, who, area, name=self._new_name() + kind, cls=_CLASSES[kind], grade="B",
                    phone=f"154{6_000_000 + number * 10 + step:08}", lat=place.lat, lon=place.lon, photo=step + 1,
                    contact="老板",
                )  # fmt: skip
                self.two(day, minute + 9, who, other, key)
                later = day + timedelta(days=2)
                self.add(later, 9 * 60 + 45, "罗建平", "approve", outlet=key, reason="资料已核对")
                bought = day + timedelta(days=4)
                lines = self.lines()
                self.add(bought, 15 * 60, self.owner(area, bought), "deliver", outlet=key, lines=lines)
                self.add(
                    bought, 15 * 60 + 5, self.owner(area, bought), "pay", outlet=key,
                    amount=sum(line[1] * line[2] for line in lines), account="6222-0001",
                )  # fmt: skip

    def two(self, day: date, minute: int, who: str, other: str, key: str) -> None:
        """The joint first visit: two logs, each naming the other; the second phone hears of the outlet in between."""
        self.add(day, minute - 3, "", "sync", only=[who, other])
        self.add(day, minute, who, "visit", outlet=key, off=5, acc=10, s=600, **{"with": [other]})
        if other != who:
            self.add(day, minute + 5, other, "visit", outlet=key, off=8, acc=10, s=500, **{"with": [who]})

    def _invented(self) -> None:
        """Eight shops that nobody ever saw: registered from elsewhere, without a picture; nothing is bought."""
        for number in range(8):
            who = _INVENTORS[number % 2]
            area = _AREAS_OF[who]
            day = date(2026, 10, 5) + timedelta(days=2 * number)
            near = self._at(area, 11 * number + 20)
            place = _shifted(near.place, 33, -18)
            kind = ("食杂店", "便利店")[number % 2]
            minute = 17 * 60 + 10
            key = self._registered(
                day, minute, who, area, name=self._new_name() + kind, cls=_CLASSES[kind], grade="C",
                phone=f"154{5_000_000 + number * 13:08}", lat=place.lat, lon=place.lon,
            )  # fmt: skip
            how = {"off": 1500 + 90 * number, "acc": 20} if number % 2 else {"off": 3, "acc": 10, "mock": True}
            self.add(day, minute + 6, who, "visit", outlet=key, s=400, **how)
            self.planted["invented"].append(key)

    def _twice(self) -> None:
        """Twelve shops of the list, registered again by somebody else: another spelling, sound, or name, same phone."""
        for number in range(12):
            area = words.TERRITORIES[number % 6]
            shop = self._at(area, 13 + 17 * (number // 6 + 1))
            day = date(2026, 10, 8) + timedelta(days=number)
            name, phone = _again(shop, number)
            place = _shifted(shop.place, 9 + number, -6)
            who = self.partner(area, day)
            minute = 11 * 60 + 50
            key = self._registered(
                day, minute, who, area, name=name, cls=_CLASSES.get(shop.kind, "grocery"), grade="B", phone=phone,
                lat=place.lat, lon=place.lon, photo=5, contact="店主",
            )  # fmt: skip
            self.two(day, minute + 9, who, self.owner(area, day), key)
            self.planted["duplicates"].append([key, shop.code])
            if number % 3 == 0:
                self.add(
                    day + timedelta(days=5), 10 * 60, "罗建平", "merge", gone=key, into=shop.code, reason="同一家店"
                )

    def _private_orders(self) -> None:
        """Two key buyers stop buying in the middle of the month; the visits go on."""
        for number, shop in enumerate(self._falling()):
            for day in (date(2026, 10, 17), date(2026, 10, 23), date(2026, 10, 28)):
                self.add(
                    day,
                    16 * 60 + 10 + 11 * number,
                    self.owner(shop.area, day),
                    "visit",
                    outlet=shop.code,
                    off=10,
                    acc=10,
                    s=600,
                )
            self.planted["private_orders"].append(shop.code)

    def _diverted(self) -> None:
        """Two outlets have on the shelf what was delivered to another."""
        for number, (giver, taker) in enumerate(self._diverting()):
            day = date(2026, 10, 21)
            product = [*_prices()][int(giver.code[2:]) % len(_prices())]
            self.add(
                day, 16 * 60 + 50 + 11 * number, self.owner(taker.area, day), "visit",
                outlet=taker.code, off=10, acc=10, s=600,
                batches=[[product, f"B{giver.code[2:]}1", 3]],
            )  # fmt: skip
            self.planted["diversion"].append([taker.code, giver.code])


def _again(shop: Any, number: int) -> tuple[str, str]:
    """Name and phone with which a shop is registered a second time."""
    kind = number % 4
    if kind == 0:
        return f"{shop.name}有限公司", f"154{4_000_000 + number:08}"
    if kind == 1:
        return shop.name.translate(_SOUNDS), shop.phone or f"154{4_000_000 + number:08}"
    if kind == 2:
        return f"（{shop.name}）", f"154{4_000_000 + number:08}"
    return f"{shop.name[:2]}商行", shop.phone or f"154{4_000_000 + number:08}"


def _shifted(place: Position, north: float, east: float) -> Position:
    return Position(round(place.lat + north * _METRE, 6), round(place.lon + east * _METRE * 1.14, 6))


def _prices() -> dict[str, int]:
    return {code: price for code, _, _, price in words.BRANDS}

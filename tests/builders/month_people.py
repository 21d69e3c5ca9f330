"""What the month has of people: birthdays and occasions, gifts, care for staff, trusted visits, talks and promises."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tests.builders import district_words as words

if TYPE_CHECKING:
    from tests.builders.month import Month, Shop

__all__ = ["People"]

_SEED = 20_261_002
_DEALER, _MANAGER, _BOSS = "沈国强", "罗建平", "刘经理"
_OCTOBER = date(2026, 9, 30)
"""Days of the month are counted from here."""
_DEALERS_AREA = 5

_Card = tuple[int, list[Any] | None, list[list[Any]], list[str] | None]
_CARDS: tuple[_Card, ...] = (
    (1, [10, 4, "solar"], [], ["care"]),
    # The 30th of a lunar month that has 29 days: the 9th of October.
    (5, [8, 30, "lunar"], [], ["care"]),
    (6, [9, 12, "lunar"], [], ["birthday:care"]),
    (6, [10, 24, "solar"], [], None),
    (7, None, [["李梅", "妻子", 10, 22, "solar"], ["张山", "父亲", 10, 22, "solar"]], ["family:care"]),
    (7, [11, 20, "solar"], [["王兰", "母亲", 10, 13, "lunar"]], ["care"]),
    (8, [10, 27, "solar"], [], ["profile"]),
)
"""Day on which a contact is noted, birthday, family, and what was agreed to (None: nobody asked)."""


def _day(number: int) -> date:
    return _OCTOBER + timedelta(days=number)


class People:
    """Writes into a month, from a stream of its own."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._rng = random.Random(_SEED)

    def write(self) -> None:
        """All of it."""
        month = self._month
        month.add(_day(1), 7 * 60 + 2, _MANAGER, "policy", key="trusted_visit_days", value="30")
        holidays = ",".join(str(_day(number)) for number in range(1, 5))
        month.add(_day(1), 7 * 60 + 2, _MANAGER, "policy", key="holidays", value=holidays)
        dealers = words.TERRITORIES[_DEALERS_AREA]
        month.add(_day(1), 7 * 60 + 3, _MANAGER, "assign", person=_DEALER, area=dealers)
        self._staff()
        for number, area in enumerate(words.TERRITORIES):
            self._cards(number, area)
            self._occasions(number, area)
            self._trusted(number, area)
            self._talks(number, area)

    def _keys(self, area: str) -> Sequence[Shop]:
        """The key outlets of a territory, prospects first."""
        found = [one for one in self._month.by_area[area] if one.grade == "A"]
        return sorted(found, key=lambda one: not one.prospect) or self._month.by_area[area]

    def _at(self, area: str, place: int) -> Shop:
        """An outlet that is no key outlet."""
        others = [one for one in self._month.by_area[area] if one.grade != "A"]
        return others[place % len(others)]

    # ---- care --------------------------------------------------------

    def _cards(self, number: int, area: str) -> None:
        keys = self._keys(area)
        for at, (noted, birthday, family, consent) in enumerate(_CARDS):
            shop = keys[at % len(keys)] if at in {0, 2, 5} else self._at(area, 5 * at + 2)
            name = f"{self._rng.choice(words.SURNAMES)}{self._rng.choice(words.GIVEN)}"
            key, day = self._month.key("C"), _day(noted)
            self._month.add(
                day, 8 * 60 + 20 + number, self._month.owner(area, day), "card", outlet=shop.code, key=key, name=name,
                phone=f"154{3_000_000 + 10 * number + at:08}", birthday=birthday, family=family, consent=consent,
            )  # fmt: skip
            if at == 0:
                self._done(_day(3), self._month.owner(area, _day(3)), shop, "2026-10-04", key)
            if at == 1 and number % 2 == 0:
                self._done(_day(8), self._month.owner(area, _day(8)), shop, "2026-10-09", key)
            if at == 2 and number % 3 == 0:
                self._done(_day(20), self._month.owner(area, _day(20)), shop, "2026-10-21", key)
            if at == 2 and number == _DEALERS_AREA:
                self._done(_day(19), _DEALER, shop, "2026-10-21", key)

    def _done(self, day: date, who: str, shop: Shop, due: str, contact: str | None = None) -> None:
        """A task of care is done, with a gift."""
        self._month.add(day, 17 * 60 + 40, who, "finish", outlet=shop.code, kind="care", due=due)
        given: dict[str, Any] = {"gift": self._rng.choice(("茶叶", "水果", "花篮")), "occasion": "care"}
        given |= {"contact": contact} if contact else {}
        cost = 100 * self._rng.randint(20, 300)
        self._month.add(day, 17 * 60 + 41, who, "gift", outlet=shop.code, cost=cost, **given)

    def _occasions(self, number: int, area: str) -> None:
        """A wedding that is noted in time, a funeral at short notice, an opening next month; some done, some not."""
        wedding, funeral, opening = self._at(area, 31), self._at(area, 37), self._keys(area)[0]
        self._noted(_day(7), area, wedding, "wedding", _day(12))
        if number % 2 == 0:
            self._done(_day(11), self._month.owner(area, _day(11)), wedding, str(_day(12)))
        heard = _day(16 + number)
        self._noted(heard, area, funeral, "funeral", heard + timedelta(days=1))
        if number % 2:
            after = heard + timedelta(days=1)
            self._done(after, self._month.owner(area, after), funeral, str(after))
        self._noted(_day(21), area, opening, "opening", date(2026, 11, 20))
        if area == "老街片区":
            # This phone has no network from the 12th to the 14th: one of these is heard of in time.
            self._noted(_day(12), area, self._at(area, 41), "other", _day(14))
            self._noted(_day(13), area, self._at(area, 43), "wedding", _day(16))

    def _noted(self, day: date, area: str, shop: Shop, kind: str, on: date) -> None:
        who = self._month.owner(area, day)
        self._month.add(
            day, 10 * 60 + 10, who, "occasion", outlet=shop.code, key=self._month.key("E"), kind=kind, on=str(on)
        )

    def _staff(self) -> None:
        """What is noted of one's own people, with their consent; one of them asks that it goes, one leaves."""
        noted: tuple[tuple[int, str, str, list[Any] | None, str], ...] = (
            (1, "林雅静", "birthday", [10, 2, "solar"], ""),
            (2, "周海波", "birthday", [10, 15, "solar"], ""),
            (2, "邓小芳", "parent_birthday", [9, 1, "lunar"], ""),
            (2, "孙玉洁", "birthday", [10, 20, "solar"], ""),
            (5, "曹文俊", "birthday", [10, 28, "solar"], ""),
            (6, "何志远", "difficulty", None, "父亲住院"),
            (9, "何志远", "help", None, "预支一月工资"),
        )
        for day, who, kind, birthday, text in noted:
            self._month.add(
                _day(day), 8 * 60 + 40, _BOSS, "staff_care", person=who, kind=kind, birthday=birthday, text=text
            )
        self._month.add(_day(20), 8 * 60 + 40, _BOSS, "staff_care_forget", person="曹文俊")

    # ---- more than one face --------------------------------------------------------

    def _trusted(self, number: int, area: str) -> None:
        """A colleague goes to key outlets, in one territory the dealer; some question what the rep logged."""
        keys = self._keys(area)
        for at, day in enumerate(map(_day, (1, 8, 22))):
            shop = keys[(3 * at + 1) % len(keys)]
            who = _DEALER if number == _DEALERS_AREA else self._month.partner(area, day)
            result = "questioned" if (number, at) in {(2, 1), (_DEALERS_AREA, 2)} else "confirmed"
            said = {"result": result, "notes": "店主说近来少见人来" if result == "questioned" else ""}
            where = {"off": 6, "acc": 10, "s": 900}
            minute = 14 * 60 + 51 + 13 * number
            self._month.add(day, minute, who, "visit", outlet=shop.code, purpose="trusted", **where, **said)

    def _talks(self, number: int, area: str) -> None:
        """Reports on talks with key prospects, and what became of what was promised in them."""
        keys = self._keys(area)
        shop, other = keys[0], keys[-1]
        first, second = self._month.key("T"), self._month.key("T")
        begun = 1 if number == 0 else 6
        partner = self._month.partner(area, _day(begun))
        promise: dict[str, Any] = {"promised": "送样品", "promised_by": str(_day(begun + 5 if number else 2))}
        promise |= {"with": [partner]} if number % 2 == 0 else {}
        self._talk(begun, area, shop, first, said="想先试两款", **promise)
        if number == 1:
            later = {"promised": "送三款样品", "promised_by": str(_day(13))}
            self._talk(8, area, shop, self._month.key("T"), amends=first, **later)
        if number in {1, 4}:
            self._talk(10, area, shop, second, by=self._month.partner(area, _day(10)), said="样品已送到", keeps=first)
        if number == 4:
            # It was another outlet's sample: the promise is open again.
            self._talk(15, area, shop, self._month.key("T"), by=self._month.partner(area, _day(10)), amends=second,
                       said="送错了店", keeps=None)  # fmt: skip
        if number == 3:
            # The leaver promised it; whoever follows keeps it.
            self._talk(19, area, shop, second, said="样品补送", keeps=first)
            self._talk(21, area, other, self._month.key("T"), promised="装灯箱", promised_by="2026-11-10")
            self._half_paid(22, area, other)
        self._talk(
            13, area, other, self._month.key("T"), said="价格还要谈", next_step="带价目表再谈", channel="company_phone"
        )

    def _half_paid(self, day: int, area: str, shop: Shop) -> None:
        """A delivery of whoever followed, of which half is paid."""
        lines = self._month.usual(shop)
        who, amount = self._month.owner(area, _day(day)), sum(line[1] * line[2] for line in lines)
        self._month.add(_day(day), 15 * 60 + 50, who, "deliver", outlet=shop.code, lines=lines)
        paid = {"amount": amount // 2, "account": "6222-0001"}
        self._month.add(_day(day + 1), 15 * 60 + 50, who, "pay", outlet=shop.code, **paid)

    def _talk(self, day: int, area: str, shop: Shop, key: str, *, by: str = "", **said: Any) -> None:
        who = by or self._month.owner(area, _day(day))
        if "channel" not in said and "amends" not in said:
            where = {"off": 4, "acc": 10, "s": 900}
            self._month.add(_day(day), 16 * 60 + 4, who, "visit", outlet=shop.code, purpose="talk", **where)
        self._month.add(_day(day), 16 * 60 + 5, who, "talk", outlet=shop.code, key=key, **said)

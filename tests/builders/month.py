"""A month in the life of the sample district, invented and seeded: what happened, in order, one event a line.

`python -m tests.builders.month` writes `fixtures/month/events.jsonl` and `planted.json`. The README beside them has the
fields of each event. What is planted is written apart, so that nothing that replays the events can read it.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from sync.positions import Position
from tests.builders import district_words as words
from tests.builders.district import shops
from tests.builders.month_people import People
from tests.builders.month_planting import Planting
from tests.builders.month_shelf import Shelf
from tests.builders.month_trade import Trade

__all__ = ["PLACE", "build", "write"]

PLACE = Path(__file__).parents[2] / "fixtures" / "month"
SEED = 20_261_001
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
HOLIDAY_ENDS = date(2026, 10, 4)
MANAGER, DEALER, SERVICE, ARCHIVIST = "罗建平", "沈国强", "许静", "梁文"
LEAVER, SUCCESSOR, LEAVES = "孙玉洁", "潘雨欣", date(2026, 10, 15)
POOL_DAYS = 60
"""So that what came in on 1 September and was never visited goes back on the last day of the month."""
_LAST_CODE = "YL8"
ACCOUNT = "6222-0001"
_VERIFIED = {"quarter": "2026Q4", "confirmed": True}
PRICES = {code: price * 100 for code, _, _, price in words.BRANDS}
OWNER = {area: name for name, part, areas in words.REPS if part == "负责" for area in areas}
PARTNER = {area: name for name, part, areas in words.REPS if part == "协作" for area in areas}


class Shop(msgspec.Struct, frozen=True):
    """What the events need to know of an outlet of the list."""

    code: str
    name: str
    grade: str
    area: str
    kind: str
    phone: str
    place: Position
    buys: bool
    credit: int
    prospect: bool


class Month(Planting):
    """The month while it is being written."""

    def __init__(self, last: date = LAST, share: int = 1) -> None:
        self.rng = random.Random(SEED)
        self.last, self.share = last, share
        self.events: list[dict[str, Any]] = []
        self.planted: dict[str, list[Any]] = defaultdict(list)
        self.shops = self._known()[::share]
        self.by_area: dict[str, list[Shop]] = defaultdict(list)
        for one in self.shops:
            self.by_area[one.area].append(one)
        self.buyers = [one for one in self.shops if one.grade == "A" and one.buys]
        self.numbers: dict[str, int] = defaultdict(int)

    # ---- what both halves use --------------------------------------------------------

    def add(self, day: date, minute: int, who: str, do: str, **fields: Any) -> None:
        """One event, unless the month is over by then. On the last day of all nobody works: the phones only meet."""
        if day <= self.last and (day < LAST or do == "sync"):
            at = f"{day}T{minute // 60:02}:{minute % 60:02}"
            self.events.append({"t": at, "who": who, "do": do, **fields})

    def owner(self, area: str, day: date) -> str:
        """Who answers for a territory on a day."""
        found = OWNER[area]
        return SUCCESSOR if found == LEAVER and day >= LEAVES else found

    def partner(self, area: str, day: date) -> str:
        """Who works there beside the owner."""
        found = PARTNER.get(area, SERVICE)
        return SERVICE if found == self.owner(area, day) else found

    def key(self, kind: str) -> str:
        """A name for something that the month makes."""
        self.numbers[kind] += 1
        return f"{kind}{self.numbers[kind]:03}"

    def lines(self, cases: int = 6) -> list[list[Any]]:
        """One or two products at the list's prices."""
        chosen = self.rng.sample([*PRICES], self.rng.choice((1, 2)))
        return [[one, self.rng.randint(2, cases), PRICES[one]] for one in chosen]

    def days(self, first: date = FIRST) -> Iterable[date]:
        """The days of the month from one on."""
        return (first + timedelta(days=at) for at in range((self.last - first).days + 1))

    # ---- the whole --------------------------------------------------------

    def write(self) -> None:
        """Everything that happens."""
        self._settings()
        self._september()
        self._steady_buying()
        self._rounds()
        self._sweeps()
        self._service()
        self._archivist()
        self._money()
        self.plant()
        People(self).write()
        Shelf(self, self.not_calm()).write()
        Trade(self).write()
        self._leaver()
        self._reports()
        self._syncs()
        self.events.sort(key=lambda one: one["t"])

    def _known(self) -> list[Shop]:
        """Outlets of the list that are taken in as they stand, closed ones and spoilt ones left out."""
        found, seen = [], set[str]()
        for one in shops():
            cells = one.cells
            plain = one.place is not None and one.datum == "wgs84" and not one.swapped and cells.get("店名")
            code = str(cells.get("客户编码") or "")
            is_spoilt = code > _LAST_CODE or isinstance(cells.get("信用额度(元)"), str)
            if (
                plain
                and code
                and not is_spoilt
                and code not in seen
                and cells["合作状态"] != "停业"
                and cells["片区"] in OWNER
            ):
                seen.add(code)
                buys, days = cells["合作状态"] == "已采购", cells.get("账期(天)")
                credit = int(days) if isinstance(days, int) else 0
                name, grade, area, kind = (str(cells[each]) for each in ("店名", "等级", "片区", "终端类型"))
                phone = str(cells.get("联系电话") or "")
                if one.place is not None:
                    told = (code, name, grade, area, kind, phone, one.place, buys, credit)
                    found.append(Shop(*told, prospect=cells["合作状态"] == "有意向"))
        named = Counter(one.cells.get("店名") for one in shops())
        called = Counter(str(one.cells.get("联系电话")) for one in shops())
        return [one for one in found if named[one.name] == 1 and (not one.phone or called[one.phone] == 1)]

    def _settings(self) -> None:
        self.add(FIRST, 7 * 60, MANAGER, "policy", key="company_accounts", value=ACCOUNT)
        required = "name,outlet_class,position,phone,contact"
        self.add(FIRST, 7 * 60, MANAGER, "policy", key="required", value=required)
        switched = date(2026, 10, 20)
        self.add(switched, 7 * 60, MANAGER, "policy", key="pool_return_days", value=str(POOL_DAYS))
        self.add(switched, 7 * 60, MANAGER, "policy", key="pool_return", value="on")
        for at, area in enumerate(words.TERRITORIES):
            if at % 2:
                self.add(FIRST, 7 * 60 + 1, DEALER, "phase", area=area, phase="keep", reason="建档已完成")

    def _september(self) -> None:
        """The books of September, so that October has something to be held against."""
        rows = []
        for shop in self.buyers:
            for week in range(4):
                day = date(2026, 9, 3) + timedelta(days=7 * week + self._weekday(shop))
                rows.append([shop.code, str(day), self.usual(shop)])
        self.add(FIRST, 7 * 60 + 5, MANAGER, "book_deliveries", rows=rows)
        paid = [[code, day, sum(line[1] * line[2] for line in lines)] for code, day, lines in rows]
        self.add(FIRST, 7 * 60 + 6, MANAGER, "book_payments", rows=paid, account=ACCOUNT)

    def _weekday(self, shop: Shop) -> int:
        return int(shop.code[2:]) % 4

    def usual(self, shop: Shop) -> list[list[Any]]:
        """What an outlet buys each week, always the same of it."""
        number = int(shop.code[2:])
        product = [*PRICES][number % len(PRICES)]
        return [[product, 4 + number % 5, PRICES[product]]]

    def _steady_buying(self) -> None:
        """Each key buyer has its delivery every week, and pays it within days."""
        for shop in self.buyers:
            for week in range(5):
                day = date(2026, 10, 1) + timedelta(days=7 * week + self._weekday(shop))
                if self.is_planted_to_fall(shop.code) and week >= 2:
                    continue
                lines = [[*one, f"B{shop.code[2:]}{week}"] for one in self.usual(shop)]
                self.add(day, 9 * 60 + 5, self.owner(shop.area, day), "deliver", outlet=shop.code, lines=lines)
                amount = sum(line[1] * line[2] for line in lines)
                paid = day + timedelta(days=week % 2)
                self.add(
                    paid, 16 * 60, self.owner(shop.area, paid), "pay", outlet=shop.code, amount=amount, account=ACCOUNT
                )

    def _rounds(self) -> None:
        """Key buyers each week, others as far as the day reaches. Most logs are good, some are doubtful."""
        for area in words.TERRITORIES:
            others = [one for one in self.by_area[area] if one not in self.buyers]
            turn = 0
            for day in self.days():
                if (day <= HOLIDAY_ENDS and day > FIRST) or day.weekday() == 6:
                    continue
                who = self.owner(area, day)
                keys = [
                    one for one in self.buyers if one.area == area and self._weekday(one) == (day.weekday() + 1) % 4
                ]
                chosen = keys[:4] + [others[(turn + at) % len(others)] for at in range(4)]
                turn += 4
                for at, shop in enumerate(chosen):
                    self._visit(day, 9 * 60 + 30 + 40 * at, who, shop)

    def _visit(self, day: date, minute: int, who: str, shop: Shop) -> None:
        rng = self.rng
        fields: dict[str, Any] = {
            "outlet": shop.code,
            "off": rng.randint(0, 60),
            "acc": 12,
            "s": rng.randint(300, 1500),
        }
        odd = rng.random()
        if odd < 0.02:
            fields["off"] = rng.randint(400, 900)
        elif odd < 0.035:
            fields["s"] = rng.randint(20, 150)
        elif odd < 0.045:
            fields["mock"] = True
        elif odd < 0.05:
            del fields["off"]
        self.add(day, minute, who, "visit", **fields)
        if shop.buys and rng.random() < 0.25:
            self.add(day, minute + 10, who, "order", outlet=shop.code, lines=self.lines())

    def _sweeps(self) -> None:
        """A sweep of each territory every week: the streets' outlets in turn."""
        for number, area in enumerate(words.TERRITORIES):
            mine = self.by_area[area]
            for week in range(4):
                day = date(2026, 10, 6) + timedelta(days=7 * week + number % 3)
                part = mine[week * len(mine) // 5 : (week + 1) * len(mine) // 5]
                seen = {one.code: "not_found" if self.rng.random() < 0.02 else "seen" for one in part}
                self.add(day, 15 * 60 + 30, self.owner(area, day), "sweep", area=area, seen=seen, s=7200)

    def _service(self) -> None:
        """Service people call buyers back, two a day and territory."""
        for number, area in enumerate(words.TERRITORIES):
            mine = [one for one in self.by_area[area] if one.buys]
            for at, day in enumerate(self.days(date(2026, 10, 5))):
                for step in range(2):
                    shop = mine[(2 * at + step) % len(mine)]
                    minute = 9 * 60 + number * 8 + step
                    said = {"purpose": "call_back", "channel": "company_phone", "s": 240}
                    self.add(day, minute, SERVICE, "visit", outlet=shop.code, **said)

    def _archivist(self) -> None:
        """The archivist confirms a few outlets of each territory a day; a rep's own does not count."""
        for number, area in enumerate(words.TERRITORIES):
            mine = self.by_area[area]
            for at, day in enumerate(self.days(date(2026, 10, 8))):
                for step in range(3):
                    shop = mine[(3 * at + step) % len(mine)]
                    self.add(day, 10 * 60 + number, ARCHIVIST, "verify", outlet=shop.code, **_VERIFIED, means="phone")
        for day in (date(2026, 10, 12), date(2026, 10, 20)):
            for area in words.TERRITORIES[:2]:
                shop = self.by_area[area][-1]
                self.add(day, 17 * 60, OWNER[area], "verify", outlet=shop.code, **_VERIFIED, means="visit")

    def _money(self) -> None:
        """Some deliveries are not paid, or only in part; one payment goes elsewhere."""
        others = [one for one in self.shops if one.buys and one.grade == "B"]
        for at, shop in enumerate(others[:24]):
            day = FIRST + timedelta(days=6 + at % 20)
            lines = self.lines()
            self.add(day, 14 * 60, self.owner(shop.area, day), "deliver", outlet=shop.code, lines=lines)
            amount = sum(line[1] * line[2] for line in lines)
            paid = (amount, amount // 2, 0)[at % 3]
            if paid:
                later = day + timedelta(days=at % 4)
                account = "9999-private" if at == 7 else ACCOUNT
                self.add(
                    later, 16 * 60 + 30, self.owner(shop.area, later), "pay",
                    outlet=shop.code, amount=paid, account=account,
                )  # fmt: skip

    def _leaver(self) -> None:
        self.add(LEAVES, 6 * 60 + 30, MANAGER, "leave", person=LEAVER, successor=SUCCESSOR)

    def _reports(self) -> None:
        """Whoever worked a day sends the day's report in the evening."""
        worked = {(one["t"][:10], one["who"]) for one in self.events if one["do"] == "visit"}
        for day, who in sorted(worked):
            if who in OWNER.values() or who == SUCCESSOR:
                self.add(date.fromisoformat(day), 18 * 60 + 30, who, "report")

    def _syncs(self) -> None:
        self._wrong_clock()
        self._phones_meet()

    def _wrong_clock(self) -> None:
        """One phone's date runs twenty minutes ahead for two days."""
        self.add(date(2026, 10, 8), 8 * 60 + 30, "林雅静", "clock", minutes=20)
        self.add(date(2026, 10, 9), 21 * 60, "林雅静", "clock", minutes=0)

    def _phones_meet(self) -> None:
        """All phones at eight in the morning and at eight in the evening, but for the days without a network."""
        away = {"何志远": (date(2026, 10, 12), date(2026, 10, 14)), "郑国平": (date(2026, 10, 30), LAST)}
        for day in self.days():
            without = sorted(who for who, (first, last) in away.items() if first <= day <= last)
            for hour in (8, 20):
                if day == LAST and hour == 20:
                    # Work of the day before comes in after the night in which the pool took its outlets.
                    without = []
                self.add(day, hour * 60, "", "sync", without=without)


def build(last: date = LAST, share: int = 1) -> tuple[list[dict[str, Any]], dict[str, list[Any]]]:
    """The events, and what is planted. A shorter month ends on `last`; `share` takes every so-many-th outlet."""
    month = Month(last, share)
    month.write()
    return month.events, dict(month.planted)


def lines_of(events: Sequence[dict[str, Any]]) -> bytes:
    """The events as the file has them."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in events)


def write() -> None:
    """Write the fixture."""
    events, planted = build()
    PLACE.mkdir(exist_ok=True)
    (PLACE / "events.jsonl").write_bytes(lines_of(events))
    (PLACE / "planted.json").write_bytes(msgspec.json.format(msgspec.json.encode(planted), indent=1) + b"\n")


if __name__ == "__main__":
    write()

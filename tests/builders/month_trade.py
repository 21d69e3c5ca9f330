"""What the month has of rules on trade: the pool, credit, files of the books, reviews, a consent that is withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.builders.month import Month, Shop

__all__ = ["Trade"]

_DEALER, _MANAGER, _SERVICE, _PRODUCT = "沈国强", "罗建平", "许静", "YL-TQ52"
_OCTOBER = date(2026, 9, 30)
"""Days of the month are counted from here."""
_EAST, _WEST, _SOUTH, _OLD, _NEW = "城东片区", "城西片区", "城南片区", "老街片区", "高新片区"
_ACCOUNT, _FOREIGN = "6222-0001", "9999-private"
_HEADINGS = {"deliveries": "客户编码,送货日期,单号,产品编码,数量,单价", "payments": "客户编码,收款日期,金额,账户,单号"}
_PRICE = 8800


def _day(number: int) -> date:
    return _OCTOBER + timedelta(days=number)


class Trade:
    """Writes into a month. Nothing here is drawn: what it needs of outlets is where no other event reaches."""

    def __init__(self, month: Month) -> None:
        self._month = month

    def write(self) -> None:
        """All of it."""
        self._pool()
        self._claims()
        self._credit()
        self._books()
        self._reviews()
        self._consent()

    def _far(self, area: str) -> Sequence[Shop]:
        """Outlets of a territory that nobody comes to: neither key outlets nor buyers, from the end of the list."""
        found = [one for one in self._month.by_area[area] if one.grade != "A" and not one.buys]
        return found[::-1]

    def _meet(self, day: date, minute: int, *who: str) -> None:
        self._month.add(day, minute, "", "sync", only=[*who])

    # ---- the pool --------------------------------------------------------

    def _pool(self) -> None:
        """A deal to everybody of the region, then some outlets that go back by hand for others to claim."""
        add, first = self._month.add, _day(1)
        add(first, 7 * 60 + 25, _MANAGER, "policy", key="pool_claims", value="2")
        add(first, 7 * 60 + 30, _MANAGER, "deal", share=3)
        add(_day(21), 17 * 60 + 30, _MANAGER, "deal", share=2)
        for shop in self._far(_EAST)[:6]:
            add(first, 7 * 60 + 40, _MANAGER, "put_back", outlet=shop.code, reason="客户要求换人")
        add(_day(2), 12 * 60 + 30, _MANAGER, "allot", outlet=self._far(_EAST)[4].code, person="邓小芳", area=_WEST)

    def _claims(self) -> None:
        """Two phones claim one outlet offline; one claims too much, one what was theirs, one what is not theirs to."""
        one, two, three, four, _, six = (shop.code for shop in self._far(_EAST)[:6])
        first = _day(1)
        for at, code in enumerate((one, two, three, four)):
            self._claim(first, 10 * 60 + at, "何志远", code, _OLD)
        self._claim(first, 10 * 60 + 5, "林雅静", one, _NEW)
        self._claim(first, 11 * 60, "周海波", four, _EAST)
        self._claim(first, 11 * 60 + 10, _SERVICE, four, _EAST)
        for at, who in enumerate(("林雅静", "何志远", "周海波", _SERVICE)):
            self._meet(first, 12 * 60 + 5 * at, who)
        self._claim(_day(2), 10 * 60, "吴晓琳", four, _WEST)
        self._month.add(_day(2), 15 * 60, _MANAGER, "policy", key="pool_hold", value="20")
        self._claim(_day(2), 15 * 60 + 10, "郑国平", six, _SOUTH)
        self._meet(_day(2), 15 * 60 + 20, "郑国平")
        self._month.add(_day(2), 15 * 60 + 30, _MANAGER, "policy", key="pool_hold", value="400")

    def _claim(self, day: date, minute: int, who: str, outlet: str, area: str) -> None:
        self._month.add(day, minute, who, "claim", outlet=outlet, area=area)

    # ---- credit --------------------------------------------------------

    def _credit(self) -> None:
        """Three forms: one is approved, one after a question, one refused. What is late stops new credit."""
        add, who = self._month.add, "郑国平"
        good, asked, bad = (shop.code for shop in self._far(_SOUTH)[:3])
        first = _day(1)
        for at, code in enumerate((good, asked, bad)):
            said = {"operations": "客流稳定", "creditworthiness": "按月结清", "limit": 500_000, "days": 20 - 5 * at}
            add(first, 10 * 60 + 30 + at, who, "credit", outlet=code, **said)
        self._deliver(first, 10 * 60 + 35, who, good, 3, refused="credit_not_approved")
        self._meet(first, 12 * 60 + 20, who)
        add(first, 14 * 60, _MANAGER, "credit_review", outlet=good, to="approve")
        add(first, 14 * 60 + 1, _MANAGER, "credit_review", outlet=asked, to="question", reason="生产情况写得太少")
        add(first, 14 * 60 + 2, _MANAGER, "credit_review", outlet=bad, to="refuse", reason="资信不足")
        self._deliver(_day(2), 10 * 60, who, good, 5)
        add(_day(2), 10 * 60 + 5, who, "credit_mend", outlet=asked, operations="两家分店，日均客流三百")
        self._deliver(_day(2), 10 * 60 + 10, who, good, 60, refused="credit_over_limit")
        add(_day(3), 10 * 60, _MANAGER, "credit_review", outlet=asked, to="approve")
        self._deliver(_day(4), 10 * 60, who, asked, 4)
        lost = self._far(_SOUTH)[3].code
        add(first, 16 * 60 + 10, who, "deliver", outlet=lost, lines=[[_PRODUCT, 2, _PRICE]])
        add(_day(3), 7 * 60 + 40, _DEALER, "write_off", outlet=lost, reason="店主失联")
        late = _day(20)
        self._deliver(late + timedelta(days=1), 10 * 60, who, asked, 1, refused="credit_stopped")
        add(_day(22), 9 * 60, _MANAGER, "close_case", outlet=asked, reason="店主外出", plan="改为每周收款",
            refused="credit_stopped")  # fmt: skip
        add(_day(23), 16 * 60, who, "pay", outlet=asked, amount=4 * _PRICE, account=_ACCOUNT)
        add(_day(24), 9 * 60, _MANAGER, "close_case", outlet=asked, reason="店主外出", plan="改为每周收款")
        add(_day(26), 16 * 60, who, "pay", outlet=good, amount=2 * _PRICE, account=_ACCOUNT)

    def _deliver(self, day: date, minute: int, who: str, outlet: str, quantity: int, **how: str) -> None:
        lines = [[_PRODUCT, quantity, _PRICE]]
        self._month.add(day, minute, who, "deliver", outlet=outlet, lines=lines, credit=True, **how)

    # ---- the books --------------------------------------------------------

    def _books(self) -> None:
        """A file of deliveries, with one outlet that nobody knows; again with one row corrected; and of payments."""
        codes = [shop.code for shop in self._far(_WEST)[:4]]
        rows = [[code, "2026-10-01", f"D-{at}", _PRODUCT, 2 + at, _PRICE] for at, code in enumerate(codes)]
        unknown = ["YL9999", "2026-10-01", "D-9", _PRODUCT, 2, _PRICE]
        self._file(_day(2), 11 * 60, "deliveries", [*rows, unknown])
        rows[1] = [*rows[1][:4], 1, _PRICE]
        self._file(_day(3), 11 * 60, "deliveries", rows)
        paid = [[code, "2026-10-02", (2 + at) * _PRICE, _ACCOUNT, f"P-{at}"] for at, code in enumerate(codes[:2])]
        foreign = [codes[2], "2026-10-02", _PRICE, _FOREIGN, "P-2"]
        self._file(_day(3), 11 * 60 + 10, "payments", [*paid, foreign])

    def _file(self, day: date, minute: int, kind: str, rows: list[list[Any]]) -> None:
        self._month.add(day, minute, _MANAGER, "book_file", kind=kind, headings=_HEADINGS[kind], rows=rows)

    # ---- reviews and consent --------------------------------------------------------

    def _reviews(self) -> None:
        """A registration that is asked about, answered and approved; one refused; one whose answer never comes."""
        month, day = self._month, _day(1)
        who, other = "林雅静", month.partner(_NEW, day)
        asked, bad, silent = (
            self._registered(day, 13 * 60 + 30 * at, who, other, step) for at, step in enumerate(("asked", "bad", "x"))
        )
        month.add(day, 15 * 60 + 20, _MANAGER, "question", outlet=asked, reason="请补联系人")
        month.add(day, 15 * 60 + 21, _MANAGER, "refuse", outlet=bad, reason="在规划拆迁区内")
        month.add(day, 15 * 60 + 22, _MANAGER, "question", outlet=silent, reason="门牌号不清")
        month.add(_day(2), 10 * 60 + 40, who, "mend", outlet=asked, contact="店主", phone="15407990001")
        month.add(_day(3), 9 * 60, _MANAGER, "approve", outlet=asked, reason="资料已核对")

    def _registered(self, day: date, minute: int, who: str, other: str, kind: str) -> str:
        """With a code that was kept for whoever registers, and the first visit by two."""
        month = self._month
        key, number = month.key("N"), minute // 30
        near = self._far(_NEW)[number % 7].place
        said: dict[str, Any] = {"contact": "店主"} if kind != "asked" else {}
        name = f"瞿{'琰琮瑾'[number % 3]}{'沚汀洲'[number % 3]}粮油店"
        month.add(
            day, minute, who, "register", key=key, area=_NEW, name=name, cls="grocery", grade="B",
            phone=f"154{7_990_000 + number:08}", lat=round(near.lat + 0.0004, 6), lon=round(near.lon + 0.0003, 6),
            photo=4, code=True, **said,
        )  # fmt: skip
        month.two(day, minute + 9, who, other, key)
        return key

    def _consent(self) -> None:
        """Somebody agreed to be congratulated, and takes that back the next day."""
        shop, key = self._far(_NEW)[8], self._month.key("C")
        owner = self._month.owner(_NEW, _day(1))
        card: dict[str, Any] = {"name": "郝秋菊", "phone": "15403990001", "birthday": [3, 5, "solar"], "family": []}
        self._month.add(_day(1), 9 * 60 + 20, owner, "card", outlet=shop.code, key=key, consent=["care"], **card)
        self._month.add(_day(2), 9 * 60 + 20, owner, "withdraw", outlet=shop.code, contact=key)

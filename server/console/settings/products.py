"""Products and prices (产品与价格): a price holds from its day on, for one class of outlets or for all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.console.settings.changing import Hand, add, change, lock_company, remove
from server.master.store import Tx
from server.master.typed import TYPED
from server.values import Unfit
from sync.errors import Refusal

__all__ = ["PAGE", "Price", "Product", "add_price", "add_product", "change_product", "minor", "one_product", "products",
           "remove_price"]  # fmt: skip

PAGE = 100
"""So many products stand on a page."""
_PRODUCTS, _PRICES = TYPED["product"], TYPED["price"]
_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?")


class Price(msgspec.Struct, frozen=True):
    """What a product costs an outlet of a class (all where empty), minor units, from a day on (None: since ever)."""

    id: UUID
    amount: int
    outlet_class: str
    since: str | None


class Product(msgspec.Struct, frozen=True):
    """One product as it stands, in its revision, with its prices: by class, the newest first."""

    id: UUID
    revision: int
    code: str
    name: str
    unit: str
    active: bool
    prices: tuple[Price, ...] = ()

    def now(self, day: date) -> Price | None:
        """The price for all classes that holds on a day."""
        general = [one for one in self.prices if not one.outlet_class and (one.since or "") <= str(day)]
        return max(general, key=lambda one: (one.since or "", one.id), default=None)


async def products(tx: Tx, after: str = "", text: str = "") -> tuple[list[Product], str | None]:
    """A page of products by code, after that code, of those whose code or name has this text; and after which code the
    next page goes on, None where there is none.
    """
    wanted = select(_PRODUCTS).where(_PRODUCTS.c.code > after).order_by(_PRODUCTS.c.code, _PRODUCTS.c.id)
    if text:
        named = _PRODUCTS.c.name.contains(text, autoescape=True)
        wanted = wanted.where(named | _PRODUCTS.c.code.contains(text, autoescape=True))
    rows = (await tx.execute(wanted.limit(PAGE + 1))).all()
    priced = await _prices(tx, [row.code for row in rows[:PAGE]])
    found = [_product(row, priced.get(row.code, [])) for row in rows[:PAGE]]
    return found, rows[PAGE - 1].code if len(rows) > PAGE else None


async def one_product(tx: Tx, of: UUID) -> Product:
    """One product. Raises Refusal where there is none of that id."""
    row = (await tx.execute(select(_PRODUCTS).where(_PRODUCTS.c.id == of))).first()
    if row is None:
        raise Refusal("not_found", f"there is no product {of}")
    return _product(row, (await _prices(tx, [row.code])).get(row.code, []))


async def _prices(tx: Tx, codes: Sequence[str]) -> dict[str, list[Price]]:
    found: dict[str, list[Price]] = {}
    rows = await tx.execute(select(_PRICES).where(_PRICES.c.product.in_(codes)).order_by(_PRICES.c.id.desc()))
    for row in rows:
        found.setdefault(row.product, []).append(Price(row.id, row.amount, row.outlet_class, row.since))
    return found


def _product(row: Any, prices: Sequence[Price]) -> Product:
    newest = sorted(prices, key=lambda one: one.since or "", reverse=True)
    ordered = sorted(newest, key=lambda one: one.outlet_class)
    return Product(row.id, row.revision, row.code, row.name, row.unit, row.active, tuple(ordered))


def minor(typed: str) -> int:
    """An amount as people write it (`288` or `288.50`) in minor units. Raises Unfit."""
    found = _AMOUNT.fullmatch(typed.replace(",", "").strip())
    if found is None:
        raise Unfit(f"a price is written as 288 or 288.50, not {typed}", f"价格写作 288 或 288.50，不是 {typed}")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


async def add_product(hand: Hand, code: str, name: str, unit: str) -> frozenset[str]:
    """Add a product; the scopes that changed. Raises Unfit."""
    if not code or not name:
        raise Unfit("a product has a code and a name", "产品须有编码和名称")
    await lock_company(hand.tx)
    if (await hand.tx.execute(select(_PRODUCTS.c.id).where(_PRODUCTS.c.code == code))).first() is not None:
        raise Unfit(f"there is a product {code} already; change that one", f"已有编码 {code} 的产品，请修改该产品")
    return await add(hand, "product", {"code": code, "name": name, "unit": unit})


async def change_product(hand: Hand, of: UUID, seen: int, name: str, unit: str, *, active: bool) -> frozenset[str]:
    """Change a product that was seen in the revision `seen`; its code stays, as stock and orders name it. The scopes
    that changed. Raises Unfit, Refusal.
    """
    if not name:
        raise Unfit("a product has a name", "产品须有名称")
    return await change(hand, "product", of, seen, {"name": name, "unit": unit, "active": active})


async def add_price(hand: Hand, of: UUID, amount: int, outlet_class: str, since: str) -> frozenset[str]:
    """Add a price to a product, from a day on (empty: since ever); the scopes that changed. Raises Unfit, Refusal."""
    product = await one_product(hand.tx, of)
    if since:
        try:
            date.fromisoformat(since)
        except ValueError as error:
            raise Unfit(f"a day is written as 2026-10-01, not {since}", f"日期写作 2026-10-01，不是 {since}") from error
    codes = (await hand.tx.execute(select(TYPED["outlet_class"].c.code))).scalars().all()
    if outlet_class and outlet_class not in codes:
        raise Unfit("choose one of the classes", "请选择一个类别")
    fields = {"product": product.code, "amount": amount, "outlet_class": outlet_class, "since": since or None}
    return await add(hand, "price", fields)


async def remove_price(hand: Hand, of: UUID, price: UUID) -> frozenset[str]:
    """Take a price of a product away; the scopes that changed. Raises Refusal where the product has no such price."""
    if all(one.id != price for one in (await one_product(hand.tx, of)).prices):
        raise Refusal("not_found", f"there is no price {price}")
    return await remove(hand, "price", price)

"""What a new company begins with: its classes of outlets, each with a colour that the map draws it in.

Red is kept for key outlets. All of it can be changed afterwards; these are records like any other.
"""

from __future__ import annotations

from typing import Any

from server.field.own_acts import Asked, carry_out
from server.master.actors import Authority
from server.master.store import Tx
from server.ports import Sources
from sync import scopes

__all__ = ["CLASSES", "add_company_records", "add_default_classes"]

CLASSES: tuple[tuple[str, str, str, str], ...] = (
    ("tobacco_liquor", "名烟名酒店", "Tobacco and liquor shop", "#8e44ad"),
    ("hotel_a", "A类酒店", "Hotel, class A", "#1f4e9e"),
    ("hotel_b", "B类酒店", "Hotel, class B", "#5b8def"),
    ("grocery", "食杂店", "Grocery", "#2e8b57"),
    ("food_stall", "大排档", "Food stall", "#e67e22"),
    ("supermarket", "超市", "Supermarket", "#16a2b8"),
    ("convenience", "便利店", "Convenience shop", "#7cb342"),
    ("restaurant", "餐馆", "Restaurant", "#b7791f"),
    ("bar", "酒吧", "Bar", "#6d4c41"),
    ("cafe", "咖啡馆", "Café", "#9c7a54"),
    ("other", "其他", "Other", "#7f8c8d"),
)
"""Code, Chinese name, English name, colour."""


async def add_company_records(tx: Tx, sources: Sources, collection: str, rows: list[dict[str, Any]]) -> frozenset[str]:
    """Add records of a collection of the company's scope, by fields; the scopes that changed."""
    asked = [Asked(collection, fields, scope=scopes.COMPANY) for fields in rows]
    return (await carry_out(tx, sources, asked, authority=Authority.MANAGER)).changed


async def add_default_classes(tx: Tx, sources: Sources) -> frozenset[str]:
    """Add the classes that a new company begins with; the scopes that changed."""
    rows = [{"code": code, "zh": zh, "en": en, "colour": colour} for code, zh, en, colour in CLASSES]
    return await add_company_records(tx, sources, "outlet_class", rows)

"""The questions that a day's material gives: each with what it is asked once for, its figures and its people. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from uuid import UUID

import msgspec

from server.field.owners import Shop
from server.field.stock.reading import Material
from sync.business.stock_questions import diverted, excesses, falls, same_orders
from sync.policies import Policies
from sync.policies.trade import FALL, FALL_DAYS, FALL_VISITS, SAME_ORDER_DAYS, STOCK_TOLERANCE

__all__ = ["DIVERSION", "FELL", "MORE", "SAME_ORDER", "Question", "found_in", "said"]

MORE, FELL, SAME_ORDER, DIVERSION = "more_than_came", "fall", "same_order", "diversion"


class Question(msgspec.Struct, frozen=True):
    """One question: about `outlet` on `day`, from what happened since `since`. `people` are whose it is, `other` the
    outlet that received a batch, `figures` pieces or minor units by name.
    """

    key: str
    kind: str
    outlet: UUID
    day: date
    since: date
    figures: dict[str, int]
    people: tuple[UUID, ...] = ()
    product: str = ""
    batch: str = ""
    other: UUID | None = None


def found_in(
    material: Material, policies: Policies, known: Mapping[UUID, Shop], fall_days: Iterable[date]
) -> Iterator[Question]:
    """All that the material asks; falls as of each of these days."""
    if material.brought:
        yield from _more(material, policies, known)
        for day in fall_days:
            yield from _fell(material, policies, known, day)
    yield from _same(material, policies)
    yield from _diverted(material, known)


def _owner(known: Mapping[UUID, Shop], outlet: UUID) -> tuple[UUID, ...]:
    shop = known.get(outlet)
    return (shop.owner,) if shop is not None and shop.owner is not None else ()


def _more(material: Material, policies: Policies, known: Mapping[UUID, Shop]) -> Iterator[Question]:
    tolerance = policies.of(STOCK_TOLERANCE)
    for (outlet, product), observed in material.observed.items():
        for one in excesses(observed, material.brought.get((outlet, product), ()), tolerance):
            figures = {name: getattr(one, name) for name in ("before", "delivered", "sold", "expected", "found")}
            yield Question(
                f"{MORE}/{outlet}/{product}/{one.day}", MORE, outlet, one.day, one.since, figures | {"over": one.over},
                _owner(known, outlet), product,
            )  # fmt: skip


def _fell(material: Material, policies: Policies, known: Mapping[UUID, Shop], day: date) -> Iterator[Question]:
    days, percent, least = policies.of(FALL_DAYS), policies.of(FALL), policies.of(FALL_VISITS)
    for one in falls(material.bought, material.visits, day, days=days, percent=percent, least=least):
        figures = {"before": one.before, "now": one.now, "visits": one.visits}
        key = f"{FELL}/{one.outlet}/{day}"
        yield Question(key, FELL, one.outlet, day, one.since, figures, _owner(known, one.outlet))


def _same(material: Material, policies: Policies) -> Iterator[Question]:
    for first, second in same_orders(material.orders, material.delivered, policies.of(SAME_ORDER_DAYS)):
        figures = {"pieces": sum(count for _, count in second.pieces), "days": (second.day - first.day).days}
        people = (first.staff, second.staff)
        key = f"{SAME_ORDER}/{second.id}"
        yield Question(key, SAME_ORDER, second.outlet, second.day, first.day, figures, people)


def _diverted(material: Material, known: Mapping[UUID, Shop]) -> Iterator[Question]:
    for one, source in diverted(material.sighted, material.received, material.unnamed):
        key = f"{DIVERSION}/{one.outlet}/{one.product}/{one.batch}"
        went = material.received[one.product, one.batch][source]
        yield Question(
            key, DIVERSION, one.outlet, one.day, max(went, material.first), {"days": (one.day - went) // timedelta(1)},
            _owner(known, one.outlet), one.product, one.batch, source,
        )  # fmt: skip


def _said_more(product: str, figures: Mapping[str, int]) -> tuple[str, str]:
    zh = "{} 上次盘点 {before}，来货 {delivered}，销售 {sold}，应有 {expected}，实有 {found}，多 {over} 件（来货不明）"
    en = (
        "{}: {before} counted before + {delivered} delivered - {sold} sold = {expected}; found {found}, {over} too many"
    )
    return zh.format(product, **figures), en.format(product, **figures)


def said(one: Question, names: Mapping[UUID, str]) -> tuple[str, str]:
    """The question for people: in Chinese, in English. `names` are those of people and outlets."""
    figures = one.figures
    if one.kind == MORE:
        return _said_more(one.product, figures)
    if one.kind == FELL:
        before, now = f"{figures['before'] / 100:.2f}", f"{figures['now'] / 100:.2f}"
        return (
            f"进货从 {before} 降至 {now} 元，其间拜访 {figures['visits']} 次（私单？）",
            f"purchases fell from {before} to {now} with {figures['visits']} visits (private orders?)",
        )
    if one.kind == SAME_ORDER:
        who = [names.get(person, str(person)) for person in one.people]
        return (
            f"{who[0]} 与 {who[1]} 相隔 {figures['days']} 天接到完全相同的订单，共 {figures['pieces']} 件（串单？）",
            f"{who[0]} and {who[1]} took the same order of {figures['pieces']} pieces, {figures['days']} days apart",
        )
    source = names.get(one.other, str(one.other)) if one.other is not None else ""
    return (
        f"货架上有 {one.product} 批号 {one.batch}，从未送到该店，曾送给 {source}（串货？）",
        f"batch {one.batch} of {one.product} is on the shelf; it never came here, and went to {source} (diversion?)",
    )

"""Completeness of the archive comes to what the review says of each outlet."""

from __future__ import annotations

from collections import Counter

from server.field.defaults import add_default_classes
from server.field.merging import merge
from server.field.policies import set_policy
from server.field.registration.completeness import completeness, lacking
from server.field.registration.reading import registrations
from sync.positions import Position
from sync.records import Review
from tests.server.firm import Firm

PLACE = Position(39.9, 116.4)


async def test_what_is_lacking_is_what_the_review_says_is_missing(firm: Firm) -> None:
    """By class, with what each class requires; closed and merged ones are left out, a merged one's photo counts."""
    async with firm.store.write() as tx:
        await set_policy(tx, "required", "name,outlet_class,position,phone,photo,contact", firm.sources)
    full = await firm.shop("全", outlet_class="grocery", position=PLACE, phone="13800000000")
    await firm.does(None, "contact", outlet=full, name="老张")
    gone = await firm.shop("并入", outlet_class="grocery")
    first = await firm.shop("更早并入", outlet_class="grocery")
    await firm.does(None, "photo", of=first, outlet=first, kind="front", digest="0" * 64, size=10)
    await firm.shop("无", outlet_class="grocery", phone="13800000001")
    await firm.shop("未分类", firm.west, position=PLACE)
    await firm.shop("关", status="closed")
    ground = await firm.ground()
    async with firm.store.write() as tx:
        await merge(tx, firm.sources, first, gone, reason="同一家", by=firm.dealer)
    async with firm.store.write() as tx:
        await merge(tx, firm.sources, gone, full, reason="同一家", by=firm.dealer)
    async with firm.store.read() as tx:
        found = await completeness(tx, ground.policies)
        told = [one for one in await registrations(tx, ground, states=list(Review)) if one.status != "closed"]
        east = await lacking(tx, ground.policies, firm.east)
    assert {(one.name, one.outlet_class, one.outlets, one.complete) for one in found} == {
        ("城东", "grocery", 2, 1), ("城西", "other", 1, 0)
    }  # fmt: skip
    lacks = sum((Counter(one.lacking) for one in found), Counter[str]())
    assert lacks == Counter(field for one in told for field in one.missing)
    assert [(one.name, one.missing) for one in east] == [("无", ("position", "photo", "contact"))]


async def test_a_class_can_require_other_things(firm: Firm) -> None:
    """What `required_<class>` says holds for that class alone."""
    async with firm.store.write() as tx:
        await add_default_classes(tx, firm.sources)
        await set_policy(tx, "required", "name", firm.sources)
        await set_policy(tx, "required_hotel_a", "name,opening_hours", firm.sources)
    await firm.shop("宾馆", outlet_class="hotel_a")
    await firm.shop("小店", outlet_class="grocery")
    async with firm.store.read() as tx:
        found = await completeness(tx, (await firm.ground()).policies, of=firm.east)
    assert {one.outlet_class: one.lacking for one in found} == {"hotel_a": {"opening_hours": 1}, "grocery": {}}

"""Days of care: with consent, in time, once, for the right people, and nothing private in a task."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server.field.arrivals import look
from server.field.care.days import near, remind
from server.field.policies import set_policy
from server.identity import territories
from sync.records import Task
from tests.server.firm import Firm

CARE = [True, ["care"], None]


async def person(firm: Firm, outlet: UUID, **private: Any) -> UUID:
    """A contact with a private part."""
    contact = await firm.does(firm.wang, "contact", outlet=outlet.bytes, name="张建国")
    await firm.does(firm.wang, "contact_private", contact=contact.bytes, outlet=outlet.bytes, **private)
    return contact


async def reminded(firm: Firm, *days: str) -> None:
    """The rule looks on each of these days."""
    for day in days:
        firm.at(f"{day} 04:00")
        ground = await firm.ground()
        async with firm.store.write() as tx:
            await remind(tx, ground)


async def titles(firm: Firm, who: UUID) -> list[tuple[str, str | None]]:
    """The tasks of care that somebody has, with their days."""
    tasks = [one for one in await firm.own(who, Task) if one.kind == "care"]
    return sorted((one.title, one.due) for one in tasks)


async def test_a_birthday_comes_three_days_before_and_once(firm: Firm) -> None:
    """To the owner; at a key outlet to the dealer too. Late is better than never, and the day after is too late."""
    plain, key = await firm.shop("甲"), await firm.shop("乙", grade="A")
    first = await person(firm, plain, birthday=[10, 20], consent=CARE)
    await person(firm, key, birthday=[9, 12, "lunar"], consent=CARE)
    await reminded(firm, "2026-10-16")
    assert await titles(firm, firm.wang) == []
    await reminded(firm, "2026-10-17", "2026-10-18", "2026-10-19", "2026-10-21")
    assert await titles(firm, firm.wang) == [("生日 Birthday · 乙", "2026-10-21"), ("生日 Birthday · 甲", "2026-10-20")]
    assert await titles(firm, firm.dealer) == [("生日 Birthday · 乙", "2026-10-21")]
    (task,) = [one for one in await firm.own(firm.wang, Task) if one.outlet == plain]
    assert (task.about, task.notes) == (first, "")


@pytest.mark.parametrize(
    ("consent", "found"),
    [
        (None, []),
        ([False, ["care"], None], []),
        ([True, ["profile"], None], []),
        ([True, ["birthday:care"], None], ["birthday"]),
        ([True, ["family:care"], None], ["family_birthday"]),
        (CARE, ["birthday", "family_birthday"]),
    ],
)
async def test_a_birthday_is_used_only_with_consent_to_care(firm: Firm, consent: Any, found: list[str]) -> None:
    """Field by field."""
    family = {"add": [["w", "李梅", "妻子", [10, 17]]]}
    await person(firm, await firm.shop(), birthday=[10, 16], family=family, consent=consent)
    async with firm.store.read() as tx:
        assert [one.kind for one in await near(tx, await firm.ground())] == found


async def test_festivals_and_occasions_come_in_time(firm: Firm) -> None:
    """Festivals for the grades that are meant, an occasion for its outlet; in a pool or closed there is none."""
    key, other, shut = (
        await firm.shop("甲", grade="A"),
        await firm.shop("乙"),
        await firm.shop("丙", grade="A", status="closed"),
    )
    await firm.does(firm.wang, "occasion", outlet=other.bytes, kind="wedding", day="2026-10-20", notes="长子")
    await firm.does(firm.wang, "occasion", outlet=shut.bytes, kind="funeral", day="2026-10-20")
    await reminded(firm, "2026-10-17", "2026-10-18", "2027-01-29", "2027-01-30", "2027-02-06")
    assert await titles(firm, firm.wang) == [
        ("婚礼 Wedding · 乙", "2026-10-20"), ("春节 Spring Festival · 甲", "2027-02-06"),
    ]  # fmt: skip
    async with firm.store.write() as tx:
        await set_policy(tx, "festival_grades", "A,B,C", firm.sources)
        await set_policy(tx, "festivals", "mid_autumn", firm.sources)
    await reminded(firm, "2027-09-10")
    assert {due for _, due in await titles(firm, firm.wang)} == {"2026-10-20", "2027-02-06", "2027-09-15"}
    assert key != other


async def test_what_is_open_of_another_day_stands_in_no_days_way(firm: Firm) -> None:
    """Two relatives, one a day after the other; two days that fall together are one task."""
    family = {
        "add": [["w", "李梅", "妻子", [10, 17]], ["m", "王兰", "母亲", [10, 18]], ["f", "张山", "父亲", [10, 18]]]
    }
    await person(firm, await firm.shop("甲"), family=family, consent=CARE)
    await reminded(firm, "2026-10-14", "2026-10-15")
    assert [due for _, due in await titles(firm, firm.wang)] == ["2026-10-17", "2026-10-18"]


async def test_an_owner_without_the_private_part_hears_of_no_birthday(firm: Firm) -> None:
    """It goes to the dealer; a festival is no secret."""
    async with firm.store.write() as tx:
        await territories.assign(tx, firm.east, firm.wang, firm.sources, private=False)
    await person(firm, await firm.shop("甲", grade="A"), birthday=[2, 6], consent=CARE)
    await reminded(firm, "2027-02-05")
    assert [title for title, _ in await titles(firm, firm.wang)] == ["春节 Spring Festival · 甲"]
    assert len(await titles(firm, firm.dealer)) == 2


async def test_an_occasion_at_short_notice_is_a_task_at_once(firm: Firm) -> None:
    """When it arrives, not after the night."""
    shop = await firm.shop("甲")
    await firm.does(firm.wang, "occasion", outlet=shop.bytes, kind="funeral", day="2026-10-15")
    await look(firm.store, await firm.ground())
    assert await titles(firm, firm.wang) == [("白事 Funeral · 甲", "2026-10-15")]

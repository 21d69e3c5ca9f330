"""Settings: each change is an operation by somebody who saw what stood; what was changed meanwhile is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.console.settings import classes as kinds
from server.console.settings import holidays, leases, notices, products
from server.console.settings.changing import Hand
from server.console.settings.company import held
from server.console.settings.history import changes
from server.console.settings.required import require, required
from server.console.settings.rules import change_rule, one_rule, rules, shown_value
from server.field.defaults import add_default_classes
from server.field.policies import policies_of
from server.identity.staff import Role
from server.identity.terms import specials
from server.master.typed import TYPED
from server.settings import Settings
from server.values import Unfit
from sync import scopes
from sync.errors import Refusal
from sync.operations import Act
from sync.policies import SETTINGS
from sync.policies.work import VISIT_FENCE
from tests.server.console.conftest import viewer_of
from tests.server.firm import Firm


@asynccontextmanager
async def hand(firm: Firm, by: UUID | None = None) -> AsyncIterator[Hand]:
    """Somebody (the dealer) changes something, in a transaction of their own."""
    async with firm.store.write() as tx:
        yield Hand(tx, firm.sources, by or firm.dealer)


async def fence(firm: Firm) -> str:
    """The text of a setting as it stands."""
    async with firm.store.read() as tx:
        return (await policies_of(tx)).texts.get(VISIT_FENCE.key, "")


# ---- rules -----------------------------------------------------------------------------------------------------------


async def test_every_rule_is_shown_with_its_words_and_bounds(firm: Firm) -> None:
    """But those that have a page of their own; what a setting takes is said in both languages."""
    async with firm.store.read() as tx:
        shown = [rule for group in await rules(tx) for rule in group.rules]
    assert {one.key for one in shown} == SETTINGS.keys() - {"required", "holidays"}
    assert all(one.setting.takes.zh and one.setting.takes.en for one in shown)
    assert not any(one.is_set for one in shown)


async def test_a_change_says_who_when_and_from_what_to_what(firm: Firm) -> None:
    """It reaches the phones' scope; the page of the rule has it, and so has the list of last changes."""
    firm.at("2026-10-15 09:30")
    async with hand(firm) as mine:
        assert await change_rule(mine, "visit_fence", "300", "200") == {scopes.COMPANY}
    at = firm.at("2026-10-16 10:00")
    async with hand(firm) as mine:
        await change_rule(mine, "visit_fence", " 400 ", "300")
    viewer = await viewer_of(firm)
    async with firm.store.read() as tx:
        found, (made, _) = await one_rule(tx, "visit_fence", viewer), await changes(tx)
    assert (found.rule.text, found.rule.at, found.rule.by) == ("400", at, "刘")
    assert [(one.by, one.fields) for one in found.changes] == [
        (firm.dealer, (("value", "300", "400"),)),
        (firm.dealer, (("key", None, "visit_fence"), ("value", None, "300"))),
    ]
    assert [(one.name, one.act) for one in made] == [("visit_fence", Act.EDIT), ("visit_fence", Act.CREATE)]


async def test_of_two_who_change_the_same_the_second_is_told(firm: Firm) -> None:
    """Nothing is lost: the first change stands, and the second says what it is now; sent again it holds."""
    async with hand(firm) as mine:
        await change_rule(mine, "visit_fence", "300", "200")
    with pytest.raises(Unfit) as told:
        async with hand(firm) as mine:
            await change_rule(mine, "visit_fence", "500", "200")
    assert "300" in told.value.en
    assert "300" in told.value.zh
    assert await fence(firm) == "300"
    async with hand(firm) as mine:
        await change_rule(mine, "visit_fence", "500", "300")
    assert await fence(firm) == "500"


async def test_two_at_the_same_moment_do_not_overwrite_one_another(firm: Firm) -> None:
    """In transactions of their own: one is written, the other is told."""

    async def one(value: str) -> bool:
        try:
            async with hand(firm) as mine:
                await change_rule(mine, "visit_fence", value, "200")
        except Unfit:
            return False
        return True

    done = await asyncio.gather(one("301"), one("302"), one("303"))
    assert done.count(True) == 1
    assert await fence(firm) == ("301", "302", "303")[done.index(True)]


async def test_what_a_rule_cannot_take_is_said_and_not_written(firm: Firm) -> None:
    """In both languages, with the bounds; a key that no rule reads is refused."""
    with pytest.raises(Unfit) as told:
        async with hand(firm) as mine:
            await change_rule(mine, "visit_fence", "weit", "200")
    assert "whole number" in told.value.en
    assert "整数" in told.value.zh
    with pytest.raises(Refusal):
        async with hand(firm) as mine:
            await change_rule(mine, "no_such_rule", "1", "")
    assert await fence(firm) == ""


async def test_a_rule_goes_back_to_its_default_and_a_class_has_its_own(firm: Firm) -> None:
    """What stands for a class alone is listed with the rule, and its changes too."""
    async with firm.store.write() as tx:
        await add_default_classes(tx, firm.sources)
    async with hand(firm) as mine:
        await change_rule(mine, "reward_build", "700", "500")
        await change_rule(mine, "reward_build_hotel_a_A", "900", "")
    async with hand(firm) as mine:
        await change_rule(mine, "reward_build", None, "700")
    viewer = await viewer_of(firm)
    async with firm.store.read() as tx:
        found = await one_rule(tx, "reward_build", viewer)
        groups = await rules(tx)
    assert (found.rule.text, found.rule.is_set) == ("500", False)
    assert [(one.key, one.text) for one in found.variants] == [("reward_build_hotel_a_A", "900")]
    assert [one.act for one in found.changes] == [Act.REMOVE, Act.CREATE, Act.CREATE]
    assert found.changes[0].fields == (("key", "reward_build", None), ("value", "700", None))
    assert [one.variants for group in groups for one in group.rules if one.key == "reward_build"] == [1]
    assert shown_value("on", SETTINGS["pool_return"], viewer) == "on"
    assert shown_value("", SETTINGS["checklist"], viewer) == "(none)"


async def test_required_fields_hold_for_all_or_for_one_class(firm: Firm) -> None:
    """A class without its own goes by all; nothing at all cannot be chosen."""
    async with firm.store.write() as tx:
        await add_default_classes(tx, firm.sources)
    async with hand(firm) as mine:
        await require(mine, "", ["photo", "name"], "name,outlet_class,position,phone,photo")
        await require(mine, "cafe", ["opening_hours"], "")
    viewer = await viewer_of(firm)
    async with firm.store.read() as tx:
        found = {one.code: one for one in await required(tx, viewer)}
    assert (found[""].fields, found["cafe"].fields) == (("name", "photo"), ("opening_hours",))
    assert (found["bar"].fields, found["bar"].is_own) == (("name", "photo"), False)
    async with hand(firm) as mine:
        await require(mine, "cafe", None, found["cafe"].text)
    with pytest.raises(Unfit):
        async with hand(firm) as mine:
            await require(mine, "", [], found[""].text)
    async with firm.store.read() as tx:
        assert not any(one.is_own for one in await required(tx, viewer) if one.code)


# ---- classes, products, notices --------------------------------------------------------------------------------------


async def _row(firm: Firm, collection: str) -> Any:
    async with firm.store.read() as tx:
        return (await tx.execute(select(TYPED[collection]))).one()


async def test_a_class_is_added_changed_and_told_when_somebody_was_faster(firm: Firm) -> None:
    """Its code is a word of its own; a colour is six digits; the second of two is told."""
    async with hand(firm) as mine:
        await kinds.add_class(mine, "noodle_shop", "面馆", "Noodle shop", "#1F7A8C")
    row = await _row(firm, "outlet_class")
    assert (row.code, row.colour) == ("noodle_shop", "#1f7a8c")
    async with hand(firm) as mine:
        await kinds.change_class(mine, row.id, row.revision, "面店", "Noodle shop", "#1f7a8c", active=False)
    for code, colour in (("noodle_shop", "#000000"), ("Noodle", "#000000"), ("new", "red")):
        with pytest.raises(Unfit):
            async with hand(firm) as mine:
                await kinds.add_class(mine, code, "面", "N", colour)
    with pytest.raises(Unfit, match="meanwhile"):
        async with hand(firm) as mine:
            await kinds.change_class(mine, row.id, row.revision, "粉店", "Rice noodles", "#1f7a8c", active=True)
    async with firm.store.read() as tx:
        (kind,) = await kinds.classes(tx)
    assert (kind.zh, kind.active) == ("面店", False)


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1)]
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, expected: float) -> None:
    """Between 1 and 21, whichever comes first."""
    assert kinds.contrast(one, other) == pytest.approx(expected, abs=0.01)
    assert kinds.contrast(other, one) == pytest.approx(expected, abs=0.01)


async def test_what_speaks_against_a_colour_is_said(firm: Firm) -> None:
    """Faint on a light map, close to the red of key outlets, close to another class; the letter can be read on it."""
    made = {"faint": "#ffff99", "reddish": "#d83030", "blue": "#1f4e9e", "bluer": "#204f9d", "fine": "#2e8b57"}
    async with hand(firm) as mine:
        for code, colour in made.items():
            await kinds.add_class(mine, code, code, code, colour)
    async with firm.store.read() as tx:
        found = await kinds.classes(tx)
    said = {one.code: [en for _, en in kinds.warnings(one, found)] for one in found}
    assert sorted(code for code, one in said.items() if one) == ["blue", "bluer", "faint", "reddish"]
    assert "contrast" in said["faint"][0]
    assert said["blue"] == ["close to the colour of bluer"]
    assert all(kinds.contrast(one.colour, one.ink) >= 4.5 for one in found)


async def test_a_price_holds_from_its_day_on(firm: Firm) -> None:
    """For all classes or for one; amounts are typed in whole units; a code is there once; a price can be taken away."""
    async with hand(firm) as mine:
        await products.add_product(mine, "SKU-1", "老窖", "瓶")
    row = await _row(firm, "product")
    async with hand(firm) as mine:
        await products.add_price(mine, row.id, products.minor("288"), "", "")
        await products.add_price(mine, row.id, products.minor("1,299.5"), "", "2026-10-20")
    with pytest.raises(Unfit):
        async with hand(firm) as mine:
            await products.add_product(mine, "SKU-1", "另一", "")
    with pytest.raises(Unfit):
        async with hand(firm) as mine:
            await products.add_price(mine, row.id, 1, "no_class", "")
    for typed in ("", "zwei", "1.234", "-5"):
        with pytest.raises(Unfit):
            products.minor(typed)
    async with firm.store.read() as tx:
        found = await products.one_product(tx, row.id)
        (listed,), following = await products.products(tx, text="窖")
    assert listed == found
    assert following is None
    today, later = found.now(date(2026, 10, 19)), found.now(date(2026, 10, 20))
    assert today is not None
    assert later is not None
    assert (today.amount, later.amount) == (28_800, 129_950)
    async with hand(firm) as mine:
        await products.remove_price(mine, row.id, later.id)
        await products.change_product(mine, row.id, row.revision, "老窖 52度", "瓶", active=True)
    async with firm.store.read() as tx:
        found = await products.one_product(tx, row.id)
    assert (found.name, len(found.prices), found.now(date(2026, 10, 20))) == ("老窖 52度", 1, today)


async def test_products_are_paged_by_code(firm: Firm) -> None:
    """Each page goes on after the last code of the one before."""
    async with hand(firm) as mine:
        for number in range(products.PAGE + 1):
            await products.add_product(mine, f"SKU-{number:03}", "酒", "")
    async with firm.store.read() as tx:
        first, following = await products.products(tx)
        assert following is not None
        second, end = await products.products(tx, following)
    assert ([one.code for one in first][-1], [one.code for one in second], end) == ("SKU-099", ["SKU-100"], None)


async def test_who_has_read_a_notice_is_counted_in_the_version_that_stands(firm: Firm) -> None:
    """A change is read again; whoever has not read it comes first."""
    async with hand(firm) as mine:
        await notices.add_notice(mine, "盘点", "周五盘点\r\n带表", must_acknowledge=True)
    row = await _row(firm, "notice")
    assert row.body == "周五盘点\n带表"
    await firm.does(firm.wang, "acknowledgement", notice=row.id, notice_revision=row.revision)
    async with firm.store.read() as tx:
        (listed,) = await notices.notices(tx)
    assert (listed.read, listed.people) == (1, 6)
    async with hand(firm) as mine:
        await notices.change_notice(mine, row.id, row.revision, "盘点", "周六盘点", must_acknowledge=True)
    async with firm.store.read() as tx:
        (listed,), one = await notices.notices(tx), await notices.one_notice(tx, row.id)
    assert listed.read == 0
    assert [(each.name, each.is_newest) for each in one.readers if each.at is not None] == [("王", False)]
    assert one.readers[0].at is None
    async with hand(firm) as mine:
        await notices.remove_notice(mine, row.id)
    async with firm.store.read() as tx:
        assert await notices.notices(tx) == []


# ---- leases, holidays, the deployment --------------------------------------------------------------------------------


async def test_a_role_has_terms_of_its_own_until_they_are_taken_away(firm: Firm) -> None:
    """As typed; too long or no length is said; the second of two is told; the journal says who."""
    async with hand(firm) as mine:
        await leases.set_role(mine, Role.REP, "12h", "", "/")
    async with firm.store.read() as tx:
        rep = next(one for one in (await leases.leases(tx, firm.desk.now)).roles if one.role is Role.REP)
        (made,), _ = await changes(tx)
    assert (rep.locks, rep.erases) == ("12h", "")
    assert (made.collection, made.name, made.by) == ("lease", "rep", firm.dealer)
    for locks in ("8d", "zwei Tage", "0s"):
        with pytest.raises(Unfit):
            async with hand(firm) as mine:
                await leases.set_role(mine, Role.REP, locks, "", rep.seen)
    with pytest.raises(Unfit, match="meanwhile"):
        async with hand(firm) as mine:
            await leases.set_role(mine, Role.REP, "6h", "", "/")
    async with hand(firm) as mine:
        await leases.set_role(mine, Role.REP, "", "", rep.seen)
    async with firm.store.read() as tx:
        assert await specials(tx) == []


async def test_holidays_are_added_and_left_out_day_by_day_and_taken_in_by_the_year(firm: Firm) -> None:
    """Two who add at once both keep theirs; a year that nobody has announced is said."""

    async def add(day: str) -> None:
        async with hand(firm) as mine:
            await holidays.add_day(mine, day)

    await asyncio.gather(add("2026-12-24"), add("2026-12-25"))
    async with hand(firm) as mine:
        await holidays.drop_day(mine, "2026-12-24")
    async with firm.store.read() as tx:
        (year, after) = await holidays.years(tx, date(2026, 10, 15))
    assert ([str(one) for one in year.days], year.is_known, after.year) == (["2026-12-25"], True, 2027)
    async with hand(firm) as mine:
        count, _ = await holidays.take_year(mine, 2026)
    async with firm.store.read() as tx:
        (year, _) = await holidays.years(tx, date(2026, 10, 15))
    assert (len(year.days), date(2026, 10, 1) in year.days) == (count, True)
    wrong: tuple[Callable[[Hand], Awaitable[object]], ...] = (
        lambda mine: holidays.take_year(mine, 2099),
        lambda mine: holidays.add_day(mine, "Neujahr"),
    )
    for each in wrong:
        with pytest.raises(Unfit):
            async with hand(firm) as mine:
                await each(mine)


def test_the_deployments_settings_are_shown_without_a_secret(tmp_path: Any) -> None:
    """All of them, lengths of time as people write them; of a secret only whether it is set."""
    found = {one.name: one for one in held(Settings(tmp_path, database_url="postgresql://u:secret@h/d", port=1))}
    assert (found["database_url"].value, found["database_url"].is_set) == (None, True)
    assert (found["port"].value, found["port"].is_set, found["port"].variable) == ("1", True, "SAOJIE_PORT")
    assert (found["lease_locks_after"].value, found["confirm_devices"].value) == ("1d", "on")
    assert all("secret" not in (one.value or "") for one in found.values())

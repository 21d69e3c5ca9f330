"""The rules of the business: each setting with its words, value, default and bounds, since when and by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.console.settings.changing import Hand, changed_meanwhile, lock_company
from server.console.settings.history import Made, changes_of
from server.console.viewer import Viewer
from server.field.policies import policies_of, reset_policy, set_policy
from server.identity import staff
from server.master.store import Tx
from server.master.tables import records
from server.master.typed import TYPED
from server.values import Unfit
from sync.errors import Refusal
from sync.policies import GROUPS, SETTINGS, Setting, fitting
from sync.policies import Unfit as Untaken
from sync.records import COLLECTIONS
from sync.words import MISSING

__all__ = ["TITLES", "Group", "OneRule", "Rule", "change_rule", "one_rule", "rules", "shown_value"]

TITLES: Mapping[str, tuple[str, str]] = {
    "work": ("拜访与扫街", "Visits and sweeps"),
    "archive": ("档案", "The archive"),
    "care": ("感情联络", "Care"),
    "pool": ("公海", "Pool"),
    "trade": ("货款、库存与考核", "Money, stock and appraisal"),
}
"""The headings of the groups."""
_VALUES: Mapping[str, tuple[str, str]] = {
    "on": ("开", "on"),
    "off": ("关", "off"),
    "spring_festival": ("春节", "Spring Festival"),
    "dragon_boat": ("端午", "Dragon Boat Festival"),
    "mid_autumn": ("中秋", "Mid-Autumn Festival"),
    **MISSING,
}
_POLICIES, _CLASSES = TYPED["policy"], TYPED["outlet_class"]
APART = frozenset({"required", "holidays"})
"""Settings that have a page of their own."""


class Rule(msgspec.Struct, frozen=True):
    """One setting as it stands: the text that counts, whether the company has set it, and if so when it was set last
    and by whom. `key` is the setting's, with a class or a purpose behind it where it holds for that alone.
    """

    key: str
    setting: Setting[Any]
    text: str
    is_set: bool
    at: int | None = None
    by: str | None = None
    variants: int = 0


class Group(msgspec.Struct, frozen=True):
    """Settings about one thing."""

    title: tuple[str, str]
    rules: tuple[Rule, ...]


class OneRule(msgspec.Struct, frozen=True):
    """A setting on its page, with those of it that hold for a class, a grade or a purpose alone, what of these can be
    added (code, name), and its changes, the newest first. `people` are names by id.
    """

    rule: Rule
    variants: tuple[Rule, ...]
    classes: tuple[tuple[str, str], ...]
    changes: Sequence[Made]
    people: Mapping[UUID, str]


def shown_value(text: str, setting: Setting[Any], viewer: Viewer) -> str:
    """A setting's text for people."""
    if not text:
        return viewer.say("（无）", "(none)")
    if not setting.takes.among:
        return text
    said = (viewer.say(*_VALUES[one]) if one in _VALUES else one for one in text.split(","))
    return viewer.say("、", ", ").join(said)


async def rules(tx: Tx) -> list[Group]:
    """All settings but those that have a page of their own, in their groups."""
    held = await _held(tx)
    variants = [one for key in held if key not in SETTINGS and (one := fitting(key, frozenset(await _codes(tx))))]
    found = []
    for group, settings in GROUPS.items():
        mine = (held.get(one.key) or Rule(one.key, one, one.default, is_set=False) for one in settings.values())
        counted = (msgspec.structs.replace(one, variants=variants.count(one.setting)) for one in mine)
        found.append(Group(TITLES[group], tuple(one for one in counted if one.key not in APART)))
    return found


async def one_rule(tx: Tx, key: str, viewer: Viewer) -> OneRule:
    """One setting. Raises Refusal where there is none of that key."""
    setting = SETTINGS.get(key)
    if setting is None:
        raise Refusal("not_found", f"no rule reads the setting {key}")
    held = await _held(tx)
    columns = select(_CLASSES.c.code, _CLASSES.c.zh, _CLASSES.c.en).order_by(_CLASSES.c.code)
    kinds = [(row.code, viewer.say(row.zh, row.en)) for row in await tx.execute(columns)]
    codes = frozenset(code for code, _ in kinds)
    mine = [one for each, one in held.items() if each not in SETTINGS and fitting(each, codes) is setting]
    changes = await changes_of(tx, await _ever(tx))
    about = [one for one in changes if fitting(one.name, codes) is setting]
    people = {one.id: one.name for one in await staff.everybody(tx)}
    rule = held.get(key) or Rule(key, setting, setting.default, is_set=False)
    return OneRule(rule, tuple(sorted(mine, key=lambda one: one.key)), tuple(kinds), about, people)


async def change_rule(hand: Hand, key: str, value: str | None, seen: str) -> frozenset[str]:
    """Set a setting, or put it back to its default (None), by somebody who saw its text as `seen`. The scopes that
    changed; none where it stands so already. Raises Unfit for what it cannot take and where it was changed meanwhile,
    Refusal for a key that no rule reads.
    """
    setting = fitting(key, frozenset(await _codes(hand.tx)))
    if setting is None:
        raise Refusal("not_found", f"no rule reads the setting {key}")
    await lock_company(hand.tx)
    texts = (await policies_of(hand.tx)).texts
    now = texts.get(key, "" if key not in SETTINGS else setting.default)
    if now != seen:
        raise changed_meanwhile(now or "（无）", now or "(none)")
    if value is None:
        return await reset_policy(hand.tx, key, hand.sources, hand.by)
    try:
        setting.read(value.strip())
    except Untaken as wrong:
        raise Unfit(f"{setting.en}: {wrong.en}", f"{setting.zh}：{wrong.zh}") from wrong
    return (
        frozenset() if texts.get(key) == value.strip() else await set_policy(hand.tx, key, value, hand.sources, hand.by)
    )


async def _codes(tx: Tx) -> list[str]:
    return list((await tx.execute(select(_CLASSES.c.code))).scalars())


async def _held(tx: Tx) -> dict[str, Rule]:
    """The settings that the company has set, by key. Of two of one key the newer counts."""
    codes = frozenset(await _codes(tx))
    rows = (await tx.execute(select(_POLICIES).order_by(_POLICIES.c.id))).all()
    last: dict[UUID, Made] = {}
    for one in await changes_of(tx, [row.id for row in rows]):
        if one.record is not None:
            last.setdefault(one.record, one)
    people = {one.id: one.name for one in await staff.everybody(tx)}
    found = {}
    for row in rows:
        setting, made = fitting(row.key, codes), last.get(row.id)
        if setting is not None:
            by = people.get(made.by) if made is not None and made.by is not None else None
            at = made.at if made is not None else None
            found[row.key] = Rule(row.key, setting, row.value, is_set=True, at=at, by=by)
    return found


async def _ever(tx: Tx) -> list[UUID]:
    """The records of all settings that were ever set."""
    wanted = select(records.c.record).where(records.c.tag == COLLECTIONS["policy"].tag)
    return [UUID(bytes=bytes(one)) for one in (await tx.execute(wanted)).scalars()]

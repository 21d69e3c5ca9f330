"""Letting the rules look at what has arrived: right after a push, and again and again for what was left.

A rule reads what arrived and the store around it, and acts by the one write path: it tells a person what it found, asks
a manager, gives a task. A rule that fails holds up nobody: the arrival is looked at again later, alone, and in the end
a manager is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from server.field import duplicates, practices
from server.field.arrived import Arrived, Rule
from server.field.care import days, trusted
from server.field.credit.arrived import ask_for_review, check_accounts, check_terms
from server.field.ground import Ground
from server.field.orders import judge_orders
from server.field.personal.keeping import empty_uncovered
from server.field.policies import policies_of
from server.field.pool.claims import decide_claims
from server.field.private_channels import report_private
from server.field.quarterly.verification import judge
from server.field.registration import answers, codes
from server.field.visits.judging import judge_visits
from server.master.arrivals import MOST_TRIES, Arrival, is_any_waiting, put_off, seen, waiting
from server.master.inbox import Matter, bring_up
from server.master.sqlite import at_once
from server.master.store import Store, Tx
from server.master.working import load
from server.ports import Sources
from sync.records import by_tag

__all__ = ["RULES", "Arrived", "Rule", "look"]

_AT_ONCE = 200
_FEW = 64
"""So many are looked at without going to the database's thread for each statement."""
_LATER_MS = 60_000


RULES: tuple[Rule, ...] = (
    Rule("claims", frozenset({"claim"}), decide_claims),
    Rule("duplicates", frozenset({"outlet"}), duplicates.look),
    Rule("codes", frozenset({"outlet"}), codes.look),
    Rule("answers", answers.ANSWERS, answers.look),
    Rule("visits", frozenset({"visit"}), judge_visits),
    Rule("orders", frozenset({"order"}), judge_orders),
    Rule("verification", frozenset({"verification"}), judge),
    Rule("private_channels", frozenset({"contact", "visit", "contact_report"}), report_private),
    Rule("consent", frozenset({"contact_private"}), empty_uncovered),
    Rule("credit asked for", frozenset({"credit_application"}), ask_for_review),
    Rule("credit without terms", frozenset({"delivery"}), check_terms),
    Rule("accounts", frozenset({"payment"}), check_accounts),
    Rule("trusted visits", frozenset({"visit"}), trusted.hear),
    Rule("practices", frozenset({"practice"}), practices.hear),
    Rule("occasions", frozenset({"occasion"}), days.hear),
)
"""In the order in which they look."""


async def look(store: Store, ground: Ground, rules: Sequence[Rule] = RULES) -> frozenset[str]:
    """Look at all that waits; the names of the scopes that changed."""
    changed: frozenset[str] = frozenset()
    while True:
        if not await store.glance(partial(is_any_waiting, now=ground.sources.now())):
            return changed
        changed |= await _some(store, ground, rules)


async def _some(store: Store, ground: Ground, rules: Sequence[Rule]) -> frozenset[str]:
    try:
        return await store.transact(partial(_look, ground=ground, rules=rules, most=_AT_ONCE))
    except Exception:  # noqa: BLE001  # whatever is wrong with one arrival must not hold up the others
        return await _alone(store, ground, rules)


async def _alone(store: Store, ground: Ground, rules: Sequence[Rule]) -> frozenset[str]:
    """The oldest by itself: it is looked at, or put off."""
    try:
        return await store.transact(partial(_look, ground=ground, rules=rules, most=1))
    except Exception as error:  # noqa: BLE001  # the reason goes to a manager once it has failed often enough
        await store.transact(partial(_fail, sources=ground.sources, why=repr(error)))
        return frozenset()


async def _look(tx: Tx, ground: Ground, rules: Sequence[Rule], most: int) -> frozenset[str]:
    found = await waiting(tx, ground.sources.now(), most)
    with at_once(tx, is_brief=len(found) <= _FEW) as near:
        return await _looked(near, ground, rules, found)


async def _looked(tx: Tx, ground: Ground, rules: Sequence[Rule], found: Sequence[Arrival]) -> frozenset[str]:
    ground = replace(ground, policies=await policies_of(tx))
    held = (await load(tx, [one.record.bytes for one in found], (), {})).held
    stands = [Arrived(one, record) for one in found if (record := held[one.record.bytes].record) is not None]
    changed: frozenset[str] = frozenset()
    for rule in rules:
        meant = [one for one in stands if (kind := by_tag(one.arrival.tag)) and kind.name in rule.collections]
        if meant:
            changed |= await rule.look(tx, meant, ground)
    await seen(tx, found)
    return changed


async def _fail(tx: Tx, sources: Sources, why: str) -> None:
    failed = await waiting(tx, sources.now(), 1)
    for one in failed:
        await put_off(tx, [one], sources.now() + _LATER_MS * 2**one.tries)
        if one.tries + 1 >= MOST_TRIES:
            en = f"A rule failed on the record {one.record} again and again: {why[:300]}. It counts for no report."
            zh = f"规则多次未能处理记录 {one.record}：{why[:300]}。各报表均未计入。"
            await bring_up(tx, Matter("rule_failed", one.record, en, zh), sources)

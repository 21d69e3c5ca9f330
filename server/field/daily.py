"""Rules that look once a day, after the night's hour in the company's time zone: each has a turn of its own.

A rule may run late or be run again for the same day: it gives no task and asks no question twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import msgspec

from server.field import findings, practices, tasks
from server.field.appraisal.scores import grow
from server.field.care import days, trusted
from server.field.care import staff as staff_care
from server.field.credit.overdue import look_into as look_into_overdue
from server.field.ground import Ground, Work
from server.field.invented import ask_about_invented
from server.field.joining import brief_newcomers
from server.field.personal.keeping import end_retention, take_back_told
from server.field.policies import policies_of
from server.field.pool.missing import make_missing
from server.field.pool.returning import return_due
from server.field.quarterly import callbacks, verification
from server.field.registration.codes import deal_all
from server.field.second_faces import propose_faces
from server.field.stock.questions import look_into as look_into_stock
from server.field.sweeps.ready import propose_keeping
from server.field.watching.asking import ask_about_signs
from server.field.watching.dependence import warn
from server.master.store import Store, Tx
from server.master.turns import is_turn, not_done, take_turn
from server.times import read_local

__all__ = ["DAILY", "Daily", "look_daily"]


class Daily(msgspec.Struct, frozen=True):
    """One rule of every day; `look` says which scopes it changed. One that reads for long does that with `read`, while
    others write, and hands over what is to be written.
    """

    name: str
    look: Callable[[Tx, Ground], Awaitable[frozenset[str]]] | None = None
    read: Callable[[Tx, Ground], Awaitable[Work]] | None = None


DAILY: tuple[Daily, ...] = (
    Daily("care", days.remind),
    Daily("trusted visits", trusted.remind),
    Daily("staff care", staff_care.remind),
    Daily("practices", practices.ask),
    Daily("joining", brief_newcomers),
    Daily("codes", deal_all),
    Daily("teasers", make_missing),
    Daily("pool", return_due),
    Daily("retention", end_retention),
    Daily("told of people", take_back_told),
    Daily("findings", findings.clear_old),
    Daily("tasks", tasks.clear_old),
    Daily("verification", verification.remind),
    Daily("call-backs", callbacks.remind),
    Daily("overdue", read=look_into_overdue),
    Daily("stock", read=look_into_stock),
    Daily("invented", ask_about_invented),
    Daily("appraisal", read=grow),
    Daily("phases", propose_keeping),
    Daily("dependence", warn),
    Daily("second_faces", propose_faces),
    Daily("signs", ask_about_signs),
)
"""In the order in which they look."""


async def look_daily(store: Store, ground: Ground, hour: int, rules: Sequence[Daily] = DAILY) -> frozenset[str]:
    """Let every rule whose turn it is look, each in a transaction of its own; the scopes that changed."""
    since = _since(ground, hour)
    changed: frozenset[str] = frozenset()
    failures: list[Exception] = []
    by_name = {f"rule/{rule.name}": rule for rule in rules}
    async with store.read() as tx:
        due = await not_done(tx, list(by_name), since)
    for rule in map(by_name.__getitem__, due):
        try:
            changed |= await _turn(store, ground, rule, since)
        except Exception as error:  # noqa: BLE001  # one rule's failure must not keep the others from their turn
            failures.append(error)
    if failures:
        raise ExceptionGroup("rules of the day", failures)
    return changed


async def _turn(store: Store, ground: Ground, rule: Daily, since: int) -> frozenset[str]:
    """Let one rule look, where it is its turn."""
    name, work = f"rule/{rule.name}", None
    if rule.read is not None:
        async with store.read() as tx:
            if await is_turn(tx, name, since):
                work = await rule.read(tx, replace(ground, policies=await policies_of(tx)))

    async def turn(tx: Tx) -> frozenset[str]:
        if not await take_turn(tx, name, since, ground.sources.now()):
            return frozenset()
        if work is not None:
            return await work(tx)
        return await rule.look(tx, replace(ground, policies=await policies_of(tx))) if rule.look else frozenset()

    return await store.transact(turn)


def _since(ground: Ground, hour: int) -> int:
    """When it was last that hour of the company's day, server milliseconds."""
    today = ground.today
    at = read_local(f"{today} {hour:02}:00", ground.zone)
    return at if at <= ground.sources.now() else read_local(f"{today - timedelta(days=1)} {hour:02}:00", ground.zone)

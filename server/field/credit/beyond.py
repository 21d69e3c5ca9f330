"""Credit that runs longer than it may, or than was agreed, in what the dealer brings in: asked about, never taken over
in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from server.field.owners import shops
from server.master.inbox import Matter, bring_up
from server.master.money import terms_of
from server.master.standing import resolved
from server.master.store import Tx
from server.ports import Sources
from sync.records import CreditTerms

__all__ = ["BEYOND", "Longer", "Said", "ask_about_deliveries", "ask_about_terms", "longer", "within"]

BEYOND = "credit_beyond"
"""The kind of the matter: one for each import."""
_NAMED = 20


class Said(msgspec.Struct, frozen=True):
    """So many days that a delivery of the books says may pass until it is paid."""

    outlet: UUID
    days: int
    day: str
    reference: str


class Longer(msgspec.Struct, frozen=True):
    """An outlet, or a delivery to one, with the days that were brought in and those that hold."""

    what: str
    days: int
    holds: int


def within(wanted: CreditTerms, held: CreditTerms | None, most: int) -> CreditTerms:
    """These terms with no more days than a manager may give, or than are agreed already."""
    return msgspec.structs.replace(wanted, days=min(wanted.days, max(most, held.days if held else 0)))


async def longer(tx: Tx, said: Iterable[Said]) -> list[Longer]:
    """Those deliveries that are to run longer than was agreed with their outlets. Where nothing was agreed, that is
    another matter.
    """
    of = [one for one in said if one.days]
    if not of:
        return []
    roots = await resolved(tx, {one.outlet for one in of})
    terms, known = await terms_of(tx, set(roots.values())), await shops(tx, set(roots.values()))
    found = []
    for one in of:
        agreed = terms.get(roots[one.outlet])
        if agreed is not None and 0 < agreed.days < one.days:
            name = known[roots[one.outlet]].name if roots[one.outlet] in known else str(one.outlet)
            what = " ".join(filter(None, (name, one.day, one.reference)))
            found.append(Longer(what, one.days, agreed.days))
    return found


async def ask_about_terms(tx: Tx, inquiry: UUID, found: Sequence[Longer], sources: Sources) -> None:
    """Put it before the manager for which outlets a list says more days than they are given. Asked of the same import
    again, it is one matter with the newest words.
    """
    en = (
        f"A list says longer credit than may be given for {len(found)} outlets; they have what may be: {_told(found)}. "
        "Longer is the dealer's to give, one by one (`saojie credit extend`) or for all (`saojie policy set "
        "credit_days`, then the terms)."
    )
    zh = (
        f"名单上 {len(found)} 家终端的账期超过上限，已按上限导入：{_told(found)}。"
        "更长须由经销商批准：逐家（saojie credit extend），或调整上限（saojie policy set credit_days）后另行设定。"
    )
    await bring_up(tx, Matter(BEYOND, inquiry, en, zh), sources)


async def ask_about_deliveries(tx: Tx, inquiry: UUID, found: Sequence[Longer], sources: Sources) -> None:
    """The same of deliveries that the books let run longer than was agreed."""
    en = (
        f"The books let {len(found)} deliveries run longer than was agreed; they are due as agreed: {_told(found)}. "
        "Longer is the dealer's to give: `saojie credit extend`."
    )
    zh = (
        f"账本中 {len(found)} 笔送货的账期超过约定，仍按约定到期：{_told(found)}。"
        "更长须由经销商批准：saojie credit extend。"
    )
    await bring_up(tx, Matter(BEYOND, inquiry, en, zh), sources)


def _told(found: Sequence[Longer]) -> str:
    named = "; ".join(f"{one.what} {one.days} > {one.holds}" for one in found[:_NAMED])
    return named + ("; …" if len(found) > _NAMED else "")

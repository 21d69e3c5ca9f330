"""Overdue money (逾期): on the first day a case, a task for the owner and a matter for the manager, who has one for
all outlets of an owner. While a case is open there is no new credit; it closes with a reason, a plan and payments, or
the dealer writes the money off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, insert, select, update

from server.field.credit.accounts import accounts
from server.field.findings import Found, tell
from server.field.ground import Ground, Work
from server.field.own_acts import Asked, carry_out
from server.field.owners import Shop, shops
from server.field.tasks import Wanted, give
from server.identity import staff
from server.identity.staff import Role
from server.master.actors import Authority
from server.master.inbox import Matter, bring_up, last_brought, listed, settle
from server.master.journal import Note, note
from server.master.meta import read_identity
from server.master.scoping import numbers
from server.master.standing import resolved
from server.master.store import Tx
from server.master.trade import overdue_cases
from server.master.typed import TYPED
from sync import scopes
from sync.business.accounts import WRITTEN_OFF
from sync.business.credit import Account
from sync.errors import Refusal
from sync.operations import Act
from sync.records import TaskStatus
from sync.scopes import COMPANY

__all__ = ["OVERDUE", "Case", "cases", "close", "find", "look_into", "write_off"]

OVERDUE = "overdue"
"""The kind of the task and of the matter."""
_STOPPED, _OPEN = "stopped", "open"
_NAMED = 10
"""So many outlets are named in a matter."""
_OF = overdue_cases


class Case(msgspec.Struct, frozen=True):
    """One case: opened on a day because `amount` was overdue then; `overdue` is what is so now, minor units."""

    id: UUID
    outlet: UUID
    name: str
    owner: UUID | None
    opened_on: str
    amount: int
    overdue: int
    balance: int
    reason: str | None = None
    plan: str | None = None
    written_off: int | None = None
    closed_at: int | None = None


async def cases(tx: Tx, ground: Ground, *, everything: bool = False, case: UUID | None = None) -> list[Case]:
    """The cases that are open, or all of them, the oldest first; or that one. What a merged outlet owes, the one that
    stands for it owes.
    """
    wanted = select(_OF).order_by(_OF.c.opened_at, _OF.c.id)
    if not everything:
        wanted = wanted.where(_OF.c.closed_at.is_(None))
    if case is not None:
        wanted = wanted.where(_OF.c.id == case.bytes)
    rows = (await tx.execute(wanted)).all()
    if not rows:
        return []
    outlets = {UUID(bytes=bytes(row.outlet)) for row in rows}
    roots, known, owed = await resolved(tx, outlets), await shops(tx, outlets), await accounts(tx, outlets)
    return [_case(row, known, {one: owed.get(root, Account()) for one, root in roots.items()}, ground) for row in rows]


def _case(row: Row[Any], known: dict[UUID, Shop], owed: dict[UUID, Account], ground: Ground) -> Case:
    outlet = UUID(bytes=bytes(row.outlet))
    shop, stands = known.get(outlet, Shop(outlet, "")), owed[outlet]
    return Case(
        UUID(bytes=bytes(row.id)), outlet, shop.name, shop.owner, row.opened_on, row.amount,
        stands.overdue(str(ground.today)), stands.balance, row.reason, row.plan, row.written_off, row.closed_at,
    )  # fmt: skip


async def find(tx: Tx, case: UUID, ground: Ground) -> Case:
    """One case that is open. Raises Refusal where there is none."""
    found = await cases(tx, ground, case=case)
    if not found:
        raise Refusal("not_found", f"there is no open case {case}")
    return found[0]


async def look_into(tx: Tx, ground: Ground) -> Work:
    """Every day: what is overdue by the books of all outlets, which takes a while to read; what is to be written of it:
    a case for each outlet of which something is overdue, once; the people of open ones are told.
    """
    today = str(ground.today)
    owed = {one: amount for one, stands in (await accounts(tx)).items() if (amount := stands.overdue(today))}
    return partial(_write, owed=owed, ground=ground)


async def _write(tx: Tx, owed: Mapping[UUID, int], ground: Ground) -> frozenset[str]:
    rows = (await tx.execute(select(_OF.c.id, _OF.c.outlet).where(_OF.c.closed_at.is_(None)))).all()
    held = {UUID(bytes=bytes(row.id)): UUID(bytes=bytes(row.outlet)) for row in rows}
    roots = await resolved(tx, {*owed, *held.values()})
    known = await shops(tx, roots.keys())
    having = {roots[one] for one in held.values()}
    fresh = await _still(tx, [one for one in sorted(owed) if roots[one] not in having and one in known], ground)
    for outlet, amount in fresh.items():
        case = ground.sources.new_id()
        await _open(tx, known[outlet], case, amount, ground)
        held[case] = outlet
    stand = [(case, known[outlet], owed.get(roots[outlet], 0)) for case, outlet in held.items() if outlet in known]
    owners = {shop.owner for _, shop, _ in stand}
    never = {owner for owner in owners if owner is not None} - (await last_brought(tx, OVERDUE)).keys()
    fresh_owners = {known[one].owner for one in fresh}
    await _bring_up(tx, fresh_owners | never, [(shop, amount) for _, shop, amount in stand], ground)
    await _settle(tx, owners, ground)
    return await _tell_owners(tx, stand, ground)


async def _still(tx: Tx, outlets: Sequence[UUID], ground: Ground) -> dict[UUID, int]:
    """What is overdue at these now: something may have been paid, or merged, since it was read."""
    owed = await accounts(tx, outlets) if outlets else {}
    today = str(ground.today)
    return {one: amount for one in outlets if one in owed and (amount := owed[one].overdue(today))}


async def _open(tx: Tx, shop: Shop, case: UUID, amount: int, ground: Ground) -> None:
    now, day = ground.sources.now(), str(ground.today)
    values = {"id": case.bytes, "outlet": shop.id.bytes, "opened_on": day, "opened_at": now, "amount": amount}
    await tx.execute(insert(_OF).values(values))
    body = {"case": case.bytes, "outlet": shop.id.bytes, "amount": amount}
    await note(tx, [Note(COMPANY, "overdue_opened", body)], now, ground.sources.random)


async def _bring_up(tx: Tx, owners: Collection[UUID | None], stand: Sequence[tuple[Shop, int]], ground: Ground) -> None:
    """One matter for each of these people, with what is overdue at their outlets; one where nobody owns them."""
    company = (await read_identity(tx)).company
    for owner in sorted(owners, key=str):
        mine = sorted(((amount, shop.name) for shop, amount in stand if shop.owner == owner), reverse=True)
        total = sum(amount for amount, _ in mine) / 100
        named = "、".join(f"{name} {amount / 100:.2f}" for amount, name in mine[:_NAMED])
        named += "、…" if len(mine) > _NAMED else ""
        en = f"{len(mine)} outlets have {total:.2f} overdue: {named}. `saojie overdue list`, then `close` each."
        zh = f"{len(mine)} 家终端逾期，共 {total:.2f} 元：{named}。saojie overdue list 查看，逐家 close。"
        await bring_up(tx, Matter(OVERDUE, owner or company, en, zh, owner), ground.sources)


async def _tell_owners(tx: Tx, stand: Iterable[tuple[UUID, Shop, int]], ground: Ground) -> frozenset[str]:
    """The owner has a task for as long as money is overdue, and the phone knows that there is no new credit."""
    wanted, found, day = [], [], str(ground.today)
    for case, shop, amount in stand:
        if shop.owner is None:
            continue
        found.append(Found(shop.owner, case, "credit", _STOPPED, shop.id))
        if amount:
            title = f"催收逾期货款 Overdue: {shop.name} {amount / 100:.2f}"
            wanted.append((shop.owner, Wanted(OVERDUE, shop.id, title, due=day, about=case)))
    _, changed = await give(tx, ground.sources, await _not_given(tx, wanted))
    return changed | await tell(tx, ground.sources, found)


async def _not_given(tx: Tx, wanted: list[tuple[UUID, Wanted]]) -> list[tuple[UUID, Wanted]]:
    """A person is asked about a case once, whatever has become of the task."""
    table = TYPED["task"]
    named = {scopes.staff(person): person for person, _ in wanted}
    whose = {number: named[name] for name, number in (await numbers(tx, named)).items()}
    about = {one.about for _, one in wanted}
    rows = await tx.execute(
        select(table.c.about, table.c.scope).where(table.c.about.in_(about), table.c.scope.in_(whose))
    )
    given = {(whose[row.scope], row.about) for row in rows}
    return [(person, one) for person, one in wanted if (person, one.about) not in given]


async def close(tx: Tx, case: UUID, reason: str, plan: str, ground: Ground, *, by: UUID) -> frozenset[str]:
    """Close a case: why it came to it, how it is kept from coming again, and nothing overdue. The scopes that changed.

    Raises Refusal where one of the three is missing, and for anybody but a manager.
    """
    if (await staff.lock_active(tx, by)).role.authority is not Authority.MANAGER:
        raise Refusal("not_yours", "a case of overdue money is a manager's to close")
    found = await find(tx, case, ground)
    if not reason.strip() or not plan.strip():
        raise Refusal("bad_value", "closing takes a reason and a plan")
    if found.overdue:
        raise Refusal("credit_stopped", f"{found.overdue / 100:.2f} is still overdue: payments close a case")
    return await _close(tx, found, {"reason": reason.strip(), "plan": plan.strip()}, ground, by)


async def write_off(tx: Tx, case: UUID, reason: str, ground: Ground, *, by: UUID) -> frozenset[str]:
    """Give up what is overdue, by the dealer, with a reason: a payment that never came settles it, and the case closes.

    The scopes that changed. Raises Refusal for anybody else, and without a reason.
    """
    if (await staff.lock_active(tx, by)).role is not Role.DEALER:
        raise Refusal("not_yours", "writing money off is the dealer's")
    if not reason.strip():
        raise Refusal("bad_value", "writing money off takes a reason")
    found = await find(tx, case, ground)
    amount, day = found.overdue, str(ground.today)
    fields = {
        "outlet": found.outlet, "amount": amount, "account": WRITTEN_OFF, "paid_on": day, "notes": reason.strip(),
    }  # fmt: skip
    changed = frozenset[str]()
    if amount:
        asked = [Asked("payment", fields)]
        applied = await carry_out(tx, ground.sources, asked, by=by, authority=Authority.MANAGER)
        changed = applied.changed
    values = {"reason": reason.strip(), "plan": "", "written_off": amount}
    return changed | await _close(tx, found, values, ground, by)


async def _close(tx: Tx, found: Case, values: dict[str, Any], ground: Ground, by: UUID) -> frozenset[str]:
    now = ground.sources.now()
    closing = update(_OF).where(_OF.c.id == found.id.bytes, _OF.c.closed_at.is_(None))
    if not (await tx.execute(closing.values(closed_at=now, closed_by=by.bytes, **values))).rowcount:
        raise Refusal("bad_value", "somebody closed this case meanwhile")
    body = {"case": found.id.bytes, "outlet": found.outlet.bytes, "by": by, **values}
    await note(tx, [Note(COMPANY, "overdue_closed", body)], now, ground.sources.random)
    await _settle(tx, {one.owner for one in await cases(tx, ground)}, ground, by)
    return await _done(tx, found, values["reason"], ground)


async def _settle(tx: Tx, owners: Collection[UUID | None], ground: Ground, by: UUID | None = None) -> None:
    """The matter of a person is settled with the last of their cases; those of `owners` have some."""
    company = (await read_identity(tx)).company
    having = {owner or company for owner in owners}
    for one in await listed(tx, kind=OVERDUE):
        if one.matter.about not in having:
            await settle(tx, one.id, "全部结案 · all are closed", ground.sources, by)


async def _done(tx: Tx, found: Case, reason: str, ground: Ground) -> frozenset[str]:
    """Everybody's task about the case is over, and their phones know that there is credit again."""
    table, findings = TYPED["task"], TYPED["finding"]
    still = table.c.status.in_([TaskStatus.OPEN, TaskStatus.STARTED])
    tasks = (await tx.execute(select(table.c.id).where(table.c.about == found.id, still))).scalars()
    told = (await tx.execute(select(findings.c.id).where(findings.c.about == found.id))).scalars()
    asked = [Asked("task", {"status": TaskStatus.DONE, "answer": reason[:4000]}, one, Act.EDIT) for one in tasks]
    asked += [Asked("finding", {"state": _OPEN, "at": ground.sources.now()}, one, Act.EDIT) for one in told]
    return (await carry_out(tx, ground.sources, asked)).changed if asked else frozenset()

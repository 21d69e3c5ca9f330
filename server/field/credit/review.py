"""The review of credit applications: approve, send back with a question, refuse; longer terms are the dealer's act.

An approval writes the terms at the outlet, or at the one that stands for it; whoever asked hears of it on the phone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from server.field.findings import Found, tell
from server.field.ground import Ground
from server.field.own_acts import Asked, carry_out
from server.identity import staff
from server.identity.staff import Role
from server.master.actors import Authority
from server.master.inbox import settle_matter
from server.master.journal import Note, note
from server.master.scoping import lock_places, names
from server.master.standing import survivors
from server.master.store import Tx
from server.master.typed import TYPED
from sync.errors import Refusal
from sync.operations import Act
from sync.outcomes import OutcomeCode
from sync.policies.trade import CREDIT_DAYS
from sync.records import CreditTerms, Review

__all__ = ["CREDIT_ASKED", "Application", "applications", "approve", "extend", "find", "question", "refuse"]

CREDIT_ASKED = "credit_application"
"""The kind of the matter that waits for a manager, and of what the rep hears."""
_APPLICATIONS, _OUTLETS = TYPED["credit_application"], TYPED["outlet"]
_WAITING = (Review.PENDING, Review.QUESTIONED)


class Application(msgspec.Struct, frozen=True):
    """One form, with the outlet's name; `at` is when it was asked for, server milliseconds."""

    id: UUID
    outlet: UUID
    name: str
    operations: str
    creditworthiness: str
    limit: int
    days: int
    review: str
    review_note: str
    at: int | None
    staff: UUID | None


async def applications(tx: Tx, *, everything: bool = False) -> list[Application]:
    """The forms that wait for the review, or all of them, the oldest first."""
    wanted = _select() if everything else _select().where(_APPLICATIONS.c.review.in_(_WAITING))
    return [Application(**row._mapping) for row in await tx.execute(wanted.order_by(_APPLICATIONS.c.id))]  # noqa: SLF001


async def find(tx: Tx, application: UUID) -> Application:
    """One form. Raises Refusal where there is none."""
    row = (await tx.execute(_select().where(_APPLICATIONS.c.id == application))).one_or_none()
    if row is None:
        raise Refusal("not_found", f"there is no credit application {application}")
    return Application(**row._mapping)  # noqa: SLF001  # the documented way to a row as a mapping


def _select() -> Any:
    of = _APPLICATIONS.c
    fields = [of[name] for name in Application.__struct_fields__ if name != "name"]
    return select(_OUTLETS.c.name, *fields).select_from(_APPLICATIONS.join(_OUTLETS, _OUTLETS.c.id == of.outlet))


async def approve(
    tx: Tx, application: UUID, ground: Ground, *, by: UUID, limit: int | None = None, days: int | None = None
) -> frozenset[str]:
    """Approve a form, with other terms than were asked for where they are given; the scopes that changed.

    Raises Refusal for terms without a limit or days, for more days than a manager may give, and for a form that is
    decided.
    """
    await _manager(tx, by)
    found = await _undecided(tx, application)
    terms = _terms(found.limit if limit is None else limit, found.days if days is None else days)
    most = ground.policies.of(CREDIT_DAYS)
    if terms.days > most:
        raise Refusal("not_yours", f"credit runs at most {most} days; longer is the dealer's to give: extend")
    changed = await _grant(tx, found.outlet, terms, ground, by)
    return changed | await _decide(tx, found, Review.APPROVED, _said(terms), ground, by)


async def extend(tx: Tx, outlet: UUID, terms: CreditTerms, reason: str, ground: Ground, *, by: UUID) -> frozenset[str]:
    """Give an outlet whatever terms the dealer says, with a reason that stays in the journal; a form that waits is
    approved by it. The scopes that changed. Raises Refusal for anybody but the dealer, and without a reason.
    """
    if (await staff.lock_active(tx, by)).role is not Role.DEALER:
        raise Refusal("not_yours", "longer credit is the dealer's to give")
    if not reason.strip():
        raise Refusal("bad_value", "longer credit takes a reason")
    changed = await _grant(tx, outlet, _terms(terms.limit, terms.days), ground, by)
    scope = await _scope_of(tx, outlet)
    body = {"outlet": outlet.bytes, "limit": terms.limit, "days": terms.days, "reason": reason.strip(), "by": by}
    await note(tx, [Note(scope, "credit_extended", body)], ground.sources.now(), ground.sources.random)
    into = await survivors(tx)
    root = into.get(outlet, outlet)
    waiting = [one for one in await applications(tx) if into.get(one.outlet, one.outlet) == root]
    for one in waiting:
        changed |= await _decide(tx, one, Review.APPROVED, f"{_said(terms)} {reason.strip()}", ground, by)
    return changed


async def question(tx: Tx, application: UUID, text: str, ground: Ground, *, by: UUID) -> frozenset[str]:
    """Send a form back with a question; the scopes that changed. Raises Refusal."""
    return await _sent_back(tx, application, Review.QUESTIONED, text, ground, by)


async def refuse(tx: Tx, application: UUID, text: str, ground: Ground, *, by: UUID) -> frozenset[str]:
    """Refuse a form with a reason; the scopes that changed. Terms that stand stay as they are. Raises Refusal."""
    return await _sent_back(tx, application, Review.REFUSED, text, ground, by)


async def _sent_back(tx: Tx, application: UUID, to: Review, text: str, ground: Ground, by: UUID) -> frozenset[str]:
    await _manager(tx, by)
    if not text.strip():
        raise Refusal("bad_value", "say why, so that whoever asked can answer it")
    return await _decide(tx, await _undecided(tx, application), to, text.strip(), ground, by)


async def _manager(tx: Tx, by: UUID) -> None:
    if (await staff.lock_active(tx, by)).role.authority is not Authority.MANAGER:
        raise Refusal("not_yours", "credit is a manager's to decide")


async def _undecided(tx: Tx, application: UUID) -> Application:
    """A form that waits, its place locked: of two who decide, the second reads what the first wrote."""
    await lock_places(tx, [application])
    found = await find(tx, application)
    if found.review not in _WAITING:
        raise Refusal("bad_value", f"this application was {found.review} before")
    return found


def _terms(limit: int, days: int) -> CreditTerms:
    if limit <= 0 or not 0 < days <= 366:
        raise Refusal("bad_value", "credit takes a limit above 0 and 1 to 366 days")
    return CreditTerms(limit, days)


def _said(terms: CreditTerms) -> str:
    amount = f"{terms.limit / 100:.2f}"
    return f"额度 {amount} 元，账期 {terms.days} 天。Limit {amount}, {terms.days} days."


async def _grant(tx: Tx, outlet: UUID, terms: CreditTerms, ground: Ground, by: UUID) -> frozenset[str]:
    root = (await survivors(tx)).get(outlet, outlet)
    asked = [Asked("outlet", {"credit": terms}, root, Act.EDIT)]
    applied = await carry_out(tx, ground.sources, asked, by=by, authority=Authority.MANAGER)
    if applied.outcomes[0].code is OutcomeCode.REFUSED:
        raise Refusal(applied.outcomes[0].reason, applied.outcomes[0].detail)
    return applied.changed


async def _decide(tx: Tx, found: Application, to: Review, text: str, ground: Ground, by: UUID) -> frozenset[str]:
    fields = {"review": to, "review_note": text}
    asked = [Asked("credit_application", fields, found.id, Act.EDIT)]
    applied = await carry_out(tx, ground.sources, asked, by=by, authority=Authority.MANAGER)
    if applied.outcomes[0].code is OutcomeCode.REFUSED:
        raise Refusal(applied.outcomes[0].reason, applied.outcomes[0].detail)
    await settle_matter(tx, CREDIT_ASKED, found.id, f"{to}: {text}", ground.sources, by)
    if found.staff is None:
        return applied.changed
    heard = Found(found.staff, found.id, CREDIT_ASKED, to, found.outlet, note=text)
    return applied.changed | await tell(tx, ground.sources, [heard])


async def _scope_of(tx: Tx, outlet: UUID) -> str:
    no: int | None = (await tx.execute(select(_OUTLETS.c.scope).where(_OUTLETS.c.id == outlet))).scalar_one_or_none()
    if no is None:
        raise Refusal("not_found", f"there is no outlet {outlet}")
    return (await names(tx, [no]))[no]

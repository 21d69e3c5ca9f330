"""What is looked at when it arrives: forms that ask for credit, deliveries on credit out of the books, payments into
accounts that are not the company's.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.field.arrived import Arrived
from server.field.credit.review import CREDIT_ASKED
from server.field.ground import Ground
from server.field.incidents import Suspicion, report
from server.field.own_acts import Asked, carry_out
from server.master.inbox import Matter, bring_up
from server.master.money import terms_of
from server.master.standing import resolved
from server.master.store import Tx
from sync.business.accounts import WRITTEN_OFF, is_the_companys
from sync.operations import Act
from sync.policies.trade import COMPANY_ACCOUNTS
from sync.records import CreditApplication, Delivery, Payment, Review

__all__ = ["ask_for_review", "check_accounts", "check_terms"]

WITHOUT_TERMS, FOREIGN_ACCOUNT = "credit_without_terms", "foreign_account"
"""The kind of the matter for the manager, and of the incident."""


async def ask_for_review(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """A form that a rep handed in or mended waits for a manager; one that was decided and is changed waits again."""
    again = []
    for one in arrived:
        form = one.record
        if one.arrival.device is None or not isinstance(form, CreditApplication):
            continue
        if form.review is not Review.PENDING:
            again.append(Asked("credit_application", {"review": Review.PENDING}, form.id, Act.EDIT))
        en = f"Credit is asked for: {form.limit / 100:.2f} for {form.days} days. `saojie credit show {form.id}`."
        zh = f"申请账期：额度 {form.limit / 100:.2f} 元，{form.days} 天。saojie credit show {form.id}。"
        await bring_up(tx, Matter(CREDIT_ASKED, form.id, en, zh, one.arrival.staff), ground.sources)
    return (await carry_out(tx, ground.sources, again)).changed if again else frozenset()


async def check_terms(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """A delivery on credit that the books brought to an outlet without terms has happened: a manager is told."""
    booked = [one.record for one in arrived if isinstance(one.record, Delivery) and one.arrival.device is None]
    on_credit = [one for one in booked if one.on_credit]
    if not on_credit:
        return frozenset()
    roots = await resolved(tx, {one.outlet for one in on_credit})
    terms = await terms_of(tx, roots.values())
    for one in on_credit:
        root = roots[one.outlet]
        held = terms.get(root)
        if held is None or held.days == 0:
            en = (
                f"The books have a delivery on credit ({one.delivered_on}, {one.reference}) to an outlet without terms."
            )
            zh = f"账本中有一笔赊销送货（{one.delivered_on}，{one.reference}），该终端账期未获批准。"
            await bring_up(tx, Matter(WITHOUT_TERMS, root, en, zh), ground.sources)
    return frozenset()


async def check_accounts(tx: Tx, arrived: Sequence[Arrived], ground: Ground) -> frozenset[str]:
    """A payment into an account that is not the company's is an incident, whoever recorded it."""
    accounts = ground.policies.of(COMPANY_ACCOUNTS)
    found = []
    for one in arrived:
        paid = one.record
        if not isinstance(paid, Payment):
            continue
        written_off = paid.account == WRITTEN_OFF
        is_ours = one.arrival.device is None if written_off else is_the_companys(paid.account, accounts)
        if not is_ours:
            amount = f"{paid.amount / 100:.2f}"
            en = f"A payment of {amount} on {paid.paid_on} went into {paid.account}, which is none of the company's."
            zh = f"{paid.paid_on} 一笔 {amount} 元的收款进入“{paid.account}”，并非公司账户。"
            found.append(Suspicion(FOREIGN_ACCOUNT, paid.id, en, zh, paid.outlet, paid.staff))
    await report(tx, found, ground.sources)
    return frozenset()

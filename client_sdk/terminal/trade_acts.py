"""What the events of a history about trade are on a phone: claims, credit forms, answers to reviews, consents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from client_sdk.errors import NotFound, SaojieError
from client_sdk.replica import Replica

__all__ = ["TRADE_ACTS", "has_private"]

Event = Mapping[str, Any]
Named = Mapping[str, UUID]
"""What a history calls outlets, people, territories and what it has made."""


def _claim(replica: Replica, event: Event, named: Named) -> UUID:
    wanted = named[event["outlet"]]
    for one in replica.pool.teasers():
        if one.teaser.outlet == wanted:
            return replica.pool.claim(one.teaser, into=named[event["area"]]).id
    raise NotFound(f"{event['outlet']} is not in the pool")


def _credit(replica: Replica, event: Event, named: Named) -> UUID:
    asked = {name: event[name] for name in ("operations", "creditworthiness", "limit", "days")}
    return replica.credit.apply(named[event["outlet"]], **asked).id


def _credit_mend(replica: Replica, event: Event, named: Named) -> UUID:
    form = replica.credit.of(named[event["outlet"]])[0]
    return replica.credit.update(form.id, operations=event["operations"]).id


def _mend(replica: Replica, event: Event, named: Named) -> UUID:
    return replica.contacts.add(named[event["outlet"]], name=event["contact"], phone=event["phone"]).id


def _withdraw(replica: Replica, event: Event, named: Named) -> UUID:
    if event["contact"] not in named:
        raise NotFound(f"{event['contact']} was not made")
    return replica.contacts.withdraw_consent(named[event["contact"]]).id


def has_private(replica: Replica, contact: UUID) -> bool:
    """Whether a birthday or a family of a contact is on this phone."""
    try:
        held = replica.contacts.private(contact)
    except SaojieError:
        return False
    return held is not None and bool(held.birthday or held.family)


TRADE_ACTS: dict[str, Callable[[Replica, Event, Named], UUID]] = {
    "claim": _claim,
    "credit": _credit,
    "credit_mend": _credit_mend,
    "mend": _mend,
    "withdraw": _withdraw,
}

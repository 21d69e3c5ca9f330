"""The day that a phone names for a delivery or a payment: none that is still to come, and one where it is on credit."""

from __future__ import annotations

from typing import Any

import pytest

from sync.operations import Act
from sync.records import CreditTerms, OrderLine
from tests.server.field.credit.firm import Firm


@pytest.mark.parametrize(
    ("ahead", "on_credit", "reason"),
    [
        (0, True, ""),
        (1, True, ""),
        (2, True, "bad_value"),
        (2, False, "bad_value"),
        (None, True, "bad_value"),
        (None, False, ""),
    ],
)
async def test_a_phones_delivery_is_of_a_day_that_is_there(
    firm: Firm, ahead: int | None, on_credit: bool, reason: str
) -> None:
    """The phone's midnight may be past before the company's; what is on credit for ever is never due."""
    shop = await firm.outlet(credit=CreditTerms(1_000_000, 10))
    fields: dict[str, Any] = {"lines": (OrderLine("SKU-1", 1, 5),), "on_credit": on_credit}
    if ahead is not None:
        fields["delivered_on"] = firm.day(-ahead)
    record = firm.sources.new_id()
    outcome = await firm.phone(firm.wang, Act.CREATE, "delivery", record, outlet=shop, **fields)
    assert outcome.reason == reason


async def test_a_phones_payment_is_of_a_day_that_is_there(firm: Firm) -> None:
    """The books may say what they like of theirs: a row of a day to come is sent back before."""
    shop = await firm.outlet()
    for ahead, reason in ((1, ""), (2, "bad_value")):
        fields: dict[str, Any] = {"outlet": shop, "amount": 5, "account": "x", "paid_on": firm.day(-ahead)}
        outcome = await firm.phone(firm.wang, Act.CREATE, "payment", firm.sources.new_id(), **fields)
        assert outcome.reason == reason

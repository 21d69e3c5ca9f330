"""Accounts that payments go into: whether one is among the company's, however it is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

__all__ = ["WRITTEN_OFF", "is_the_companys", "plain_account"]

WRITTEN_OFF = "written_off"
"""The account of a payment by which the dealer writes overdue money off (核销): no money came."""


def plain_account(text: str) -> str:
    """An account's name or number without width, case, spaces and punctuation."""
    return "".join(one for one in unicodedata.normalize("NFKC", text).casefold() if one.isalnum())


def is_the_companys(account: str, accounts: Iterable[str]) -> bool:
    """Whether a payment into this account went to the company; where no accounts are set, each is taken for its own."""
    known = {plain_account(one) for one in accounts}
    return not known or plain_account(account) in known

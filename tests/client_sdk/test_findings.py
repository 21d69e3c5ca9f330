"""Findings in words: whatever the company tells a person of their work is said in both languages."""

from __future__ import annotations

import pytest

from client_sdk.findings import say_reason, say_state
from sync.policies.archive import DESCRIBABLE
from sync.records import Reason

STATES = (
    "verified doubtful counted not_counted proposed accepted approved questioned refused merged parted stopped open "
    "code_refused"
)
REASONS = "no_position far datum mock clock speed short role early own_outlet price not_kept taken"


@pytest.mark.parametrize("state", STATES.split())
def test_a_state_has_words(state: str) -> None:
    """And not its code."""
    assert say_state(state)[0] != state


@pytest.mark.parametrize("code", [*REASONS.split(), *sorted(DESCRIBABLE)])
def test_a_reason_has_words(code: str) -> None:
    """Also everything that a registration can lack."""
    assert code not in say_reason(Reason(code, 1, 2))

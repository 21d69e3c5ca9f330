"""What came of an operation has a name, a sentence in two languages, and an order of gravity."""

from __future__ import annotations

from itertools import permutations

import pytest

from sync.outcomes import OutcomeCode, worse


@pytest.mark.parametrize("code", OutcomeCode)
def test_every_outcome_has_its_sentences(code: OutcomeCode) -> None:
    """One in English, one in Chinese, told apart from all others."""
    assert code.en.endswith(".")
    assert code.zh.endswith("。")
    assert [other for other in OutcomeCode if other.en == code.en or other.zh == code.zh] == [code]


def test_the_outcomes_are_those_of_the_design() -> None:
    """These texts stand on the wire and are counted; they never change."""
    assert set(OutcomeCode) == {"applied", "merged", "superseded", "overrode", "proposed", "duplicate", "refused"}


def test_the_graver_outcome_names_the_operation() -> None:
    """In whatever order its fields are merged."""
    for order in permutations(OutcomeCode, 3):
        one, two, three = order
        assert worse(worse(one, two), three) == worse(one, worse(two, three)) == worse(worse(three, two), one)
    assert worse(OutcomeCode.APPLIED, OutcomeCode.SUPERSEDED) is OutcomeCode.SUPERSEDED
    assert worse(OutcomeCode.REFUSED, OutcomeCode.APPLIED) is OutcomeCode.REFUSED

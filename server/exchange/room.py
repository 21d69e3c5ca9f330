"""What fits into an answer: 256 KB on the wire with everything in it, so that a slow network takes it before long; more
for a phone that asks for large pages, as it does where the network is quick.

A page is bounded twice: open, so that neither side needs much memory for it, and as it travels. Never: drop an outcome.
What does not fit of an outcome's details is left out of the answer and kept in the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sync.codec import encode
from sync.outcomes import Outcome, OutcomeCode

__all__ = ["MOST_OPEN", "MOST_PAGE", "fitting", "travelling", "without_ids", "without_values"]

MOST_PAGE = 240 * 1024
"""Outcomes and the compressed page together. What is left of 256 KB is for lease, orders, names of scopes and sums."""
MOST_OPEN = 2400 * 1024
"""Outcomes and page together, open. Archives are compressed to between a third and an eighth."""
_MOST_OUTCOMES = 40 * 1024


def travelling(limit: int) -> int:
    """How many bytes outcomes and compressed page together may take for a phone that takes so many when they are open:
    two fifths, so that a page of usual archives need not be read twice.
    """
    return max(MOST_PAGE, min(limit, MOST_OPEN) * 2 // 5)


def fitting(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes, the first ones whole; from where that would be too much on, without details and lost values."""
    left = _MOST_OUTCOMES
    kept: list[Outcome] = []
    for one in outcomes:
        left -= len(encode(one))
        kept.append(one if left >= 0 else msgspec.structs.replace(one, detail="", lost=()))
    return tuple(kept)


def without_ids(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Outcomes without the ids of their operations, but for refused ones: a phone knows them by their numbers."""
    return tuple(
        one if one.code is OutcomeCode.REFUSED else msgspec.structs.replace(one, operation=None) for one in outcomes
    )


def without_values(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes without values of records, for a device that may have none any more."""
    return tuple(msgspec.structs.replace(one, lost=()) for one in outcomes)

"""How scopes share the room of a page: each gives the same part of what it has to give.

So what belongs together travels together. The private part of a contact names the contact and its outlet, and under one
compression with them it costs a tenth less; the phone has whole archives at every moment of a first sync.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from math import ceil

import msgspec

from server.master.feed import Looked

__all__ = ["Outstanding", "shared"]

_STEPS = 10_000


class Outstanding(msgspec.Struct, frozen=True):
    """What a scope has to give: the first of its entries, and how many there are about; `is_first` for one that is
    given before what is shared, as far as there is room.
    """

    looked: Looked
    entries: int
    is_first: bool = False


def shared(scopes: Mapping[str, Outstanding], room: int) -> dict[str, int]:
    """How many bytes of `room` each scope may fill, but for those that come first."""
    sums = {name: list(accumulate(one.looked.costs, initial=0)) for name, one in scopes.items()}
    left = room - sum(sums[name][-1] for name, one in scopes.items() if one.is_first)

    def filled(step: int) -> dict[str, int]:
        return {name: sums[name][_number(one, step)] for name, one in scopes.items() if not one.is_first}

    step = bisect_right(range(_STEPS + 1), left, key=lambda step: sum(filled(step).values())) - 1
    return filled(max(0, step))


def _number(one: Outstanding, step: int) -> int:
    """How many entries a part of all comes to."""
    return min(len(one.looked.costs), ceil(one.entries * step / _STEPS))

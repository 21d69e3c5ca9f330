"""What a rule is given to look at, and what a rule is; the rules themselves are listed in `arrivals`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from server.field.ground import Ground
from server.master.arrivals import Arrival
from server.master.store import Tx
from sync.records import Record

__all__ = ["Arrived", "Rule"]


class Arrived(msgspec.Struct, frozen=True):
    """An arrival with its record as it stands now."""

    arrival: Arrival
    record: Record


class Rule(msgspec.Struct, frozen=True):
    """One rule: it looks at arrivals of `collections`, and says which scopes it changed."""

    name: str
    collections: frozenset[str]
    look: Callable[[Tx, Sequence[Arrived], Ground], Awaitable[frozenset[str]]]

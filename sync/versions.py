"""Protocol versions: what each can do is asked by name, never by comparing numbers elsewhere."""

from __future__ import annotations

import msgspec

from sync.errors import Refusal

__all__ = ["BACK", "CURRENT", "OLDEST", "SCHEMA", "Protocol"]

CURRENT = 1
"""2026-11: the first protocol."""
BACK = 2
"""Both sides speak so many protocols before the current one: a phone is updated when its owner feels like it."""
OLDEST = max(1, CURRENT - BACK)
SCHEMA = 4
"""1, 2026-11: the first set of records. 2, 2026-11: openings. 4, 2026-11: refused work that is mended.

Rises by one when a field or a collection is appended.
"""


class Protocol(msgspec.Struct, frozen=True):
    """One version of the protocol."""

    number: int

    def is_spoken(self) -> bool:
        """Whether this side can serve it at all."""
        return OLDEST <= self.number <= CURRENT

    def check(self) -> None:
        """Raise Refusal where it is not spoken: the code says which side has to be updated."""
        if not self.is_spoken():
            code = "protocol_too_old" if self.number < OLDEST else "protocol_too_new"
            raise Refusal(code, f"protocol {self.number}; spoken here: {OLDEST} to {CURRENT}")

"""What becomes of refused work: the states of a dead letter, and who brings it into which.

A manager replays or closes it; its own person mends it (a new operation takes its place) or drops it. Whichever comes
first stands.
"""

from __future__ import annotations

from sync.changes import Changes
from sync.errors import Refusal

__all__ = ["CLOSED", "DROPPED", "MENDED", "OPEN", "REPLAYED", "STATES", "check_settling"]

OPEN, REPLAYED, CLOSED, MENDED, DROPPED = STATES = ("open", "replayed", "closed", "mended", "dropped")


def check_settling(changes: Changes) -> None:
    """Refuse whatever a person may not make of their own refused work. Raises Refusal."""
    state, mended = changes.get("state"), changes.get("mended")
    if state not in {MENDED, DROPPED}:
        raise Refusal("bad_value", f"state: own refused work is {MENDED} or {DROPPED}")
    if (mended is None) is (state == MENDED):
        raise Refusal("bad_value", "mended: names the operation that takes the place of refused work, and only then")

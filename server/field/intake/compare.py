"""Which fields of an outlet a list would change.

An empty cell changes nothing: a list that does not say a thing takes nothing away.
"""

from __future__ import annotations

from server.field.intake.drafts import Facts, Phone
from sync.positions import Position, distance_m

__all__ = ["changed_fields"]

_SAME_PLACE = 1.0
"""Metres within which two positions are one; GCJ-02 and back moves less than a millimetre."""
_IDENTITY = frozenset({"ref", "class_written"})
_NOT_IN_A_RECORD = frozenset({"territory", "owner"})


def changed_fields(now: Facts, before: Facts, said: Facts | None = None) -> tuple[str, ...]:
    """The fields in which a list's row `now` differs from the outlet as it stands, `before`.

    With `said`, what the same row said at its last import, only what the list itself changed since then counts, so a
    list that is imported again takes back nothing that a rep mended in the meantime. Without it, territory and owner
    are not compared: an outlet's record does not hold them.
    """
    left_out = _IDENTITY if said else _IDENTITY | _NOT_IN_A_RECORD
    names = (name for name in Facts.__struct_fields__ if name not in left_out)
    return tuple(name for name in names if _differs(name, now, before) and (said is None or _differs(name, now, said)))


def _differs(name: str, now: Facts, then: Facts) -> bool:
    mine, theirs = getattr(now, name), getattr(then, name)
    if mine is None or mine in ((), theirs):
        return False
    if isinstance(mine, Position) and isinstance(theirs, Position):
        return distance_m(mine, theirs) > _SAME_PLACE
    if isinstance(mine, tuple):
        return {_key(phone) for phone in mine} != {_key(phone) for phone in theirs}
    return True


def _key(phone: Phone) -> str:
    return phone.e164 or phone.written

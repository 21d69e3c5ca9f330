"""Whether two outlets are one, as the server asks: the rules that phones have too (`sync.business.likeness`), names
compared by rapidfuzz.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

from server.field.names import pinyin_of
from sync.business import likeness
from sync.business.likeness import NEAR, WHY, Alike, Portrait, Why, reach
from sync.positions import Position

__all__ = ["NEAR", "WHY", "Alike", "Portrait", "Why", "alike", "portrait", "reach", "unlike"]


def portrait(name: str, phones: Iterable[str] = (), position: Position | None = None) -> Portrait:
    """The portrait of an outlet; `phones` in E.164, the position in any datum."""
    return likeness.portrait(name, pinyin_of, phones, position)


def alike(a: Portrait, b: Portrait) -> Alike | None:
    """How `a` and `b` are alike, or None where nobody need ask."""
    return likeness.alike(a, b, fuzz.ratio)


def unlike(a: Portrait, b: Portrait) -> bool:
    """Whether two that claim to be one surely are not."""
    return likeness.unlike(a, b, fuzz.ratio)

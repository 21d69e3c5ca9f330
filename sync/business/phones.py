"""Phones as a phone compares them, without a table of the world's numbers: the digits after the country's code."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["numbers_in"]

_NUMBER = re.compile(r"[+(]*\d[\d\s().\-–—]*\d")
_NOT_A_DIGIT = re.compile(r"\D")
_COUNTRY = re.compile(r"^(?:0086|86)(?=\d{9,12}$)|^0+")
_FEWEST = 7


def numbers_in(text: str) -> frozenset[str]:
    """The numbers that a text holds, each as its digits without 0, +86 or 0086 before it; no shorter than 7 digits.

    Good for saying that two are the same, not for calling them.
    """
    written = _NUMBER.findall(unicodedata.normalize("NFKC", text))
    bare = (_COUNTRY.sub("", _NOT_A_DIGIT.sub("", one)) for one in written)
    return frozenset(one for one in bare if len(one) >= _FEWEST)

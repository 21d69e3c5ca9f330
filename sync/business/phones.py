"""Phones as a phone compares them, without a table of the world's numbers: the digits after the country's code."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["numbers_in"]

_NUMBER = re.compile(r"[+(]*\d[\d\s().\-–—]*\d")
_TRUNK = re.compile(r"\(0\)")
_EXTENSION = re.compile(r"(?<=\d{7})-\d{1,5}$")
_NOT_A_DIGIT = re.compile(r"\D")
_COUNTRY = re.compile(r"^(?:(?:00)?86(?=0?\d{9,11}$))?0*")
_FEWEST, _MOST = 7, 13


def numbers_in(text: str) -> frozenset[str]:
    """The numbers that a text holds, each as its digits without 0, +86 or 0086 before it; no shorter than 7 digits.

    Good for saying that two are the same, not for calling them.
    """
    written = _NUMBER.findall(_TRUNK.sub(" ", unicodedata.normalize("NFKC", text)))
    return frozenset(bare for one in written for bare in _bare(one) if len(bare) >= _FEWEST)


def _bare(written: str) -> list[str]:
    """The digits of a number; of each part by itself where spaces stand between several."""
    digits = _COUNTRY.sub("", _NOT_A_DIGIT.sub("", _EXTENSION.sub("", written)))
    parts = written.split()
    return [each for part in parts for each in _bare(part)] if len(digits) > _MOST and len(parts) > 1 else [digits]

"""What an outlet is found by when somebody types a part of it: one text for each, derived when its row is written."""

from __future__ import annotations

import re

from server.pinyin import initials_of, pinyin_of
from sync.business.names import tidy

__all__ = ["MOST", "words_of"]

MOST = 500
"""Characters; with this many the index that holds the text fits on a page of either database."""
_NO_DIGITS = re.compile(r"[^0-9]+")


def words_of(name: str, code: str, phone: str, address: str) -> str:
    """The sound of the name, so that outlets stand in the order of their sound; its initials, the name, the code, the
    digits of the phone, the address. In small letters and one width.
    """
    plain = tidy(name).casefold()
    sound = pinyin_of(plain).replace(" ", "")
    parts = (sound, initials_of(plain), plain, tidy(code).casefold(), _NO_DIGITS.sub("", tidy(phone)))
    return " ".join([*parts, tidy(address).casefold()])[:MOST]

"""Streets in addresses, as people write them in China and elsewhere.

For: sorting outlets by street, and saying on which street nobody has been. Never: finding a place.
"""

from __future__ import annotations

import re

__all__ = ["street_of"]

_DISTRICT = re.compile(
    r"^(?:(?:[^\d路街巷弄道]|路(?=[南北桥]区)|道(?=[里外]区|口镇)){1,10}?"
    r"(?:省|自治区|自治州|市(?!场)|(?<![小社])区|县|旗|镇|乡|街道))+"
)
"""What stands before the street: 市, 区, 镇, 街道 … Some of their names hold the sign of a street (道里区, 路北区)."""
_STREET = re.compile(r"^.+?(?:路|街|巷|道|弄|胡同)")
_BEFORE_NUMBER = re.compile(r"^([^\d,，]+?)\s*\d")
_AFTER_NUMBER = re.compile(r"^\d+[A-Za-z]?(?:[-/]\d+)?[,\s]+([^\d,，]+)")


def street_of(address: str) -> str | None:
    """The street of an address: in Chinese up to its sign and without its district, elsewhere what stands before the
    number or after it; None for none.
    """
    text = address.strip()
    bare = _DISTRICT.sub("", text)
    if found := _STREET.match(bare) or _STREET.match(text):
        return found[0].strip()
    found = _BEFORE_NUMBER.match(bare) or _AFTER_NUMBER.match(text)
    return found[1].strip() if found else None

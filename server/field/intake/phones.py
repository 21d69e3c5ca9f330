"""Phones as people write them: kept as written, and read into E.164 where they can be.

For: cells with one or several numbers, in any of the usual spellings. Never: invent digits; a number that a
spreadsheet program rounded is lost, and that is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache

import phonenumbers

from server.field.intake.drafts import Phone
from server.field.intake.reasons import Reason
from server.field.intake.words import is_nothing
from server.field.names import tidy

__all__ = ["likely_region", "phone_text", "read_phones"]

_BETWEEN = re.compile(r"[;,/、|\n]|\bor\b|或")
_NUMBER = re.compile(r"[+(]*\d[\d\s().\-–—]*(?:(?:转|ext\.?|x)\s*\d{1,5})?")
_FLOAT = re.compile(r"\d+\.0+")
_POWER = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_EXTENSION = re.compile(r"转|(?<=\d{7})-(?=\d{1,5}$)")
# Every mobile number of the mainland. New ranges open faster than any table of them is renewed.
_CN_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_SEPARATORS = re.compile(r"[\s().\-–—]")
_LONGEST = 200
_ENOUGH_TO_JUDGE = 5
_FEWEST_DIGITS = 5
_MOSTLY = 0.8


def read_phones(cell: str, region: str, field: str = "phone") -> tuple[tuple[Phone, ...], tuple[Reason, ...]]:
    """The numbers in a cell, each once, and what is wrong with them. `region` (ISO) is for those without a +."""
    phones: dict[str, Phone] = {}
    reasons: list[Reason] = []
    for written in _numbers(tidy(cell), region):
        phone, code = _read(written, region)
        if code:
            reasons.append(Reason(code, field, written))
        if phone:
            phones.setdefault(phone.e164 or phone.written, phone)
    return tuple(phones.values()), tuple(reasons)


def phone_text(phones: Iterable[Phone]) -> str:
    """The phones as one field of a record: E.164, or as written where that is all there is; at most 200 characters."""
    text = ""
    for one in phones:
        longer = f"{text}; {one.e164 or one.written}" if text else one.e164 or one.written
        if len(longer) <= _LONGEST:
            text = longer
    return text


def likely_region(cells: Iterable[str]) -> str | None:
    """The country (ISO) that the numbers with a + agree on, for those without; None where they do not."""
    found = Counter(region for cell in cells if "+" in cell for region in _regions(cell))
    if not found:
        return None
    region, often = found.most_common(1)[0]
    return region if often >= _ENOUGH_TO_JUDGE and often >= _MOSTLY * found.total() else None


def _regions(cell: str) -> Iterator[str]:
    for written in _numbers(tidy(cell), "ZZ"):
        if written.startswith("+"):
            number = _parsed(written, None)
            region = phonenumbers.region_code_for_number(number) if number else None
            if region:
                yield region


def _numbers(text: str, region: str) -> Iterator[str]:
    """Each number as written; a part without one as it stands, so that it can be told of."""
    parts = [text] if is_nothing(text) or _is_address(text) else map(str.strip, _BETWEEN.split(text))
    for part in parts:
        if is_nothing(part) or part == "0":
            continue
        found = [part] if _is_float(part) or _is_address(part) else _inside(part)
        dialled = [one for one in found if sum(map(str.isdigit, one)) >= _FEWEST_DIGITS]
        for one in dialled or [part]:
            yield from _apart(one, region)


def _inside(part: str) -> list[str]:
    return [one.group().strip(" (-.") for one in _NUMBER.finditer(part)]


def _apart(written: str, region: str) -> list[str]:
    """Two numbers with only a space between them, where that is what they are."""
    words = written.split()
    alone = len(words) > 1 and all(len(word) > _FEWEST_DIGITS and _e164(word, region) for word in words)
    return words if alone and not _e164(written, region) else [written]


def _is_address(text: str) -> bool:
    """Whether it is a web address; the digits in one are nobody's number."""
    return "://" in text or text.casefold().startswith("www.")


def _is_float(part: str) -> bool:
    return bool(_FLOAT.fullmatch(part) or _POWER.fullmatch(part))


def _read(written: str, region: str) -> tuple[Phone | None, str]:
    """A number and the code of what is wrong with it (empty if nothing is)."""
    whole = _unfloated(written)
    if whole is None:
        return Phone(written), "phone_rounded"
    if _is_address(whole) or sum(map(str.isdigit, whole)) < _FEWEST_DIGITS:
        return None, "phone_not_one"
    e164 = _e164(whole, region)
    return Phone(written, e164), "" if e164 else "phone_unreadable"


def _unfloated(written: str) -> str | None:
    """The digits behind 13800000000.0 and 1.3812345678E+10; None where the spreadsheet kept too few of them."""
    if _FLOAT.fullmatch(written):
        return written.partition(".")[0]
    power = _POWER.fullmatch(written)
    if not power:
        return written
    kept = len(power[2] or "")
    return str(int(Decimal(written))) if kept >= int(power[3]) else None


@lru_cache(maxsize=65_536)
def _e164(written: str, region: str) -> str | None:
    mobile = _CN_MOBILE.fullmatch(_SEPARATORS.sub("", written)) if region == "CN" or "86" in written[:4] else None
    if mobile:
        return "+86" + mobile[1]
    number = _parsed(_EXTENSION.sub(" ext ", written), region)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parsed(written: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None

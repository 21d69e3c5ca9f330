"""What somebody entered as the value that a record takes, and what is wrong with it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from client_sdk.forms.fields import FormField, Input, Trouble

__all__ = ["is_empty", "read", "trouble", "troubles_of"]

_BETWEEN = re.compile(r"[,，、;；\n]+")
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("必填。", "This is needed."),
    "too_long": ("至多 {longest} 个字。", "At most {longest} characters."),
    "not_a_number": ("请填写数字。", "A number is needed."),
    "too_small": ("不得小于 {least}。", "At least {least}."),
    "too_large": ("不得大于 {most}。", "At most {most}."),
    "too_many": ("至多 {most} 项。", "At most {most} of these."),
    "not_a_choice": ("请从列表中选择。", "Choose one of the list."),
    "too_late": ("日期不得晚于 {latest}。", "No later than {latest}."),
    "unfit": ("填写的内容不符合要求。", "This does not fit here."),
}
_MINOR = 100
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_AMOUNT = re.compile(r"(?P<sign>-?)(?P<major>[0-9]{1,16})(?:\.(?P<minor>[0-9]{0,2}))?")


def trouble(code: str, field: FormField, *, stops: bool = True) -> Trouble:
    """What is wrong, in words."""
    zh, en = _WORDS[code]
    held = {name: getattr(field, name) for name in ("longest", "least", "most", "latest")}
    return Trouble(code, zh.format(**held), en.format(**held), stops)


def is_empty(given: Any) -> bool:
    """Whether nothing was entered: no text but blanks, nothing chosen, a group without a value."""
    if isinstance(given, str):
        return not given.strip()
    if isinstance(given, Mapping):
        return all(is_empty(one) for one in given.values())
    return given is None or (isinstance(given, list | tuple) and not given)


def read(field: FormField, given: Any) -> Any:
    """The value that a record takes. Raises ValueError with the code of what is wrong."""
    reader = _READERS.get(field.input)
    return given if reader is None else reader(field, given)


def troubles_of(field: FormField, given: Any) -> dict[str, Trouble]:
    """What is wrong with a value, by where: empty for the field itself, else `.part` or `.0.part`."""
    if is_empty(given):
        return {}
    if field.input is Input.GROUP and isinstance(given, Mapping):
        return _inside(field, given, "")
    if field.input is Input.LINES and isinstance(given, list | tuple):
        if field.most is not None and len(given) > field.most:
            return {"": trouble("too_many", field)}
        each = [(place, one) for place, one in enumerate(given) if isinstance(one, Mapping) and not is_empty(one)]
        return {at: one for place, line in each for at, one in _inside(field, line, f".{place}").items()}
    try:
        code = _wrong(field, read(field, given))
    except ValueError as error:
        code = str(error)
    return {"": trouble(code, field)} if code else {}


def _inside(field: FormField, given: Mapping[str, Any], at: str) -> dict[str, Trouble]:
    known = {one.name: one for one in field.parts}
    found = {f"{at}.{name}": trouble("unfit", field) for name in given if name not in known}
    for name, one in known.items():
        if is_empty(given.get(name)):
            found |= {f"{at}.{name}": trouble("missing", one)} if one.stops else {}
        else:
            found |= {f"{at}.{name}{where}": each for where, each in troubles_of(one, given[name]).items()}
    return found


def _wrong(field: FormField, value: Any) -> str:
    if isinstance(value, str):
        return _wrong_text(field, value)
    if isinstance(value, int) and not isinstance(value, bool):
        if field.least is not None and value < field.least:
            return "too_small"
        return "too_large" if field.most is not None and value > field.most else ""
    if isinstance(value, tuple):
        if field.most is not None and len(value) > field.most:
            return "too_many"
        return next(filter(None, (_wrong_text(field, one) for one in value if isinstance(one, str))), "")
    return ""


def _wrong_text(field: FormField, value: str) -> str:
    if field.longest is not None and len(value) > field.longest:
        return "too_long"
    if field.latest and value > field.latest:
        return "too_late"
    is_among = field.is_open or not field.choices or value in {one.value for one in field.choices}
    return "" if is_among or value == field.value else "not_a_choice"


def _line(_: FormField, given: Any) -> Any:
    return given.strip() if isinstance(given, str) else given


def _number(field: FormField, given: Any) -> Any:
    if not isinstance(given, str):
        return given
    plain = unicodedata.normalize("NFKC", given).replace(",", "").strip().removeprefix("¥").strip()
    if not plain:
        return None
    found = (_AMOUNT if field.input is Input.MONEY else _WHOLE).fullmatch(plain)
    if found is None:
        raise ValueError("not_a_number")
    if field.input is not Input.MONEY:
        return int(plain)
    minor = int(found["major"]) * _MINOR + int((found["minor"] or "").ljust(2, "0"))
    return -minor if found["sign"] else minor


def _words(_: FormField, given: Any) -> Any:
    if isinstance(given, str):
        return tuple(word for each in _BETWEEN.split(given) if (word := each.strip()))
    return tuple(given) if isinstance(given, Iterable) else given


def _named(_: FormField, given: Any) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return UUID(given) if given.strip() else None
    except ValueError:
        raise ValueError("unfit") from None


def _day(_: FormField, given: Any) -> Any:
    return None if is_empty(given) else given


def _group(field: FormField, given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    known = {one.name: one for one in field.parts}
    if unknown := given.keys() - known.keys():
        raise ValueError("unfit") from KeyError(min(unknown))
    values = {name: read(known[name], one) for name, one in given.items() if not is_empty(one)}
    if field.part is None:
        return values
    return field.part(**values) if values else None


def _lines(field: FormField, given: Any) -> Any:
    if not isinstance(given, Iterable) or isinstance(given, str | Mapping):
        return given
    lines = [one for one in given if not is_empty(one)]
    if field.part is None or "key" not in field.part.__struct_fields__:
        return tuple(_group(field, one) for one in lines)
    taken = {getattr(one, "key", "") for one in lines if isinstance(one, msgspec.Struct)}
    free = (str(number) for number in range(1, len(lines) + len(taken) + 2) if str(number) not in taken)
    return tuple(_keyed(field, one, next(free)) if isinstance(one, Mapping) else one for one in lines)


def _keyed(field: FormField, given: Mapping[str, Any], key: str) -> Any:
    assert field.part is not None  # noqa: S101  # only these have keys
    known = {one.name: one for one in field.parts}
    values = {name: read(known[name], one) for name, one in given.items() if not is_empty(one)}
    return field.part(**{"key": key} | values)


_READERS: dict[Input, Callable[[FormField, Any], Any]] = {
    Input.TEXT: _line,
    Input.PHONE: _line,
    Input.NUMBER: _number,
    Input.MONEY: _number,
    Input.DAY: _day,
    Input.CHOICES: _words,
    Input.WORDS: _words,
    Input.RECORD: _named,
    Input.RECORDS: _words,
    Input.GROUP: _group,
    Input.LINES: _lines,
}

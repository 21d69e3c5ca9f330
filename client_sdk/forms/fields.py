"""One field of a form: what it is called, how it is entered, what it may be. Values and nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

__all__ = ["Choice", "FormField", "Input", "Trouble"]


class Input(StrEnum):
    """How a field is entered, and what its value is."""

    TEXT = "text"
    """One line: str."""
    LONG_TEXT = "long_text"
    """Some lines: str."""
    PHONE = "phone"
    """A telephone number, or any other means to reach somebody: str."""
    NUMBER = "number"
    """A whole number: int, or the text that somebody typed."""
    MONEY = "money"
    """An amount: int in minor units, or the text that somebody typed in major ones (`68.50`)."""
    YES_NO = "yes_no"
    """bool."""
    DAY = "day"
    """A day of the calendar: str, YYYY-MM-DD."""
    CHOICE = "choice"
    """One of `choices`: its value, a str."""
    CHOICES = "choices"
    """Several of `choices`: their values."""
    WORDS = "words"
    """Words that somebody types: several str, or one with commas between."""
    POSITION = "position"
    """Where something is: a `Position`."""
    RECORD = "record"
    """Another record, of the collection `of`: its UUID."""
    RECORDS = "records"
    """Several of these."""
    PHOTO = "photo"
    """A picture: its bytes."""
    GROUP = "group"
    """Some values that belong together: a dict by the names of `parts`, or what they are made into."""
    LINES = "lines"
    """Any number of such groups, one below the other."""


class Choice(msgspec.Struct, frozen=True):
    """A value that may be chosen. `colour` (#rrggbb) is a class's; `proposed` where a manager decides on it."""

    value: str
    zh: str
    en: str
    colour: str = ""
    proposed: bool = False


class FormField(msgspec.Struct, frozen=True, kw_only=True):
    """One field. `name` is the keyword of the call that stores the record.

    `required` is what the company asks of the class, or what nothing is stored without (`stops`); `proposed` waits for
    a manager. Where `is_open`, other values than the `choices` may be given. `longest` counts characters; `least`
    and `most` bound a number, `latest` a day. `apart` is stored by a call of its own, `value` is what stands there now.
    """

    name: str
    zh: str
    en: str
    input: Input
    required: bool = False
    stops: bool = False
    proposed: bool = False
    choices: tuple[Choice, ...] = ()
    is_open: bool = False
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    latest: str = ""
    of: str = ""
    parts: tuple[FormField, ...] = ()
    part: type[msgspec.Struct] | None = None
    hint_zh: str = ""
    hint_en: str = ""
    apart: bool = False
    value: Any = None

    def text(self, value: Any = None) -> str:
        """A value as an input for text shows it (the one that stands there where none is given): `68.50` for an amount,
        words with commas between. `Form.check` and `Form.given` take it back.
        """
        shown = self.value if value is None else value
        if self.input is Input.MONEY and isinstance(shown, int):
            return f"{'-' if shown < 0 else ''}{abs(shown) // 100}.{abs(shown) % 100:02}"
        if isinstance(shown, list | tuple):
            return ", ".join(map(str, shown))
        return "" if shown is None else str(shown)


class Trouble(msgspec.Struct, frozen=True):
    """What is wrong with a value, to stand beside its field: a stable code and a sentence in both languages.

    `stops` is False for what the company requires and the archive takes all the same: the review asks for it.
    """

    code: str
    zh: str
    en: str
    stops: bool = True

"""A setting of a rule of the company: its key, its default, what it may be, and how it is read from a policy's text.

The dealer sets one with `saojie policy set`; it reaches phones as a record of the collection `policy`, so that phone
and server decide by the same number. A text that does not fit is as good as none: the default holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Generic, TypeVar

import msgspec

__all__ = [
    "Policies",
    "Setting",
    "Takes",
    "Unfit",
    "by_grade",
    "choice",
    "days",
    "money",
    "switch",
    "whole",
    "word",
    "words",
]

T = TypeVar("T")


class Unfit(ValueError):
    """Raised for a text that a setting cannot take; both languages say what it takes."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


class Takes(msgspec.Struct, frozen=True):
    """What a setting takes, said in both languages; the bounds of a whole number, or the words that it may be. With
    `many` it is a list between commas.
    """

    zh: str
    en: str
    least: int | None = None
    most: int | None = None
    among: tuple[str, ...] = ()
    many: bool = False


class Setting(msgspec.Struct, Generic[T], frozen=True):
    """One setting. `default` is written as `read` reads it; `zh` and `en` say what it means, with its unit.

    Where `per` is set, a key may be followed by `_` and what `per` names (`class`, `class_grade`, `purpose`), and holds
    for that alone.
    """

    key: str
    default: str
    read: Callable[[str], T]
    zh: str
    en: str
    takes: Takes
    per: str = ""


class Policies:
    """The company's settings as they stand: `texts` of its policies by key, over the defaults."""

    def __init__(self, texts: Mapping[str, str] | None = None) -> None:
        self.texts = dict(texts or {})

    def of(self, setting: Setting[T], *names: str) -> T:
        """The value of a setting; with `names` (a class, a grade), the one that names most of them in this order."""
        for count in range(len(names), -1, -1):
            text = self.texts.get("_".join((setting.key, *names[:count])))
            if text is not None:
                try:
                    return setting.read(text.strip())
                except Unfit:
                    continue
        return setting.read(setting.default)

    def is_set(self, setting: Setting[T]) -> bool:
        """Whether the company has set it, rather than left it at its default."""
        return setting.key in self.texts


def whole(
    key: str, default: int, zh: str, en: str, *, least: int = 0, most: int = 1_000_000, per: str = ""
) -> Setting[int]:
    """A setting that is a whole number."""
    takes = Takes(f"须为 {least} 至 {most} 的整数", f"a whole number from {least} to {most}", least, most)

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise Unfit(takes.zh, takes.en)
        return int(text)

    return Setting(key, str(default), read, zh, en, takes, per)


def money(key: str, default: int, zh: str, en: str, *, per: str = "") -> Setting[int]:
    """A setting that is an amount in minor units (分)."""
    return whole(key, default, zh, en, most=1 << 53, per=per)


def switch(key: str, *, default: bool, zh: str, en: str) -> Setting[bool]:
    """A setting that is on or off."""
    takes = Takes("须为 on 或 off", "on or off", among=("on", "off"))

    def read(text: str) -> bool:
        if text not in takes.among:
            raise Unfit(takes.zh, takes.en)
        return text == "on"

    return Setting(key, "on" if default else "off", read, zh, en, takes)


def word(key: str, default: str, zh: str, en: str, *, most: int = 12) -> Setting[str]:
    """A setting that is one word that a number may follow: it ends in no digit. Empty for none."""
    takes = Takes(f"至多 {most} 个字符，不以数字结尾", f"at most {most} characters, the last of them no digit")

    def read(text: str) -> str:
        if len(text) > most or not text.isprintable() or any(each.isspace() for each in text) or text[-1:].isdigit():
            raise Unfit(takes.zh, takes.en)
        return text

    return Setting(key, default, read, zh, en, takes)


def words(
    key: str, default: str, zh: str, en: str, *, among: frozenset[str] | None = None, per: str = ""
) -> Setting[tuple[str, ...]]:
    """A setting that is a list of words between commas; empty for none. `among` bounds what they may be."""

    def read(text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
        if among is not None and (wrong := sorted(set(found) - among)):
            allowed = ", ".join(sorted(among))
            raise Unfit(f"没有 {wrong[0]}，可用：{allowed}", f"there is no {wrong[0]}; there are {allowed}")
        return found

    allowed = tuple(sorted(among or ()))
    takes = Takes("用逗号分开的词", "words between commas", among=allowed, many=True)
    return Setting(key, default, read, zh, en, takes, per)


def days(key: str, zh: str, en: str) -> Setting[tuple[str, ...]]:
    """A setting that is a list of calendar days (YYYY-MM-DD) between commas, in order; empty for none."""

    def read(text: str) -> tuple[str, ...]:
        found = sorted({one.strip() for one in text.split(",") if one.strip()})
        for one in found:
            try:
                is_day = str(date.fromisoformat(one)) == one
            except ValueError:
                is_day = False
            if not is_day:
                raise Unfit(f"须为 2026-10-01 这样的日期，不是 {one}", f"days such as 2026-10-01, not {one}")
        return tuple(found)

    takes = Takes("用逗号分开的日期，如 2026-10-01", "days such as 2026-10-01 between commas", many=True)
    return Setting(key, "", read, zh, en, takes)


def choice(key: str, default: str, zh: str, en: str, *, among: tuple[str, ...]) -> Setting[str]:
    """A setting that is one of some words."""
    takes = Takes(f"可用：{'、'.join(among)}", f"one of {', '.join(among)}", among=among)

    def read(text: str) -> str:
        if text not in among:
            raise Unfit(takes.zh, takes.en)
        return text

    return Setting(key, default, read, zh, en, takes)


def by_grade(key: str, days: tuple[int, int, int], zh: str, en: str) -> dict[str, Setting[int]]:
    """Three settings in days, one for each grade of outlets: `key_A`, `key_B`, `key_C`."""
    return {
        grade: whole(f"{key}_{grade}", value, f"{zh}（{grade} 级）", f"{en}, grade {grade}", least=1, most=366)
        for grade, value in zip("ABC", days, strict=True)
    }

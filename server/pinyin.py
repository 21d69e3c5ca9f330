"""The sound of a Chinese text, by each character's first reading. Good for matching and sorting, wrong for display
(重庆 reads "zhongqing"). Plain values; knows of no room.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["initials_of", "pinyin_of"]


def pinyin_of(plain: str) -> str:
    """The sound of a plain name, character by character, so that 张记 and 章记 are one."""
    return "".join(map(_sound, plain))


def initials_of(plain: str) -> str:
    """The first letter of each character's sound: zj for 张记."""
    return "".join(_sound(char)[:1] for char in plain)


@lru_cache(maxsize=32_768)
def _sound(char: str) -> str:
    if char.isascii():
        return char
    from pypinyin import Style, pinyin  # noqa: PLC0415 -- takes a quarter of a second, and many commands need none

    return str(pinyin(char, style=Style.NORMAL, errors="default")[0][0])

"""Names of outlets as the server compares them: the rules that phones have too, and the sound by pypinyin."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, pinyin

from sync.business.names import core_name, plain_name, tidy

__all__ = ["core_name", "pinyin_of", "plain_name", "tidy"]


def pinyin_of(plain: str) -> str:
    """The sound of a plain name, character by character, so that 张记 and 章记 are one. Not for display."""
    return "".join(_sound(char) for char in plain)


@lru_cache(maxsize=32_768)
def _sound(char: str) -> str:
    return char if char.isascii() else pinyin(char, style=Style.NORMAL, errors="default")[0][0]

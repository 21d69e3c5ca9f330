"""Names of outlets, made comparable: width, brackets, legal suffix, trade words.

For: finding the same shop under two spellings. Never: for display; what people read keeps its own spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["core_name", "plain_name", "tidy"]

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"(?<=\w)['’&](?=\w)")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Longest first: the first ending that fits is cut.
_LEGAL_ZH = _listed(
    "股份有限公司 有限责任公司 个人独资企业 普通合伙企业 个体工商户 有限公司 合伙企业 独资企业 个体户 总公司 个体"
)
_TRADE_ZH = _listed(
    "名烟名酒店 烟酒专卖店 名烟名酒 烟酒商行 烟酒超市 副食品店 便利超市 生活超市 平价超市 烟酒店 烟酒行 副食店 "
    "食杂店 便利店 小卖部 大酒店 大排档 咖啡馆 咖啡店 经营部 门市部 批发部 烟酒 副食 食杂 便利 超市 酒店 宾馆 饭店 "
    "餐厅 餐馆 酒楼 排档 酒吧 咖啡 商行 商店 商贸 总店 店"
)
_LEGAL_LATIN = frozenset(_listed("ab co company corp corporation gmbh inc ky limited llc ltd oy oyj plc pty sa tmi"))
_TRADE_LATIN = frozenset(
    _listed("bar bistro cafe coffee grill hotel kahvila kauppa market pub ravintola restaurant shop store the")
)


def tidy(text: str) -> str:
    """The text in one width (NFKC), without invisible characters, with single spaces."""
    wide = unicodedata.normalize("NFKC", text)
    if not wide.isprintable():
        wide = "".join(char for char in wide if char.isspace() or char.isprintable())
    return _SPACE.sub(" ", wide).strip()


def plain_name(name: str) -> str:
    """What two spellings of one name have in common: one width, small letters, no punctuation, no legal suffix."""
    return _cut("".join(_words(name)), _LEGAL_ZH) or tidy(name).casefold()


def core_name(name: str) -> str:
    """The plain name without trade words (烟酒店, 超市, restaurant …); the plain name where nothing else is left."""
    kept = "".join(word for word in _words(name) if word not in _TRADE_LATIN)
    return _cut(_cut(kept, _LEGAL_ZH), _TRADE_ZH) or plain_name(name)


def _words(name: str) -> list[str]:
    words = _WORD.findall(_JOINED.sub("", tidy(name).casefold()))
    while len(words) > 1 and words[-1] in _LEGAL_LATIN:
        words.pop()
    return words


def _cut(word: str, endings: Sequence[str]) -> str:
    for ending in endings:
        if word.endswith(ending) and word != ending:
            return word.removesuffix(ending)
    return word

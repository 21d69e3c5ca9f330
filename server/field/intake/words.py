"""What stands in the cells for a class, a grade, a status, a level: dealers' words → our codes. Data and look-up.

A company's own words come in as `extra` and go first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from server.field.names import tidy

__all__ = ["CLASSES", "is_class_word", "is_nothing", "read_class", "read_grade", "read_level", "read_status"]

_WORDS = {
    "tobacco_liquor": (
        "名烟名酒店|名烟名酒|烟酒店|烟酒行|烟酒|烟酒专卖|酒类专卖|酒行|alcohol|wine|tobacco|liquor store|liquor"
    ),
    "hotel_a": "a类酒店|酒店a类|酒店a|a级酒店|a类餐饮|a餐|星级酒店|大酒店|hotel a|class a hotel",
    "hotel_b": (
        "b类酒店|酒店b类|酒店b|b级酒店|b类餐饮|b餐|酒店|宾馆|旅馆|招待所|民宿|hotel|hostel|motel|guest house|hotel b"
    ),
    "grocery": (
        "食杂店|食杂|副食店|副食|小卖部|杂货店|小店|夫妻店|粮油店|粮油|士多|greengrocer|grocery|corner shop|general"
    ),
    "food_stall": "大排档|排档|夜宵|夜宵摊|烧烤摊|烧烤|小吃摊|小吃|摊点|street food|food stall|food court",
    "supermarket": "超市|大卖场|卖场|商超|ka卖场|生活超市|平价超市|supermarket|hypermarket|department store",
    "convenience": "便利店|便利超市|便利|cvs|连锁便利|convenience|convenience store|kiosk",
    "restaurant": (
        "餐厅|餐馆|饭店|餐饮|酒楼|饭馆|中餐|西餐|火锅|火锅店|快餐|快餐店|面馆|restaurant|fast food|fast_food|diner"
    ),
    "bar": "酒吧|ktv|夜场|夜店|娱乐场所|会所|歌厅|pub|bar|nightclub|biergarten|night club",
    "cafe": "咖啡|咖啡店|咖啡馆|咖啡厅|茶馆|茶楼|奶茶店|奶茶|cafe|coffee|coffee shop|tea house",
    "other": "其他|其它|特通|特殊渠道|other|yes",
}

CLASSES = tuple(_WORDS)
"""The codes of the classes that a new company starts with."""

_STATUSES = {
    "uses_category": (
        "正在使用|使用中|在用|使用|有同类产品|竞品客户|已用|uses the category|uses category|uses_category|using"
    ),
    "prospect": "有意向|意向|意向客户|潜在|潜在客户|待开发|目标客户|未合作|跟进中|prospect|lead|potential|target",
    "buyer": "已采购|采购|已合作|合作中|合作|成交|成交客户|活跃|老客户|正常|是|buyer|customer|active|buying",
    "lapsed": "流失|已流失|停止合作|暂停|暂停合作|休眠|沉默|不合作|lapsed|lost|inactive|dormant|paused",
    "closed": "停业|关闭|已关闭|倒闭|歇业|关店|注销|拆迁|转让|closed|shut|gone",
}
_GRADES = {
    "A": "a|甲|重点|重点客户|核心|vip|key|一级|1|高|aa|aaa",
    "B": "b|乙|普通|一般|二级|2|中|normal|medium",
    "C": "c|丙|小|三级|3|低|small|low",
}
_NOTHING = frozenset(
    ("", "-", "--", "—", "/", "\\", "无", "没有", "暂无", "未知", "空", "none", "n/a", "na", "nil", "null", "?")
)
_DIGITS = {char: at for at, char in enumerate("零一二三四五六七八九")}
_TAIL = re.compile(r"(?:类|级|等|档|客户|终端|class|grade|店)+$")
_NOISE = re.compile(r"[\W_]+")


def _by_word(table: Mapping[str, str]) -> dict[str, str]:
    return {_key(word): code for code, words in table.items() for word in words.split("|")}


def _key(text: str) -> str:
    return _NOISE.sub("", tidy(text).casefold())


_CLASS = _by_word(_WORDS) | {_key(code): code for code in CLASSES}
_STATUS = _by_word(_STATUSES)
_GRADE = _by_word(_GRADES)
_INSIDE = sorted((word for word in _CLASS if not word.isascii() and len(word) > 1), key=len, reverse=True)


def is_nothing(text: str) -> bool:
    """Whether a cell says that there is nothing to say (无, -, n/a)."""
    return text.strip().casefold() in _NOTHING


def is_class_word(text: str) -> bool:
    """Whether a cell is a class word for word; a name that has one in it is not."""
    return _key(text) in _CLASS


def read_class(text: str, extra: Mapping[str, str] | None = None) -> str | None:
    """The class that a cell means, or None. Several kinds in one cell (deli; kitchen): the first that is known."""
    own = {_key(word): code for word, code in (extra or {}).items()}
    for part in re.split(r"[;,/、]", tidy(text)):
        key = _key(part)
        found = own.get(key) or _CLASS.get(key)
        if found:
            return found
    key = _key(text)
    return next((_CLASS[word] for word in _INSIDE if word in key), None)


def read_grade(text: str) -> str | None:
    """A, B or C, or None."""
    stars = text.count("★") + text.count("*")
    if stars and not tidy(text).strip("★* "):
        return "CCBAA"[min(stars, 5) - 1]
    key = _key(text)
    return _GRADE.get(key) or _GRADE.get(_TAIL.sub("", key))


def read_status(text: str) -> str | None:
    """The status that a cell means, or None."""
    key = _key(text)
    return _STATUS.get(key) or _STATUS.get(key.removesuffix("客户"))


def read_level(text: str) -> int | None:
    """A cooperation level from 0 to 9 (3, 三级, L3), or None."""
    key = _TAIL.sub("", _key(text)).removeprefix("l")
    if len(key) != 1:
        return None
    return int(key) if key.isascii() and key.isdigit() else _DIGITS.get(key)

"""Words for values, in both languages: what a state, a role or a grade is called on every page."""

from __future__ import annotations

from collections.abc import Mapping

from server.console.departures.words import WORDS as DEPARTURES
from server.field.watching.signs import Kind
from server.identity.fleet import WORDS as TROUBLES
from sync.words import VALUES

__all__ = ["WORDS", "as_money", "word"]

WORDS: dict[str, Mapping[str, tuple[str, str]]] = {
    **VALUES,
    **DEPARTURES,
    "role": {
        "dealer": ("经销商", "Dealer"),
        "manager": ("经理", "Manager"),
        "rep": ("业务员", "Rep"),
        "service": ("客服", "Service"),
        "archivist": ("档案员", "Archivist"),
    },
    "person": {
        "active": ("在职", "Active"),
        "leaving": ("离职通知期", "Under notice"),
        "departed": ("已离职", "Left"),
    },
    "setting": {
        "policy": ("规则", "Rule"),
        "outlet_class": ("类别", "Class"),
        "product": ("产品", "Product"),
        "price": ("价格", "Price"),
        "notice": ("通知", "Notice"),
        "lease": ("租约", "Lease"),
    },
    "setting_field": {
        "key": ("设置项", "Setting"),
        "value": ("数值", "Value"),
        "code": ("编码", "Code"),
        "zh": ("中文名", "Chinese name"),
        "en": ("英文名", "English name"),
        "colour": ("颜色", "Colour"),
        "active": ("使用中", "In use"),
        "name": ("名称", "Name"),
        "unit": ("单位", "Unit"),
        "product": ("产品", "Product"),
        "as_money": ("金额", "Amount"),
        "outlet_class": ("类别", "Class"),
        "since": ("起始日", "From"),
        "title": ("标题", "Title"),
        "body": ("正文", "Text"),
        "must_acknowledge": ("须确认已读", "Must be acknowledged"),
        "locks_after": ("失联多久锁定", "Locks after"),
        "erases_after": ("锁定多久后清除", "Erases after"),
    },
    "act": {"create": ("新增", "Added"), "edit": ("更改", "Changed"), "remove": ("取消", "Taken away")},
    "standing": {
        "awaiting_confirmation": ("待核对", "Awaiting confirmation"),
        "active": ("使用中", "In use"),
        "device_suspended": ("已停用", "Suspended"),
        "departed": ("已切断", "Cut off"),
    },
    "order": {
        "ordered": ("已下达", "Ordered"),
        "told": ("已送达手机", "Told to the phone"),
        "locked": ("已锁定", "Locked"),
        "drained": ("已交回", "Drained"),
        "wiped": ("已清除（回执）", "Wiped (by its receipt)"),
    },
    "trouble": {one.value: said for one, said in TROUBLES.items()},
    "sign": {one.value: (one.zh, one.en) for one in Kind},
    "claimed": {
        "taken": ("已被他人领走", "somebody else has it"),
        "hold": ("超过持有上限", "beyond what may be held"),
        "claims": ("当天领取已满", "too many claims that day"),
        "cool_down": ("冷却期未满", "held not long ago"),
        "yours": ("本来就在其片区", "it was theirs already"),
        "not_on_roster": ("不在该片区协作小组", "not on that roster"),
        "not_in_pool": ("不在公海中", "not in the pool"),
    },
    "pool_move": {
        "pool_dealt": ("分配", "dealt"),
        "pool_claimed": ("领取", "claimed"),
        "pool_allotted": ("指派", "allotted"),
        "pool_returned": ("退回公海", "returned to the pool"),
        "pool_restored": ("撤销退回", "the return was undone"),
    },
}
"""By kind and value: (Chinese, English)."""


def word(kind: str, value: object, language: str) -> str:
    """What a value of a kind is called; a value without a word stands for itself, and nothing for nothing."""
    if value is None or value == "":
        return "—"
    zh, en = WORDS[kind].get(str(value), (str(value), str(value)))
    return zh if language == "zh" else en


def as_money(minor: int) -> str:
    """An amount in minor units, as people write it: `1,234.50`."""
    return f"{minor / 100:,.2f}"

"""Findings: what the company's rules, or a manager, found of one's own work, in words. Signals, never verdicts."""

from __future__ import annotations

from uuid import UUID

import msgspec

from client_sdk.given import paged
from client_sdk.writing import Desk
from sync.records import Finding, Reason

__all__ = ["Findings", "Heard", "say_reason", "say_state"]

_STATES = {
    "verified": ("已核实", "verified"),
    "doubtful": ("存疑，请说明", "doubtful: please say what happened"),
    "joint": ("共同拜访已成立", "counts as a joint visit"),
    "counted": ("已计入", "counts"),
    "not_counted": ("不计入", "does not count"),
    "proposed": ("待审批", "waits for a manager"),
    "approved": ("已批准", "approved"),
    "questioned": ("有疑问，请补充", "sent back with a question"),
    "refused": ("未批准", "refused"),
    "accepted": ("已接受", "accepted"),
    "merged": ("已并入另一家终端", "was merged into another outlet"),
    "parted": ("合并已撤销，恢复为单独的终端", "is an outlet of its own again: the merge was undone"),
    "stopped": ("暂停赊销", "credit is stopped"),
    "open": ("恢复赊销", "there is credit again"),
    "code_refused": ("编码已取消，另行编码", "the code was taken off; another will be given"),
}
_REASONS = {
    "no_position": ("拜访没有定位", "the visit has no position"),
    "far": ("距终端 {found} 米，允许 {allowed} 米", "{found} m from the outlet, {allowed} m are allowed"),
    "datum": ("坐标系可能不同（偏差 {found} 米）", "the position may be in another datum ({found} m off)"),
    "mock": ("手机报告为模拟定位", "the phone reported a made-up position"),
    "clock": ("手机时钟偏差 {found} 分钟，允许 {allowed} 分钟", "the clock was {found} min off, {allowed} are allowed"),
    "speed": (
        "与上次拜访间隔太短（每小时 {found} 公里，允许 {allowed}）",
        "{found} km/h from the visit before, {allowed} are allowed",
    ),
    "short": ("停留 {found} 秒，至少 {allowed} 秒", "it lasted {found} s, at least {allowed} are asked for"),
    "accepted": ("经理已采信", "a manager has accepted it"),
    "upheld": ("经理认定存疑", "a manager has upheld the doubt"),
    "role": ("您的职务不能核实", "your role does not verify"),
    "early": ("该季度尚未开始", "that quarter has not begun"),
    "own_outlet": ("本人负责的终端不能由本人核实", "an outlet is not verified by its own people"),
    "price": ("价格 {found}，价目表 {allowed}（分）", "price {found}, the list says {allowed} (fen)"),
    "missing": ("资料不全", "something is missing"),
    "not_kept": ("编码不在您的预留编码之内", "the code was not kept for you"),
    "taken": ("编码已为其他终端所用", "another outlet has the code"),
    "name": ("缺名称", "the name is missing"),
    "outlet_class": ("缺类别", "the class is missing"),
    "address": ("缺地址", "the address is missing"),
    "position": ("缺位置", "the position is missing"),
    "phone": ("缺电话", "the phone is missing"),
    "opening_hours": ("缺营业时间", "the opening hours are missing"),
    "contact": ("缺联系人", "a contact is missing"),
    "photo": ("缺门头照片", "a photo of the front is missing"),
    "status": ("缺状态", "the status is missing"),
    "code": ("缺编码", "the code is missing"),
}


class Heard(msgspec.Struct, frozen=True):
    """One finding in words: of the record `about`, which was found as `state`, with a sentence in both languages."""

    about: UUID
    collection: str
    state: str
    outlet: UUID | None
    at: int | None
    zh: str
    en: str


class Findings:
    """`replica.findings`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self, page: int = 0, *, size: int = 100) -> list[Heard]:
        """What was found of this person's work, the newest first, page by page from 0."""
        found = sorted(self._desk.all(Finding), key=lambda one: (one.at or 0, one.id), reverse=True)
        return [_heard(one) for one in paged(found, page, size)]

    def of(self, record: UUID) -> Heard | None:
        """What was found of one record; None where nothing was."""
        return next((_heard(one) for one in self._desk.all(Finding) if one.about == record), None)


def _heard(one: Finding) -> Heard:
    zh, en = say_state(one.state)
    reasons = [say_reason(each) for each in one.reasons]
    whole_zh = "；".join(filter(None, [zh, *(each for each, _ in reasons), one.note]))
    whole_en = "; ".join(filter(None, [en, *(each for _, each in reasons), one.note]))
    return Heard(one.about, one.collection, one.state, one.outlet, one.at, whole_zh, whole_en)


def say_state(state: str) -> tuple[str, str]:
    """A state in both languages; one that this version does not know as it is."""
    return _STATES.get(state, (state, state))


def say_reason(reason: Reason) -> tuple[str, str]:
    """A reason in both languages, with what was measured; one that this version does not know by its code."""
    zh, en = _REASONS.get(reason.code, (reason.code, reason.code))
    values = {"found": "?" if reason.found is None else reason.found}
    values["allowed"] = "?" if reason.allowed is None else reason.allowed
    return zh.format(**values), en.format(**values)

"""What the inbox calls things: records, acts, fields and values, in the viewer's language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from msgspec import Struct

from server.console.words import WORDS
from sync.changes import SetChange
from sync.codec import plain
from sync.operations import Operation
from sync.positions import Position
from sync.records import COLLECTIONS, Reason

if TYPE_CHECKING:
    from server.console.inbox.parts import Hand

__all__ = ["DOUBTS", "Said", "said"]

RECORDS: dict[str, tuple[str, str]] = {
    "outlet": ("终端", "outlet"),
    "contact": ("联系人", "contact"),
    "contact_private": ("私人资料", "private part"),
    "visit": ("拜访", "visit"),
    "sweep": ("扫街", "sweep"),
    "photo": ("照片", "photo"),
    "task": ("任务", "task"),
    "order": ("订单", "order"),
    "delivery": ("送货", "delivery"),
    "payment": ("收款", "payment"),
    "claim": ("公海领取", "claim"),
    "contact_report": ("洽谈记录", "contact report"),
    "verification": ("核实", "verification"),
    "occasion": ("红白喜事", "occasion"),
    "gift": ("礼品", "gift"),
    "practice": ("好做法", "practice"),
    "daily_report": ("日报", "daily report"),
    "acknowledgement": ("通知确认", "acknowledgement"),
    "opening": ("查看记录", "opening"),
    "credit_application": ("账期申请", "credit application"),
}
ACTS: dict[str, tuple[str, str]] = {
    "create": ("新增", "New"),
    "edit": ("修改", "Change of"),
    "move": ("移动", "Move of"),
    "remove": ("删除", "Removal of"),
}
FINDINGS: dict[str, tuple[str, str]] = {
    "verified": ("已核实", "verified"),
    "doubtful": ("存疑", "doubtful"),
    "approved": ("已通过", "approved"),
    "questioned": ("有疑问", "sent back with a question"),
    "refused": ("未通过", "refused"),
    "accepted": ("已接受", "accepted"),
    "proposed": ("待审批", "waits for a manager"),
    "merged": ("已并入另一家终端", "merged into another outlet"),
    "parted": ("合并已撤销", "the merge was undone"),
    "stopped": ("暂停赊销", "credit is stopped"),
    "open": ("恢复赊销", "there is credit again"),
    "pending": ("待审核", "pending"),
}
DOUBTS: dict[str, tuple[str, str]] = {
    "no_position": ("拜访没有定位", "the visit has no position"),
    "far": ("距终端 {found} 米（允许 {allowed} 米）", "{found} m from the outlet ({allowed} m are allowed)"),
    "datum": ("坐标系可能不同，偏差 {found} 米", "the position may be in another datum, {found} m off"),
    "mock": ("手机报告为模拟定位", "the phone reported a made-up position"),
    "clock": (
        "手机时钟偏差 {found} 分钟（允许 {allowed} 分钟）",
        "the clock was {found} min off ({allowed} are allowed)",
    ),
    "speed": (
        "距上次拜访的速度为每小时 {found} 公里（允许 {allowed}）",
        "{found} km/h from the visit before ({allowed} are allowed)",
    ),
    "short": ("停留 {found} 秒（至少 {allowed} 秒）", "it lasted {found} s (at least {allowed} are asked for)"),
}


FIELDS: dict[str, tuple[str, str]] = {
    "outlet": ("终端", "Outlet"),
    "purpose": ("目的", "Purpose"),
    "aim": ("目标", "Aim"),
    "started_at": ("开始", "Began"),
    "duration_s": ("时长（秒）", "Length in seconds"),
    "position": ("位置", "Position"),
    "notes": ("备注", "Notes"),
    "stock": ("进销存", "Stock"),
    "competitors": ("竞品", "Competitors"),
    "companions": ("同行", "Together with"),
    "questions": ("问题", "Questions"),
    "result": ("结果", "Result"),
    "amends": ("更正哪条", "Amends"),
    "channel": ("渠道", "Channel"),
    "contacts": ("联系人", "Contacts"),
    "mock": ("模拟定位", "Made-up position"),
    "steps": ("步骤", "Steps"),
    "lines": ("明细", "Lines"),
    "amount": ("金额（分）", "Amount in fen"),
    "paid_on": ("付款日", "Paid on"),
    "delivered_on": ("送货日", "Delivered on"),
    "reference": ("单号", "Reference"),
    "account": ("账户", "Account"),
    "quarter": ("季度", "Quarter"),
    "means": ("方式", "Means"),
    "confirmed": ("是否相符", "Confirmed"),
    "answer": ("答复", "Answer"),
    "digest": ("照片指纹", "Digest"),
    "kind": ("种类", "Kind"),
    "caption": ("说明", "Caption"),
    "of": ("属于", "Belongs to"),
    "size": ("大小", "Size"),
    "track": ("轨迹", "Track"),
    "sightings": ("所见终端", "Outlets seen"),
    "said": ("谈了什么", "What was said"),
    "agreed": ("约定", "Agreed"),
    "promised": ("承诺", "Promised"),
    "next_step": ("下一步", "Next step"),
    "subject": ("主题", "Subject"),
    "day": ("日期", "Day"),
    "state": ("状态", "State"),
}
"""What fields of records that are never changed are called."""
_SOURCES = {
    "sweep": ("扫街登记", "found in a sweep"),
    "visit": ("拜访时登记", "found on a visit"),
    "import": ("导入", "imported"),
    "console": ("管理台录入", "entered in the console"),
    "rule": ("系统规则", "made by a rule"),
}
_NOTHING: Mapping[str, str] = {}


class Said:
    """Words for values."""

    def __call__(  # noqa: PLR0911  # one line for each kind of value
        self, hand: Hand, field: str, value: Any, known: Mapping[str, str] = _NOTHING
    ) -> str:
        """A value of a field as people read it; `known` names what stands for something else, such as an id."""
        if value is None or value in ("", (), [], {}):
            return "—"
        if (name := known.get(str(value))) is not None:
            return name
        if isinstance(value, int) and field.endswith("_at"):
            return hand.when(value)
        if isinstance(value, bool):
            return hand.say("是", "yes") if value else hand.say("否", "no")
        if isinstance(value, Position):
            return f"{value.lat:.5f}, {value.lon:.5f}"
        if isinstance(value, dict) and {"lat", "lon"} <= value.keys():
            return f"{value['lat']:.5f}, {value['lon']:.5f}"
        if isinstance(value, SetChange):
            return " ".join([*(f"+{plain(one)}" for one in value.add), *(f"−{one}" for one in value.remove)])
        words = _SOURCES if field == "source" else WORDS.get(field, {})
        text = str(value.value if isinstance(value, Enum) else value)
        if text in words:
            return hand.say(*words[text])
        if isinstance(value, Struct | dict | list | tuple):
            return self._composed(hand, plain(value))
        return text

    def _composed(self, hand: Hand, value: Any) -> str:
        if isinstance(value, dict):
            return "，".join(
                f"{name} {self(hand, name, one)}" for name, one in value.items() if one not in (None, "", [])
            )
        if isinstance(value, list):
            return "、".join(self(hand, "", one) for one in value) or "—"
        return str(value)

    def label(self, hand: Hand, collection: str, field: str) -> str:
        """What a field is called."""
        found = COLLECTIONS.get(collection)
        if found is None or field not in found.rules:
            return field
        rule = found.rules[field]
        zh, en = (rule.zh, rule.en) if rule.zh else FIELDS.get(field, (field, field))
        return hand.say(zh, en)

    def record(self, hand: Hand, collection: str) -> str:
        """What records of a collection are called."""
        return hand.say(*RECORDS.get(collection, (collection, collection)))

    def operation(self, hand: Hand, operation: Operation | None) -> str:
        """What was asked for: 新增拜访."""
        if operation is None:
            return hand.say("无法读取的内容", "Something that cannot be read")
        act = ACTS.get(operation.act, (operation.act, operation.act))
        zh, en = RECORDS.get(operation.collection, (operation.collection, operation.collection))
        return hand.say(f"{act[0]}{zh}", f"{act[1]} {en}")

    def finding(self, hand: Hand, state: str) -> str:
        """What somebody was told."""
        return hand.say(*FINDINGS.get(state, (state, state)))

    def doubt(self, hand: Hand, reason: Reason) -> str:
        """Why a visit is doubtful."""
        zh, en = DOUBTS.get(reason.code, (reason.code, reason.code))
        values = {
            name: "?" if one is None else one for name, one in (("found", reason.found), ("allowed", reason.allowed))
        }
        return hand.say(zh.format(**values), en.format(**values))

    def ref(self, one: UUID) -> str:
        """The end of an id, to tell two things of one name apart."""
        return one.hex[-6:]


said = Said()
"""Words for values."""

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
from sync.records import Reason
from sync.words import LABELS, label

if TYPE_CHECKING:
    from server.console.inbox.parts import Hand

__all__ = ["DOUBTS", "Said", "said"]

RECORDS: dict[str, tuple[str, str]] = {
    **LABELS,
    "sweep": ("扫街", "Sweep"),
    "claim": ("公海领取", "Claim"),
    "practice": ("好做法", "Good practice"),
    "daily_report": ("日报", "Daily report"),
    "acknowledgement": ("通知确认", "Acknowledgement"),
    "opening": ("查看记录", "Opening"),
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
        words = WORDS.get(field, {})
        text = str(value.value if isinstance(value, Enum) else value)
        if text in words:
            return hand.say(*words[text])
        if isinstance(value, Struct | dict | list | tuple):
            return self._composed(hand, plain(value))
        return text

    def _composed(self, hand: Hand, value: Any) -> str:
        if isinstance(value, dict):
            return hand.say("，", ", ").join(
                f"{name} {self(hand, name, one)}" for name, one in value.items() if one not in (None, "", [])
            )
        if isinstance(value, list):
            return "、".join(self(hand, "", one) for one in value) or "—"
        return str(value)

    def label(self, hand: Hand, collection: str, field: str) -> str:
        """What a field is called."""
        return hand.say(*label(collection, field))

    def record(self, hand: Hand, collection: str) -> str:
        """What records of a collection are called."""
        return hand.say(*RECORDS.get(collection, (collection, collection)))

    def operation(self, hand: Hand, operation: Operation | None) -> str:
        """What was asked for: 新增拜访."""
        if operation is None:
            return hand.say("无法读取的内容", "Something that cannot be read")
        act = ACTS.get(operation.act, (operation.act, operation.act))
        zh, en = RECORDS.get(operation.collection, (operation.collection, operation.collection))
        return hand.say(f"{act[0]}{zh}", f"{act[1]} {en.lower()}")

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

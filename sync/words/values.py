"""Words for values, in both languages: one table for the forms of an app and for the pages of the console."""

from __future__ import annotations

from enum import Enum

from sync.outcomes import OutcomeCode
from sync.records import (
    Calendar,
    Channel,
    ClaimState,
    Grade,
    Means,
    OccasionKind,
    OutletStatus,
    Review,
    Seen,
    Source,
    TaskStatus,
)
from sync.words.labels import Words

__all__ = ["KINDS", "MISSING", "REVIEWS", "STATUSES", "VALUES", "word"]

STATUSES: Words = {
    OutletStatus.USES_CATEGORY: ("正在使用", "uses the category"),
    OutletStatus.PROSPECT: ("有意向", "prospect"),
    OutletStatus.BUYER: ("已采购", "buyer"),
    OutletStatus.LAPSED: ("已流失", "lapsed"),
    OutletStatus.CLOSED: ("已关闭", "closed"),
}
"""正在使用: it sells goods of this kind, whoever brings them; 有意向: it is interested in ours; 已采购: it bought ours.

An import reads these same words."""
REVIEWS: Words = {
    Review.PENDING: ("待审核", "pending"),
    Review.QUESTIONED: ("有疑问", "questioned"),
    Review.APPROVED: ("已通过", "approved"),
    Review.REFUSED: ("未通过", "refused"),
}
MISSING: Words = {
    "name": ("名称", "name"),
    "outlet_class": ("类别", "class"),
    "address": ("地址", "address"),
    "position": ("位置", "position"),
    "phone": ("电话", "phone"),
    "opening_hours": ("营业时间", "opening hours"),
    "contact": ("联系人", "contact"),
    "photo": ("门头照片", "photo of the front"),
    "status": ("状态", "status"),
    "code": ("编码", "code"),
}
"""What a registration can lack."""

VALUES: dict[str, Words] = {
    "status": STATUSES,
    "review": REVIEWS,
    "missing": MISSING,
    "grade": {"A": ("A 类（重点）", "A (key outlet)"), "B": ("B 类", "B"), "C": ("C 类", "C")},
    "task": {
        "open": ("未开始", "Open"),
        "started": ("进行中", "Started"),
        "done": ("已完成", "Done"),
        "dropped": ("已取消", "Dropped"),
    },
    "seen": {
        "seen": ("看到", "Seen"),
        "visited": ("进店拜访", "Visited"),
        "new": ("新发现", "New"),
        "closed": ("已关门", "Closed"),
        "not_found": ("找不到", "Not found"),
    },
    "calendar": {"solar": ("公历", "Solar"), "lunar": ("农历", "Lunar")},
    "consent": {"care": ("感情联络", "Care")},
    "claim": {
        "asked": ("待决定", "Asked"),
        "won": ("已领取", "Won"),
        "lost": ("未领到", "Lost"),
        "refused": ("不能领取", "Refused"),
    },
    "purpose": {
        "shelf": ("货架陈列", "Shelf"),
        "talk": ("洽谈", "Talk"),
        "call_back": ("回访", "Call-back"),
        "trusted": ("看望重点客户", "Visit by somebody trusted"),
    },
    "channel": {
        "company_phone": ("公司电话", "Company phone"),
        "company_qq": ("公司 QQ", "Company QQ"),
        "company_wechat": ("公司微信", "Company WeChat"),
        "private": ("私人渠道", "Private channel"),
        "unknown": ("未注明", "Not said"),
    },
    "means": {"mail": ("信函", "Mail"), "fax": ("传真", "Fax"), "phone": ("电话", "Phone"), "visit": ("上门", "Visit")},
    "photo": {"front": ("门头", "Front"), "shelf": ("货架", "Shelf")},
    "occasion": {
        "wedding": ("婚礼", "Wedding"),
        "funeral": ("白事", "Funeral"),
        "opening": ("开业", "Opening"),
        "other": ("要事", "Occasion"),
    },
    "source": {
        "sweep": ("扫街", "Sweep"),
        "visit": ("拜访", "Visit"),
        "import": ("导入", "Import"),
        "console": ("管理台", "Console"),
        "rule": ("规则", "Rule"),
    },
    "weekday": {
        "mon": ("周一", "Monday"),
        "tue": ("周二", "Tuesday"),
        "wed": ("周三", "Wednesday"),
        "thu": ("周四", "Thursday"),
        "fri": ("周五", "Friday"),
        "sat": ("周六", "Saturday"),
        "sun": ("周日", "Sunday"),
    },
    "finding": {
        "verified": ("有效", "Counts"),
        "counted": ("计入", "Counted"),
        "doubtful": ("存疑", "Doubtful"),
        "not_counted": ("不计", "Not counted"),
        "questioned": ("有疑问", "Questioned"),
        "proposed": ("待审批", "Proposed"),
        "accepted": ("已同意", "Accepted"),
        "refused": ("未同意", "Refused"),
    },
    "outcome": {
        "applied": ("已保存", "Saved"),
        "merged": ("已合并", "Merged with a colleague's change"),
        "overrode": ("覆盖同事的修改", "Wrote over a colleague's change"),
        "superseded": ("同事较晚的修改为准", "A colleague's later change stands"),
        "proposed": ("待经理审批", "Waits for the manager"),
        "refused": ("未被接受", "Not accepted"),
        "duplicate": ("重复", "Received before"),
    },
}
"""Words for values by kind; a field whose value is one of a kind has its name."""

KINDS: dict[type[Enum], str] = {
    Calendar: "calendar",
    Channel: "channel",
    ClaimState: "claim",
    Grade: "grade",
    Means: "means",
    OccasionKind: "occasion",
    OutcomeCode: "outcome",
    OutletStatus: "status",
    Review: "review",
    Seen: "seen",
    Source: "source",
    TaskStatus: "task",
}
"""Under which kind the words for an enumeration's values stand."""


def word(kind: str, value: str) -> tuple[str, str]:
    """What a value of a kind is called; one that nobody named stands for itself."""
    return VALUES.get(kind, {}).get(value, (value, value))

"""What a manager reads about outlets, in both languages: classes of words that lists, sheets and commands share."""

from __future__ import annotations

from sync.records import OutletStatus, Review

__all__ = ["MISSING", "REVIEWS", "STATUSES"]

STATUSES: dict[str, tuple[str, str]] = {
    OutletStatus.USES_CATEGORY: ("正在使用", "uses the category"),
    OutletStatus.PROSPECT: ("有意向", "prospect"),
    OutletStatus.BUYER: ("已采购", "buyer"),
    OutletStatus.LAPSED: ("已流失", "lapsed"),
    OutletStatus.CLOSED: ("已关闭", "closed"),
}
"""正在使用: it sells goods of this kind, whoever brings them; 有意向: it is interested in ours; 已采购: it bought ours.

An import reads these same words."""
REVIEWS: dict[str, tuple[str, str]] = {
    Review.PENDING: ("待审核", "pending"),
    Review.QUESTIONED: ("有疑问", "questioned"),
    Review.APPROVED: ("已通过", "approved"),
    Review.REFUSED: ("未通过", "refused"),
}
MISSING: dict[str, tuple[str, str]] = {
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

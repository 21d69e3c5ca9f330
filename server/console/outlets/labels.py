"""What fields of records are called, and words for their values, in both languages, where no declaration says it."""

from __future__ import annotations

from sync.records import COLLECTIONS

__all__ = ["FIELDS", "LABELS", "VALUES", "label"]

Words = dict[str, tuple[str, str]]

FIELDS: Words = {
    "collection": ("档案", "Archive"),
    "purpose": ("目的", "Purpose"),
    "aim": ("目标", "Aim"),
    "started_at": ("开始", "Began"),
    "duration_s": ("时长", "Length"),
    "position": ("位置", "Position"),
    "notes": ("备注", "Notes"),
    "stock": ("进销存", "Stock"),
    "competitors": ("竞品", "Competitors"),
    "companions": ("同行", "Together with"),
    "questions": ("问题", "Questions"),
    "result": ("结果", "Result"),
    "amends": ("更正", "Amends"),
    "channel": ("联系渠道", "Channel"),
    "contacts": ("在场联系人", "Contacts who were there"),
    "mock": ("手机报告虚拟定位", "The phone reported a made-up position"),
    "prepared_s": ("提前准备", "Prepared before"),
    "steps": ("完成步骤", "Steps done"),
    "batches": ("货架批次", "Batches on the shelf"),
    "lines": ("明细", "Lines"),
    "wanted_by": ("希望送达", "Wanted by"),
    "order": ("订单", "Order"),
    "delivered_on": ("送货日", "Delivered on"),
    "reference": ("单号", "Reference"),
    "on_credit": ("赊账", "On credit"),
    "amount": ("金额", "Amount"),
    "account": ("账户", "Account"),
    "paid_on": ("收款日", "Paid on"),
    "subject": ("主题", "Subject"),
    "said": ("谈话内容", "Said"),
    "agreed": ("达成一致", "Agreed"),
    "promised": ("承诺", "Promised"),
    "promised_by": ("承诺期限", "Promised by"),
    "next_step": ("下一步", "Next step"),
    "next_on": ("下一步日期", "Next step on"),
    "keeps": ("兑现", "Keeps"),
    "quarter": ("季度", "Quarter"),
    "means": ("方式", "Means"),
    "confirmed": ("确认无误", "Confirmed"),
    "answer": ("答复", "Answer"),
    "differences": ("与档案不符", "Differs from the archive"),
    "contact": ("联系人", "Contact"),
    "verified_on": ("核实日", "Verified on"),
    "gift": ("礼品", "Gift"),
    "cost": ("费用", "Cost"),
    "occasion": ("场合", "Occasion"),
    "given_on": ("赠送日", "Given on"),
    "caption": ("说明", "Caption"),
    "kind": ("种类", "Kind"),
    "width": ("宽", "Width"),
    "height": ("高", "Height"),
    "taken_at": ("拍摄时间", "Taken at"),
}
"""What fields are called whose declaration does not say it: those of work that is never changed."""

LABELS: Words = {
    "outlet": ("终端", "Outlet"),
    "contact": ("联系人", "Contact"),
    "contact_private": ("私人资料", "Private part"),
    "visit": ("拜访", "Visit"),
    "photo": ("照片", "Photo"),
    "order": ("订单", "Order"),
    "delivery": ("送货", "Delivery"),
    "payment": ("收款", "Payment"),
    "contact_report": ("洽谈", "Talk"),
    "verification": ("核实", "Verification"),
    "occasion": ("红白喜事", "Occasion"),
    "gift": ("礼品", "Gift"),
    "credit_application": ("账期申请", "Credit application"),
    "task": ("任务", "Task"),
}
"""What kinds of records at an outlet are called."""

VALUES: dict[str, Words] = {
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


def label(collection: str, field: str) -> tuple[str, str]:
    """What a field of a collection is called."""
    one = COLLECTIONS.get(collection)
    rule = one.rules.get(field) if one is not None else None
    if rule is not None and rule.zh:
        return rule.zh, rule.en
    return FIELDS.get(field, (field, field))

"""What fields and kinds of records are called, in both languages: one table for an app's forms and for the console.

A field whose declaration says it (`sync.rules`) is called so; the others are called the same wherever they stand.
"""

from __future__ import annotations

from sync.records import COLLECTIONS

__all__ = ["LABELS", "PARTS", "Words", "label", "part_label"]

Words = dict[str, tuple[str, str]]
"""(Chinese, English) by what is called so."""

_FIELDS: Words = {
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
    "outlet": ("终端", "Outlet"),
    "of": ("所属档案", "Belongs to"),
    "digest": ("文件指纹", "Digest"),
    "size": ("文件大小", "Size"),
    "staff": ("记录人", "By"),
    "at": ("时间", "When"),
    "visit": ("拜访", "Visit"),
    "task": ("任务", "Task"),
    "track": ("轨迹", "Track"),
    "sightings": ("沿途终端", "Outlets seen"),
    "area": ("区域", "Area"),
    "notice": ("通知", "Notice"),
    "notice_revision": ("通知版本", "Version of the notice"),
    "day": ("日期", "Day"),
    "times": ("次数", "Times"),
    "private": ("其中私人资料", "Of these the private part"),
    "planned": ("计划拜访", "Visits planned"),
    "done": ("完成", "Made"),
    "extra": ("计划外拜访", "Beyond the plan"),
    "registered": ("新登记终端", "Outlets registered"),
    "orders": ("订单金额", "Orders"),
    "missed": ("未完成", "Not made"),
    "dead_letter": ("死信", "Dead letter"),
    "record": ("所涉档案", "Record"),
    "reason": ("原因", "Reason"),
    "detail": ("详情", "Detail"),
    "state": ("状态", "State"),
    "operation": ("操作", "Operation"),
    "mended": ("改正为", "Mended as"),
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
    "sweep": ("扫街", "Sweep"),
    "daily_report": ("日报", "Daily report"),
    "practice": ("好的销售方法", "Good practice"),
    "claim": ("领取", "Claim"),
    "acknowledgement": ("确认已读", "Acknowledgement"),
    "opening": ("查看联系方式", "Opening of contacts"),
    "refused": ("未被接受的工作", "Refused work"),
}
"""What kinds of records are called."""

PARTS: dict[str, Words] = {
    "StockLine": {
        "bought": ("进货", "Bought"),
        "sold": ("销售", "Sold"),
        "on_hand": ("库存", "On hand"),
        "counted_at": ("盘点时间", "Counted at"),
        "last_delivery": ("上次送货", "Last delivery"),
    },
    "Stock": {
        "product": ("产品", "Product"),
        "on_hand": ("库存", "On hand"),
        "sold": ("销售", "Sold"),
        "bought": ("进货", "Bought"),
    },
    "ShelfBatch": {"product": ("产品", "Product"), "batch": ("批次", "Batch"), "pieces": ("数量", "Pieces")},
    "Competitor": {
        "brand": ("品牌", "Brand"),
        "product": ("产品", "Product"),
        "price": ("价格", "Price"),
        "notes": ("备注", "Notes"),
    },
    "OrderLine": {
        "product": ("产品", "Product"),
        "quantity": ("数量", "Quantity"),
        "price": ("单价", "Price for one"),
        "batch": ("批次", "Batch"),
    },
    "Cooperation": {
        "since": ("合作起始", "Cooperation since"),
        "level": ("合作级别", "Cooperation level"),
        "terms": ("合作条件", "Terms"),
    },
    "CreditTerms": {"limit": ("额度", "Limit"), "days": ("账期天数", "Days")},
    "Birthday": {
        "month": ("月", "Month"),
        "day": ("日", "Day"),
        "calendar": ("历法", "Calendar"),
        "year": ("年", "Year"),
    },
    "Relative": {
        "key": ("编号", "Key"),
        "name": ("姓名", "Name"),
        "relation": ("关系", "Relation"),
        "birthday": ("生日", "Birthday"),
    },
    "Consent": {"given": ("已同意", "Agreed"), "purposes": ("用途", "Purposes"), "at": ("时间", "When")},
    "Difference": {"field": ("项目", "Field"), "found": ("实际情况", "What was found")},
    "Sighting": {
        "outlet": ("终端", "Outlet"),
        "seen": ("情况", "How it was found"),
        "after_s": ("开始后几秒", "Seconds from the start"),
    },
    "TrackPoint": {
        "lat": ("纬度", "Latitude"),
        "lon": ("经度", "Longitude"),
        "after_s": ("开始后几秒", "Seconds from the start"),
    },
    "Corner": {"lat": ("纬度", "Latitude"), "lon": ("经度", "Longitude")},
    "Position": {
        "lat": ("纬度", "Latitude"),
        "lon": ("经度", "Longitude"),
        "accuracy": ("精度（米）", "Accuracy (metres)"),
        "datum": ("坐标系", "Datum"),
    },
}
"""What the fields of the parts of a record are called, by the name of the part's class."""


def label(collection: str, field: str) -> tuple[str, str]:
    """What a field of a collection is called; one that nobody named stands for itself."""
    one = COLLECTIONS.get(collection)
    rule = one.rules.get(field) if one is not None else None
    if rule is not None and rule.zh:
        return rule.zh, rule.en
    return _FIELDS.get(field, (field, field))


def part_label(part: str, field: str) -> tuple[str, str]:
    """What a field of a part of a record is called; the part by the name of its class."""
    return PARTS.get(part, {}).get(field, (field, field))

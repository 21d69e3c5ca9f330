"""The fields that the dealer's books carry, deliveries and payments, and the headings under which they are kept."""

from __future__ import annotations

from server.field.intake.headings import Vocabulary, field

__all__ = ["BOOKS", "DELIVERIES", "PAYMENTS"]

_OUTLET = (
    field(
        "outlet_code",
        "客户编码",
        "Outlet code",
        "编码|客户编号|客户代码|终端编码|终端编号|门店编码|店号|customer code|customer id|customer no",
    ),
    field(
        "outlet",
        "客户",
        "Outlet",
        "客户名称|终端|终端名称|店名|门店|门店名称|购货单位|往来单位|单位名称|付款单位|付款人"
        "|customer|customer name|shop",
    ),
)
_IGNORED = field("ignored", "不导入", "Ignored", "序号|no|行号|退回原因|退回原因 reason|合计|业务员|仓库|规格|单位")
_NOTES = field("notes", "备注", "Notes", "说明|摘要|附注|remark|remarks|note|comment|memo")

DELIVERIES = Vocabulary(
    (
        *_OUTLET,
        field(
            "day", "送货日期", "Delivered on", "日期|出库日期|发货日期|单据日期|销售日期|交货日期|date|delivery date"
        ),
        field(
            "reference",
            "单号",
            "Reference",
            "送货单号|出库单号|单据编号|单据号|销售单号|发货单号|reference|document no|invoice",
        ),
        field("product_code", "产品编码", "Product code", "商品编码|货号|存货编码|物料编码|sku|item code|product code"),
        field("product", "产品", "Product", "商品|产品名称|商品名称|品名|存货名称|货品|item|product name|description"),
        field("quantity", "数量", "Quantity", "件数|瓶数|条数|出库数量|送货数量|qty|pieces|units"),
        field("price", "单价", "Price", "含税单价|售价|价格|unit price"),
        field("amount", "金额", "Amount", "含税金额|销售额|小计|价税合计|total|line total|sum"),
        field("batch", "批号", "Batch", "批次|生产批号|lot|batch no"),
        field("on_credit", "赊销", "On credit", "是否赊销|账期|结算方式|付款方式|credit|terms|payment terms"),
        _NOTES,
        _IGNORED,
    ),
    frozenset({"ignored"}),
)
PAYMENTS = Vocabulary(
    (
        *_OUTLET,
        field(
            "day",
            "收款日期",
            "Paid on",
            "日期|到账日期|付款日期|回款日期|交易日期|单据日期|date|payment date|value date",
        ),
        field("reference", "单号", "Reference", "收款单号|流水号|交易流水号|凭证号|单据编号|reference|transaction id"),
        field("amount", "金额", "Amount", "收款金额|回款金额|到账金额|实收|贷方金额|amount received|paid|sum"),
        field("account", "收款账户", "Account", "账户|账号|收款账号|收款方式|到账账户|银行账号|bank account|paid into"),
        _NOTES,
        _IGNORED,
    ),
    frozenset({"ignored"}),
)
BOOKS = {"deliveries": DELIVERIES, "payments": PAYMENTS}
"""The kinds of books by name."""

"""Everything that an import can say against a file or a row, as one table: a stable code, Chinese, English.

A sentence says what is wrong and what to do. A code is never renamed and never means anything else.
"""

from __future__ import annotations

import msgspec

from server.field.intake.book_headings import DELIVERIES, PAYMENTS
from server.field.intake.headings import FIELDS

__all__ = ["SENTENCES", "IntakeError", "Reason"]

SENTENCES: dict[str, tuple[str, str]] = {
    # The whole file: nothing is imported.
    "file_missing": ("找不到文件 {value}。请检查路径。", "There is no file {value}. Check the path."),
    "file_unreadable": (
        "无法打开文件：{value}。请检查权限。",
        "The file cannot be opened: {value}. Check its permissions.",
    ),
    "file_empty": ("文件是空的。", "The file is empty."),
    "file_too_large": ("文件超过 {value}。请拆分后导入。", "The file is larger than {value}. Split it."),
    "too_many_rows": ("超过 {value} 行。请拆分后导入。", "There are more than {value} rows. Split the file."),
    "too_many_columns": (
        "超过 {value} 列。请删除多余的列。",
        "There are more than {value} columns. Remove what is not needed.",
    ),
    "cell_too_long": (
        "第 {value} 行有过长的单元格，可能少了一个引号。",
        "Row {value} has an overlong cell; a quote may be missing.",
    ),
    "old_workbook": (
        "这是旧版 .xls 工作簿。请在表格软件中另存为 .xlsx 或 .csv。",
        "This is an old .xls workbook. Save it as .xlsx or .csv in the spreadsheet program.",
    ),
    "encrypted_workbook": (
        "工作簿有密码。请去掉密码后再导入。",
        "The workbook has a password. Remove it, then import.",
    ),
    "broken_workbook": (
        "工作簿已损坏或不完整：{value}。请在表格软件中打开并另存为 .xlsx。",
        "The workbook is broken or cut short: {value}. Open it in the spreadsheet program and save it as .xlsx.",
    ),
    "unsupported_kind": (
        "不支持这种文件（{value}）。请另存为 .xlsx 或 .csv。",
        "This kind of file ({value}) is not read. Save it as .xlsx or .csv.",
    ),
    "unknown_encoding": (
        "无法识别文字编码。请另存为 UTF-8 的 .csv 或 .xlsx。",
        "The text's encoding is not known. Save it as UTF-8 .csv or as .xlsx.",
    ),
    "broken_quotes": (
        "第 {value} 行附近的引号不成对。请修改后再导入。",
        "Quotes do not match near row {value}. Mend them, then import.",
    ),
    "no_sheet": ("没有名为“{value}”的工作表。", "There is no sheet named {value!r}."),
    "no_header": (
        "找不到表头行。请在数据上方写明列名。",
        "No row of headings was found. Name the columns above the data.",
    ),
    "no_rows": ("表头下面没有数据。", "There are no rows below the headings."),
    "no_name_column": (
        '没有认出哪一列是店名。请用 --map "列名=name" 指定。',
        'No column was recognised as the outlet\'s name. Say which: --map "HEADING=name".',
    ),
    "map_syntax": ("“{value}”应写成 列名=字段。", "{value!r} should read HEADING=FIELD."),
    "map_heading": ("表里没有列“{value}”。", "The file has no column {value!r}."),
    "map_field": ("没有字段“{value}”。", "There is no field {value!r}."),
    "no_book_column": (
        '没有认出“{field}”列。请用 --map "列名=字段" 指定。',
        'No column was recognised as {field}. Say which: --map "HEADING=FIELD".',
    ),
    # One row of the books comes back.
    "outlet_missing": ("没有写明客户。", "No outlet is named."),
    "outlet_unknown": ("没有客户“{value}”。", "There is no outlet {value!r}."),
    "outlet_ambiguous": ("有多家客户叫“{value}”，请写明编码。", "Several outlets are named {value!r}; give the code."),
    "outlet_mismatch": ("编码与名称不是同一家客户：{value}。", "Code and name are of different outlets: {value}."),
    "product_unknown": ("没有产品“{value}”。", "There is no product {value!r}."),
    "quantity_unreadable": ("数量“{value}”须为整数。", "The quantity {value!r} is no whole number."),
    "price_missing": ("没有单价，也没有金额。", "There is neither a price nor an amount."),
    "amount_missing": ("没有金额。", "There is no amount."),
    "amount_differs": ("数量×单价与金额不符：{value}。", "Quantity and price do not come to the amount: {value}."),
    "account_missing": ("没有写明收款账户。", "No account is named."),
    "day_wrong": ("没有日期，或无法识别：“{value}”。", "There is no day, or it cannot be read: {value!r}."),
    "day_ahead": ("日期“{value}”在将来。", "The day {value!r} is still to come."),
    "reference_days": ("同一单号有不同的日期：{value}。", "One reference has several days: {value}."),
    # One row comes back.
    "name_missing": ("缺少店名。", "The name is missing."),
    "too_long": ("“{field}”过长（{value}）。", "{field} is too long ({value})."),
    "no_trace": (
        "只有店名，没有地址、位置、电话或编码，无法找到这家店。",
        "There is only a name: no address, position, phone or code to find the outlet by.",
    ),
    "position_unreadable": ("无法识别位置“{value}”。", "The position {value!r} cannot be read."),
    "position_impossible": ("位置“{value}”超出范围。", "The position {value!r} is out of range."),
    "datum_unknown": ("无法识别坐标系“{value}”。", "The datum {value!r} is not known."),
    "money_unreadable": ("无法识别金额“{value}”。", "The amount {value!r} cannot be read."),
    "code_taken": (
        "编码“{value}”已用于另一家店。",
        "The code {value!r} stands for another outlet.",
    ),
    "territory_unknown": (
        "没有片区“{value}”。请先建立片区，或用 --territory 指定。",
        "There is no territory {value!r}. Add it first, or name one with --territory.",
    ),
    "territory_missing": (
        "没有写明片区。请补填，或用 --territory 指定。",
        "The row names no territory. Fill it in, or name one with --territory.",
    ),
    "refused_by_store": ("未被接受：{value}。", "Not accepted: {value}."),
    # One cell of a good row: the row is in, somebody should look.
    "phone_unreadable": ("电话“{value}”无法识别，按原样保留。", "The phone {value!r} cannot be read; kept as written."),
    "phone_rounded": (
        "电话“{value}”被表格软件截断，号码已丢失。",
        "The phone {value!r} was rounded by a spreadsheet program; its digits are lost.",
    ),
    "phone_not_one": ("“{value}”不是电话，未导入。", "{value!r} is no phone; left out."),
    "position_swapped": ("经度和纬度写反了，已对调。", "Latitude and longitude were swapped; put right."),
    "position_zero": ("位置是 0,0，未导入。", "The position is 0,0; left out."),
    "position_half": ("只有经度或纬度，未导入位置。", "Only one of latitude and longitude is there; left out."),
    "class_unknown": ("类别“{value}”归入“其他”。", "The class {value!r} is taken as other."),
    "grade_unknown": ("无法识别等级“{value}”，未导入。", "The grade {value!r} is not known; left out."),
    "status_unknown": ("无法识别状态“{value}”，未导入。", "The status {value!r} is not known; left out."),
    "level_unknown": ("无法识别合作级别“{value}”，未导入。", "The cooperation level {value!r} is not known; left out."),
    "day_unreadable": ("无法识别日期“{value}”，未导入。", "The date {value!r} cannot be read; left out."),
    "days_unreadable": ("无法识别账期“{value}”，未导入。", "The credit days {value!r} cannot be read; left out."),
}
"""Code → (Chinese, English), each with {value} and {field} where it names them."""


_LABELS = {**PAYMENTS.fields, **DELIVERIES.fields, **FIELDS}


class Reason(msgspec.Struct, frozen=True):
    """One thing said against a row or a cell. `field` is ours, empty for the whole row; `value` is as written."""

    code: str
    field: str = ""
    value: str = ""

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return SENTENCES[self.code][0].format(field=_LABELS[self.field].zh if self.field else "", value=self.value)

    @property
    def en(self) -> str:
        """The sentence in English."""
        return SENTENCES[self.code][1].format(field=_LABELS[self.field].en if self.field else "", value=self.value)


class IntakeError(Exception):
    """Raised where a file as a whole cannot be imported. `reason` has code and sentences for people."""

    def __init__(self, code: str, value: object = "", field: str = "") -> None:
        self.reason = Reason(code, field, str(value))
        super().__init__(f"{code}: {self.reason.zh} {self.reason.en}")

    @property
    def code(self) -> str:
        """The stable code."""
        return self.reason.code

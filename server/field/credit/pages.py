"""The statement of a customer (对账单) for people: as text, and as one page of HTML to print, in both languages."""

from __future__ import annotations

from html import escape

from server.field.owners import Shop
from sync.business.credit import Statement

__all__ = ["page_of", "text_of"]

_KINDS = {"delivery": ("送货", "Delivery"), "payment": ("收款", "Payment")}
_STYLE = """
body { font: 11pt/1.4 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 16mm; color: #222 }
h1 { font-size: 16pt; margin: 0 0 2mm } h2 { font-size: 12pt; margin: 6mm 0 1mm }
table { border-collapse: collapse; width: 100% } td, th { padding: 1mm 2mm; border-bottom: 1px solid #ccc }
th { text-align: left; font-weight: normal; color: #666 } .sum { text-align: right } .late { color: #c00 }
@media print { body { margin: 0 } @page { margin: 14mm } }
"""


def _sum(amount: int) -> str:
    return f"{amount / 100:,.2f}"


def _lines(found: Statement) -> list[tuple[str, str, str, str, str]]:
    lines = [("", "上期余额 Carried over", "", "", _sum(found.before))]
    for one in found.lines:
        kind = " ".join(_KINDS[one.entry.kind]) + (" 赊 on credit" if one.entry.on_credit else "")
        lines.append((one.entry.day, kind, one.entry.reference, _sum(one.entry.amount), _sum(one.balance)))
    return lines


def _open(found: Statement) -> list[tuple[str, str, str, str, bool]]:
    late = set(found.account.overdue_items(found.last))
    return [
        (one.entry.day, one.due, one.entry.reference, _sum(one.left), one in late) for one in found.account.open_items
    ]


def _title(shop: Shop, found: Statement) -> str:
    return f"对账单 Statement: {shop.name} {shop.code}".rstrip() + f" {found.first} – {found.last}"


def _ends(found: Statement) -> str:
    return f"应收 Owed {_sum(found.account.balance)}；逾期 overdue {_sum(found.overdue)}"


def text_of(shop: Shop, found: Statement) -> str:
    """The statement as lines of text."""
    lines = [_title(shop, found), ""]
    lines += ["\t".join(one) for one in _lines(found)]
    lines += ["", _ends(found)]
    for day, due, reference, left, is_late in _open(found):
        late = " 逾期 overdue" if is_late else ""
        lines.append(f"  {day} {reference}: {left}，到期 due {due or '—'}{late}")
    return "\n".join(lines) + "\n"


def page_of(shop: Shop, found: Statement) -> str:
    """The statement as one HTML page that needs nothing besides itself."""
    title = escape(_title(shop, found))
    heads = ("日期 Day", "事项 What", "单号 Reference", "金额 Amount", "余额 Balance")
    head = "".join(f"<th>{one}</th>" for one in heads)
    rows = "".join(_row(one) for one in _lines(found))
    still = "".join(_row(one[:4], is_late=one[4]) for one in _open(found))
    heads_open = "".join(f"<th>{one}</th>" for one in ("日期 Day", "到期 Due", "单号 Reference", "未结 Open"))
    return (
        f'<!doctype html><html lang="zh"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"</head><body><h1>{title}</h1><table><tr>{head}</tr>{rows}</table><h2>{escape(_ends(found))}</h2>"
        f"<table><tr>{heads_open}</tr>{still}</table></body></html>\n"
    )


def _row(cells: tuple[str, ...], *, is_late: bool = False) -> str:
    kind = ' class="late"' if is_late else ""
    return f"<tr{kind}>{''.join(f'<td>{escape(one)}</td>' for one in cells)}</tr>"

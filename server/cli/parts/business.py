"""The parts of `saojie` that run the dealer's business: each is imported when it is called."""

from __future__ import annotations

from collections.abc import Callable

import rich_click as click

__all__ = ["BUSINESS"]


def _policy() -> click.Command:
    from server.cli.policy import policy

    return policy


def _appraisal() -> click.Command:
    from server.cli.appraisal import appraisal

    return appraisal


def _dependence() -> click.Command:
    from server.cli.watching import dependence

    return dependence


def _signs() -> click.Command:
    from server.cli.watching import signs

    return signs


def _verify() -> click.Command:
    from server.cli.quarterly import verify

    return verify


def _callbacks() -> click.Command:
    from server.cli.quarterly import callbacks

    return callbacks


def _purchases() -> click.Command:
    from server.cli.quarterly import purchases

    return purchases


def _incidents() -> click.Command:
    from server.cli.incidents import incidents

    return incidents


def _personal() -> click.Command:
    from server.cli.personal import personal

    return personal


def _credit() -> click.Command:
    from server.cli.credit import credit

    return credit


def _overdue() -> click.Command:
    from server.cli.credit import overdue

    return overdue


def _statement() -> click.Command:
    from server.cli.credit import statement

    return statement


def _review() -> click.Command:
    from server.cli.review import review

    return review


def _sweeps() -> click.Command:
    from server.cli.sweeps import sweeps

    return sweeps


def _coverage() -> click.Command:
    from server.cli.sweeps import coverage

    return coverage


def _orders() -> click.Command:
    from server.cli.orders import orders

    return orders


def _care() -> click.Command:
    from server.cli.care import care

    return care


def _staff_care() -> click.Command:
    from server.cli.care import staff_care

    return staff_care


def _practices() -> click.Command:
    from server.cli.care import practices

    return practices


def _sheets() -> click.Command:
    from server.cli.sheets import sheets

    return sheets


def _stock() -> click.Command:
    from server.cli.stock import stock

    return stock


def _brief() -> click.Command:
    from server.cli.brief import brief

    return brief


def _promises() -> click.Command:
    from server.cli.brief import promises

    return promises


def _pool() -> click.Command:
    from server.cli.pool import pool

    return pool


def _duplicates() -> click.Command:
    from server.cli.duplicates import duplicates

    return duplicates


def _reports() -> click.Command:
    from server.cli.reports import reports

    return reports


def _holidays() -> click.Command:
    from server.cli.reports import holidays

    return holidays


def _month() -> click.Command:
    from server.cli.monthly import month

    return month


BUSINESS: dict[str, tuple[Callable[[], click.Command], str]] = {
    "policy": (_policy, "公司规则的设置 · The settings of the company's rules."),
    "review": (
        _review,
        "登记审核：通过、退回提问、不通过 · Registrations: approve, send back with a question, refuse.",
    ),
    "sweeps": (_sweeps, "扫街记录：每次找到、新增、变更、未找到、关闭 · What each sweep found."),
    "coverage": (
        _coverage,
        "覆盖率：多少终端一季度内见过，哪些网格空白 · Coverage: what was seen within a quarter, which cells are blank.",
    ),
    "sheets": (
        _sheets,
        "打印片区地图与档案（公司存档、个人携带两份），记入日志 · A territory's sheets for print; it is journalled.",
    ),
    "appraisal": (_appraisal, "考核 · The appraisal."),
    "dependence": (
        _dependence,
        "依赖度：多少业务只有一个人接触过 · Dependence: how much hangs on one person alone.",
    ),
    "signs": (_signs, "预警：与本人平时不同之处 · Early signs: what somebody does otherwise than usual."),
    "verify": (_verify, "季度核实 · Quarterly verification."),
    "callbacks": (_callbacks, "回访：每季度每家客户至少一次 · Call-backs: every customer at least once a quarter."),
    "purchases": (_purchases, "采购量统计：本季、环比、同比 · Purchases by quarter, with changes in percent."),
    "incidents": (_incidents, "违规事件：证据与决定 · Incidents: evidence and decision."),
    "personal": (_personal, "个人信息：查阅与删除 · Personal data: access and deletion."),
    "credit": (_credit, "账期客户：申请与审核 · Credit customers: applications and their review."),
    "overdue": (_overdue, "逾期货款 · Overdue money."),
    "statement": (_statement, "客户对账单 · A customer's statement."),
    "orders": (_orders, "与价目表不符的订单 · Orders off the price list."),
    "care": (_care, "感情联络：生日、节日、红白喜事、礼品 · Care: birthdays, festivals, occasions, gifts."),
    "staff-care": (_staff_care, "多关心员工，仅供经理 · Care for staff, for managers' eyes."),
    "practices": (_practices, "好做法：审核、分享、成为步骤 · Good practice: review it, share it, make it a step."),
    "stock": (
        _stock,
        "进销存：数字；私单、串单、串货的疑问 · Stock: figures, and questions about what they hide.",
    ),
    "promises": (_promises, "对终端的承诺：未了、逾期、已兑现 · Promises to outlets: open, late, kept."),
    "brief": (_brief, "一家终端的全部档案，记入日志 · All that the file has of one outlet; it is journalled."),
    "pool": (
        _pool,
        "公海：列表、分配、指派、退回、历史 · The public pool: list, deal, allot, return, history.",
    ),
    "duplicates": (
        _duplicates,
        "查重：合并、区分、撤销 · Outlets that may be one: merge, tell apart, undo.",
    ),
    "reports": (
        _reports,
        "日报：所报与公司所记对照，谁未交 · Daily reports beside the company's own figures, and who sent none.",
    ),
    "holidays": (
        _holidays,
        "导入某年法定放假日，当天不安排拜访 · Take in a year's public holidays of China: nothing is due on them.",
    ),
    "month": (
        _month,
        "重放样例片区的一个月，各报表与直白重算对照 · Replay the sample month; each report beside a plain calculation.",
    ),
}
"""Each part: how it is imported, and its help, which is the part's own."""

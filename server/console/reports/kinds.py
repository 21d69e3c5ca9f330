"""Which reports there are: title, what each tells, who may see it, and what narrows it."""

from __future__ import annotations

from server.console.reports import archive, devices, money, work
from server.console.reports.values import Filter, Kind
from server.console.rights import ARCHIVE, CARE, MANAGERS, OFFICE
from server.identity.staff import Role

__all__ = ["GROUPS", "KINDS", "kinds_for"]

GROUPS: dict[str, tuple[str, str]] = {
    "work": ("拜访与扫街", "Visits and sweeps"),
    "archive": ("档案", "The archive"),
    "money": ("采购、货款与考核", "Purchases, money and appraisal"),
    "devices": ("公海与设备", "Pool and devices"),
}
"""The headings of the index."""

_PERIOD, _TERRITORY, _PERSON, _ALL = Filter.PERIOD, Filter.TERRITORY, Filter.PERSON, Filter.EVERYTHING

KINDS: dict[str, Kind] = {
    one.name: one
    for one in (
        Kind("visits", "work", ("拜访", "Visits"),
             ("每天、每人的拜访，多少存疑。", "Visits by day and by person, and how many are doubtful."),
             MANAGERS, (_PERIOD, _TERRITORY, _PERSON), work.visits),
        Kind("daily", "work", ("日报", "Daily reports"),
             ("所报与公司所记对照，谁未交。", "What was reported beside what the company has, and who sent none."),
             MANAGERS, (Filter.DAY,), work.daily, is_long=True),
        Kind("coverage", "work", ("覆盖率", "Coverage"),
             ("多少终端一季度内见过，哪些网格空白。选片区后列出未见终端。",
              "What was seen within a quarter, which cells are blank; for one territory also what was not seen."),
             MANAGERS, (_PERIOD, _TERRITORY), work.coverage, is_long=True),
        Kind("sweeps", "work", ("扫街", "Sweeps"),
             ("每次扫街找到、新增、变更、未找到、关闭多少家。", "What each sweep found, added, changed and missed."),
             MANAGERS, (_PERIOD, _TERRITORY, _PERSON), work.sweeps),
        Kind("complete", "archive", ("资料完整度", "Completeness"),
             ("各片区、各类别缺哪些必填资料。选片区后列出有缺项的终端。",
              "Which required fields are missing by territory and class; for one territory also at which outlets."),
             ARCHIVE, (_TERRITORY,), archive.complete),
        Kind("verification", "archive", ("季度核实", "Verification"),
             ("各片区本季核实了多少。选片区后列出尚未核实的终端。",
              "How far each territory is this quarter; for one territory also what is missing."),
             OFFICE, (Filter.QUARTER, _TERRITORY), archive.verification),
        Kind("callbacks", "archive", ("回访", "Call-backs"),
             ("每季度每家客户至少回访一次：做了多少，缺哪些。",
              "Every customer is called once a quarter: how many were, and who is missing."),
             CARE, (Filter.QUARTER, _TERRITORY), archive.callbacks),
        Kind("purchases", "money", ("采购量", "Purchases"),
             ("每家终端本季采购，环比、同比。", "What each outlet bought, against the quarter and the year before."),
             MANAGERS, (Filter.QUARTER, _TERRITORY), money.purchases),
        Kind("appraisal", "money", ("考核", "Appraisal"),
             ("某月考核单，逐笔列出理由。", "A month's statement, every line with its reason."),
             MANAGERS, (Filter.MONTH, _PERSON), money.appraisal),
        Kind("overdue", "money", ("逾期货款", "Overdue money"),
             ("逾期案件、负责人、金额。", "Cases of overdue money, whose they are, and how much."),
             MANAGERS, (_PERSON, _ALL), money.overdue),
        Kind("stock", "money", ("进销存疑问", "Questions about stock"),
             ("来货不明、私单、串单、串货的疑问和数字。", "What stock asks about, with its figures."),
             MANAGERS, (_TERRITORY, _PERSON, _ALL), money.stock),
        Kind("promises", "money", ("承诺", "Promises"),
             ("对终端的承诺：逾期、未了、已兑现。", "What was promised to outlets: late, open, kept."),
             CARE, (_PERSON, _ALL), money.promised),
        Kind("pool", "devices", ("公海进出", "Pool flow"),
             ("每周退回、领取、分配、指派多少家。", "What was returned, claimed, dealt and allotted by week."),
             MANAGERS, (_PERIOD,), devices.pool),
        Kind("health", "devices", ("同步健康", "Sync health"),
             ("设备的问题、被拒绝的操作、待上传的内容。", "What is wrong with devices, what is refused or pending."),
             MANAGERS, (_ALL,), devices.health),
    )
}  # fmt: skip
"""By the name in their address."""


def kinds_for(role: Role) -> dict[str, list[Kind]]:
    """The reports that a role may see, by their group."""
    found = {group: [one for one in KINDS.values() if one.group == group and role in one.roles] for group in GROUPS}
    return {group: kinds for group, kinds in found.items() if kinds}

"""Settings of money, stock, appraisal, dependence and early signs."""

from __future__ import annotations

from sync.policies.base import money, whole, words

__all__ = [
    "COMPANY_ACCOUNTS",
    "CREDIT_DAYS",
    "DEPENDENCE",
    "DEPENDENCE_DAYS",
    "FALL",
    "FALL_DAYS",
    "FALL_VISITS",
    "KEEP_FRESH",
    "PHASE_COVERAGE",
    "REWARD_BUILD",
    "REWARD_KEEP",
    "SAME_ORDER_DAYS",
    "SHORT_LEASE",
    "SIGN_LEAST",
    "SIGN_TIMES",
    "STOCK_TOLERANCE",
]

COMPANY_ACCOUNTS = words(
    "company_accounts",
    "",
    "公司收款账户（未设则不核对）",
    "The company's accounts; none set: no payment is held against them",
)
CREDIT_DAYS = whole(
    "credit_days", 31, "账期最长几天", "Days that credit may run, at most; longer only by the dealer", least=1, most=366
)
REWARD_BUILD = money(
    "reward_build",
    500,
    "建档奖励（分）",
    "Reward for an archive that was built and approved, minor units",
    per="class_grade",
)
REWARD_KEEP = money(
    "reward_keep",
    100,
    "维护奖励（分，每月每家）",
    "Reward for an archive that is kept, minor units a month",
    per="class_grade",
)
KEEP_FRESH = whole(
    "keep_fresh",
    31,
    "维护奖励要求月末前几天内拜访过",
    "A kept archive was visited within so many days before the month's end",
    least=1,
    most=366,
)
PHASE_COVERAGE = whole(
    "phase_coverage",
    90,
    "覆盖率达到百分之几时建议转入维护阶段",
    "Percent of coverage at which the second phase is proposed",
    least=1,
    most=100,
)
STOCK_TOLERANCE = whole(
    "stock_tolerance", 2, "盘点相差几件以内不提问", "Pieces by which a count may be off before it is asked about"
)
FALL = whole(
    "fall", 50, "进货下降百分之几提问", "Percent by which purchases fall before it is asked about", least=1, most=100
)
FALL_DAYS = whole("fall_days", 14, "比较前后各几天", "Days that are compared with as many before", least=1, most=366)
FALL_VISITS = whole("fall_visits", 2, "期间至少拜访几次", "Visits in these days, at least", least=1, most=100)
SAME_ORDER_DAYS = whole(
    "same_order_days", 7, "几天内的相同订单", "Days within which the same order is asked about", least=1, most=366
)
DEPENDENCE = whole(
    "dependence",
    30,
    "只有一人接触过的进货占比超过百分之几提醒",
    "Percent of purchases that only one person has touched, above which there is a warning",
    least=1,
    most=100,
)
SIGN_TIMES = whole(
    "sign_times",
    3,
    "超过本人平时几倍提问",
    "Times a person's own habit at which something is asked about",
    least=2,
    most=100,
)
SIGN_LEAST = whole("sign_least", 5, "一周至少几次", "How often in a week, at least", least=1, most=1000)
DEPENDENCE_DAYS = whole(
    "dependence_days", 90, "按几天的进货计算", "Days whose purchases are counted for it", least=1, most=3660
)
SHORT_LEASE = whole(
    "short_lease", 4, "一键缩短租约到几小时", "Hours to which the one act shortens somebody's leases", least=1, most=168
)

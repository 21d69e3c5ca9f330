"""Settings of care (感情联络): how long before a day a task comes, and for which outlets."""

from __future__ import annotations

from sync.policies.base import whole, words

__all__ = [
    "BIRTHDAY_LEAD",
    "CHECKLIST",
    "FESTIVALS",
    "FESTIVAL_GRADES",
    "FESTIVAL_LEAD",
    "OCCASION_LEAD",
    "PRACTICE_DAYS",
]

BIRTHDAY_LEAD = whole("birthday_lead", 3, "生日前几天派任务", "Days before a birthday on which its task comes", most=60)
FESTIVAL_LEAD = whole("festival_lead", 7, "节日前几天派任务", "Days before a festival on which its tasks come", most=60)
FESTIVALS = words(
    "festivals", "spring_festival,dragon_boat,mid_autumn", "过哪些节", "Which festivals are kept",
    among=frozenset({"spring_festival", "dragon_boat", "mid_autumn"}),
)  # fmt: skip
FESTIVAL_GRADES = words(
    "festival_grades", "A", "为哪些等级的终端过节", "For outlets of which grades", among=frozenset("ABC")
)
OCCASION_LEAD = whole(
    "occasion_lead", 2, "红白喜事前几天派任务", "Days before a wedding or a funeral on which its task comes", most=60
)
PRACTICE_DAYS = whole(
    "practice_days",
    30,
    "几天请业务员写一次好做法",
    "Days from one request for good practice to the next",
    least=1,
    most=366,
)
CHECKLIST = words(
    "checklist", "", "拜访步骤（按目的，如 checklist_shelf）", "Steps of a visit, by its purpose", per="purpose"
)

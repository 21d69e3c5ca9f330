"""Settings of a day's work: how often outlets are visited, how a sweep is judged, what makes a visit doubtful."""

from __future__ import annotations

from sync.policies.base import by_grade, days, switch, whole

__all__ = [
    "CALL_BACK_WARNING",
    "COVERAGE_DAYS",
    "FACES_DAYS",
    "FACES_OF_KEY",
    "FINDING_DAYS",
    "FIRST_VISIT_BY_TWO",
    "HOLIDAYS",
    "JOINT_MINUTES",
    "TASK_DAYS",
    "TRACK_ACCURACY",
    "TRACK_STEP",
    "TRUSTED_VISIT_DAYS",
    "VISIT_CLOCK",
    "VISIT_DAYS",
    "VISIT_FENCE",
    "VISIT_SHORTEST",
    "VISIT_SPEED",
]

VISIT_DAYS = by_grade("visit_days", (7, 14, 30), "几天拜访一次", "Days from one visit to the next")
TRACK_ACCURACY = whole(
    "track_accuracy",
    50,
    "轨迹点精度差于几米则不记",
    "A point of a track is left out where it is less accurate than so many metres",
    least=1,
)
TRACK_STEP = whole(
    "track_step", 10, "轨迹点之间至少几米", "Metres from one point of a track to the next, at least", least=1
)
COVERAGE_DAYS = whole(
    "coverage_days",
    92,
    "几天内见过才算在覆盖之内",
    "An outlet counts as covered for so many days after it was seen",
    least=1,
    most=3660,
)
VISIT_FENCE = whole(
    "visit_fence",
    200,
    "拜访位置离终端几米以内（另加精度）",
    "Metres from the outlet within which a visit is, besides the accuracy",
    least=1,
)
VISIT_CLOCK = whole("visit_clock", 10, "手机时钟偏差超过几分钟", "Minutes that the phone's clock may be off", least=1)
VISIT_SPEED = whole(
    "visit_speed",
    120,
    "两次拜访之间超过每小时几公里",
    "Kilometres an hour from one visit to the next, at most",
    least=1,
)
VISIT_SHORTEST = whole("visit_shortest", 180, "当面拜访短于几秒", "Seconds that a visit in person lasts, at least")
FIRST_VISIT_BY_TWO = switch(
    "first_visit_by_two",
    default=True,
    zh="新客户的首次拜访必须两人一同参加",
    en="The first visit to a new customer is made by two",
)
JOINT_MINUTES = whole(
    "joint_minutes",
    30,
    "两人的拜访记录相差几分钟以内算共同拜访",
    "Minutes between the two logs of a joint visit, at most",
    least=1,
    most=1440,
)
FACES_OF_KEY = whole(
    "faces_of_key",
    2,
    "重点终端至少几人保持联系",
    "People who are in contact with a key outlet, at least",
    least=1,
    most=9,
)
FACES_DAYS = whole(
    "faces_days", 180, "几天内有过联系才算", "Days within which somebody was in contact to count", least=1, most=3660
)
CALL_BACK_WARNING = whole(
    "call_back_warning",
    30,
    "季度结束前几天尚未回访则派任务",
    "Days before a quarter's end on which a missing call-back becomes a task",
    least=1,
    most=91,
)
TRUSTED_VISIT_DAYS = whole(
    "trusted_visit_days",
    90,
    "经销商或可信同事几天看望一次重点终端",
    "Days from one visit of the dealer or a trusted colleague to a key outlet to the next",
    least=1,
    most=3660,
)
HOLIDAYS = days("holidays", "哪些日子放假，不安排拜访", "Days on which no visit is due")
FINDING_DAYS = whole(
    "finding_days",
    92,
    "处理结果在手机上保留几天",
    "Days for which what was found stays on the phone of whoever was told",
    least=31,
    most=3660,
)
TASK_DAYS = whole(
    "task_days",
    400,
    "已了结的任务到期后保留几天",
    "Days for which a task that is done or dropped stays after it was due",
    least=100,
    most=3660,
)

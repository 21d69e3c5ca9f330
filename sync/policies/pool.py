"""Settings of the public pool (公海)."""

from __future__ import annotations

from sync.policies.base import switch, whole

__all__ = [
    "POOL_CLAIMS",
    "POOL_COOL_DOWN",
    "POOL_HOLD",
    "POOL_PROTECTION",
    "POOL_RETURN",
    "POOL_RETURN_DAYS",
    "POOL_SHARE",
    "POOL_WARNING",
]

POOL_RETURN = switch(
    "pool_return", default=False, zh="多日未拜访的终端退回公海", en="Outlets that nobody visits return to the pool"
)
POOL_RETURN_DAYS = whole(
    "pool_return_days", 30, "几天未拜访则退回", "Days without a visit after which an outlet returns", least=1, most=3660
)
POOL_WARNING = whole(
    "pool_warning", 7, "退回前几天提醒", "Days before its return on which the owner is warned", most=366
)
POOL_PROTECTION = whole(
    "pool_protection",
    14,
    "分得或领取后保护几天",
    "Days after a deal, a claim or an allotment on which nothing returns",
    most=366,
)
POOL_SHARE = whole("pool_share", 10, "每次每人分几家", "Outlets that a deal gives to each rep", least=1, most=1000)
POOL_HOLD = whole("pool_hold", 400, "每人最多持有几家", "Outlets that one person may hold", least=1, most=100_000)
POOL_CLAIMS = whole("pool_claims", 5, "每人每天最多领取几家", "Outlets that one person may claim in a day", most=1000)
POOL_COOL_DOWN = whole(
    "pool_cool_down",
    30,
    "前任持有人几天内不得再领取",
    "Days for which the last holder may not claim it again",
    most=3660,
)

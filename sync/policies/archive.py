"""Settings of the archive: what a registration needs, codes given offline, verification, retention of personal data."""

from __future__ import annotations

from sync.policies.base import whole, word, words

__all__ = [
    "CODE_BLOCK",
    "CODE_LOW",
    "CODE_PREFIX",
    "DESCRIBABLE",
    "INVENTED_DAYS",
    "INVENTED_SIGNS",
    "PRIVATE_RETENTION",
    "REQUIRED",
    "VERIFY_WARNING",
]

DESCRIBABLE = frozenset(
    {"name", "outlet_class", "address", "position", "phone", "opening_hours", "contact", "photo", "status", "code"}
)
"""What a registration can be asked to have: fields of the outlet, a contact, a photo of the front."""

REQUIRED = words(
    "required",
    "name,outlet_class,position,phone,photo",
    "登记终端必填",
    "What a registration has to have",
    among=DESCRIBABLE,
    per="class",
)
CODE_PREFIX = word("code_prefix", "K", "预留编码的开头", "What reserved codes begin with")
CODE_BLOCK = whole(
    "code_block", 50, "每次为业务员预留几个编码", "Codes that are reserved for a rep at a time", least=1, most=1000
)
CODE_LOW = whole(
    "code_low", 10, "剩余几个时补足", "A rep with fewer codes left gets the next block", least=1, most=1000
)
INVENTED_DAYS = whole(
    "invented_days",
    7,
    "登记几天后询问是否真有其店",
    "Days after which a registration is asked about",
    least=1,
    most=366,
)
INVENTED_SIGNS = whole(
    "invented_signs",
    2,
    "几个迹象才询问是否真有其店",
    "Signs that it takes to ask about a registration",
    least=1,
    most=5,
)
VERIFY_WARNING = whole(
    "verify_warning",
    30,
    "季度结束前几天尚未核实则派任务",
    "Days before a quarter's end on which a missing verification becomes a task",
    least=1,
    most=91,
)
PRIVATE_RETENTION = whole(
    "private_retention",
    730,
    "联系人离开或终端关闭几天后删除私人资料",
    "Days after which the private part goes once a contact has left or the outlet has closed",
    least=1,
    most=36_500,
)

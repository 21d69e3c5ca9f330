"""Words of departures: reasons, states and grades of evidence, with what each means and what it does not."""

from __future__ import annotations

from server.departure.departures_file import Step
from server.departure.leaving.checklist import Point

__all__ = ["GRADES", "LINE_MISSING", "NOT_PROMISED", "REASONS", "WORDS"]

REASONS = ("resigned", "dismissed", "contract_ended", "retired", "left")
"""Codes that a manager chooses from, the usual one first."""

WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "departure_reason": {
        "resigned": ("辞职", "Resigned"),
        "dismissed": ("辞退", "Dismissed"),
        "contract_ended": ("合同到期", "Contract ended"),
        "retired": ("退休", "Retired"),
        "left": ("其他", "Other"),
        "lost": ("手机遗失", "Phone lost"),
        "replaced": ("更换手机", "Phone replaced"),
    },
    "beside": {
        "lapsed": ("租约已过期", "Lease lapsed"),
        "closed": ("已关闭追踪", "Closed"),
        "contradicted": ("与回执矛盾", "Contradicted"),
    },
    "plan_step": {
        Step.PLACE: ("片区由谁接手", "Who takes the territory"),
        Step.LIST: ("移交清单", "Handover list"),
        Step.MOVE: ("终端转移", "Outlets move"),
        Step.TASKS: ("未完成任务", "Open tasks"),
        Step.CHANNELS: ("公司号码移交", "Company channels"),
        Step.CHECKLIST: ("离职手续清单", "Checklist"),
    },
    "leaving_point": {one.value: (one.zh, one.en[:1].upper() + one.en[1:]) for one in Point},
    "interview": {
        "pay": ("薪酬", "Pay"),
        "competitor": ("去竞争对手", "A competitor"),
        "own_business": ("自己创业", "Own business"),
        "colleagues": ("同事关系", "Colleagues"),
        "family": ("家庭", "Family"),
        "health": ("健康", "Health"),
        "moving": ("搬家", "Moving"),
        "dismissed": ("辞退", "Dismissed"),
        "other": ("其他", "Other"),
        "called_off": ("已取消", "Called off"),
    },
}
"""By kind and value: (Chinese, English)."""

GRADES: tuple[tuple[str, str], ...] = (
    (
        "只有擦除令：手机还没有回应，租约仍在运行。没有网络时，手机在租约到期前仍可打开已有的资料。",
        (
            "The order alone: the phone has not answered, and its lease still runs. Without a network it can open what "
            "it has until the lease ends."
        ),
    ),
    (
        "租约已过期：未经改动的应用到此时会自行锁定。手机没有发来任何说明。",
        "The lease has run out: an unmodified application has locked itself by now. The phone has said nothing.",
    ),
    (
        "有手机密钥签名的回执：这是该密钥的声明。密钥保存在软件中。",
        "A receipt signed by the phone's key: it is a claim by that key, which is kept in software.",
    ),
    (
        "有硬件密钥签名的回执：密钥经证明保存在手机硬件中。它仍是该密钥的声明。",
        "A receipt signed by a key that was shown to be kept in hardware. It is still a claim by that key.",
    ),
    (
        "有人声明手机已收回在手：姓名和经过记在日志中。",
        "Somebody states that the phone is in their hands: who and how is in the journal.",
    ),
)
"""By grade: what it means."""

NOT_PROMISED = (
    "这里不表示任何副本已不存在：应用之外的拍照、抄写、转发，锁定之前取出的文件，以及被破解的手机，都不在其中。",
    (
        "None of this says that no copy exists: photographs, notes and messages outside the application, files that "
        "were taken out before the lock, and phones whose protection was broken are not covered."
    ),
)

LINE_MISSING = (
    "已切断。但离职文件未能写入（磁盘可能已满）：请立即联系管理服务器的人。",
    (
        "The cut-off stands. But the departures file could not be written, perhaps the disk is full: call whoever runs "
        "the server at once."
    ),
)
"""What is said where a cut-off stands without its line in the departures file."""

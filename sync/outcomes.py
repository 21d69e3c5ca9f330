"""What came of an operation. Each outcome has a name and a sentence, and is counted."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

__all__ = ["Lost", "Outcome", "OutcomeCode", "worse"]


class OutcomeCode(StrEnum):
    """The seven things that can come of an operation, from the plainest to the gravest."""

    APPLIED = "applied"
    MERGED = "merged"
    DUPLICATE = "duplicate"
    OVERRODE = "overrode"
    SUPERSEDED = "superseded"
    PROPOSED = "proposed"
    REFUSED = "refused"

    @property
    def en(self) -> str:
        """One English sentence for the person whose operation it was."""
        return _SENTENCES[self][0]

    @property
    def zh(self) -> str:
        """One Chinese sentence for the person whose operation it was."""
        return _SENTENCES[self][1]


_SENTENCES = {
    OutcomeCode.APPLIED: ("Saved as you entered it.", "已按您填写的内容保存。"),
    OutcomeCode.MERGED: (
        "Saved; a colleague had changed other parts of the same record.",
        "已保存；同事修改过同一档案的其他内容。",
    ),
    OutcomeCode.DUPLICATE: ("Already received before; nothing was done twice.", "此前已收到，没有重复处理。"),
    OutcomeCode.OVERRODE: (
        "Saved over an earlier change by a colleague, which is kept in the journal.",
        "已保存，覆盖了同事较早的修改；原值保留在日志中。",
    ),
    OutcomeCode.SUPERSEDED: (
        "A colleague's later change stands; yours is kept in the journal.",
        "以同事较晚的修改为准；您的修改保留在日志中。",
    ),
    OutcomeCode.PROPOSED: ("Sent to the manager to decide.", "已提交经理审批。"),
    OutcomeCode.REFUSED: (
        "Not accepted; it is kept whole with the reason, and can be mended.",
        "未被接受；内容和原因已完整保留，可以修改后重新提交。",
    ),
}

_ORDER = list(OutcomeCode)


def worse(one: OutcomeCode, other: OutcomeCode) -> OutcomeCode:
    """The graver of two outcomes: what an operation of several fields is called."""
    return max(one, other, key=_ORDER.index)


class Lost(msgspec.Struct, array_like=True, frozen=True):
    """A value that lost against a concurrent one, kept; `ours` says whose operation it came with."""

    field: str
    value: Any
    winner: Any
    ours: bool


class Outcome(msgspec.Struct, array_like=True, frozen=True):
    """What the phone hears of one operation.

    `at` is when the server holds it to have happened (milliseconds), `revision` the record's after it.
    `reason` is a code of `sync.errors` where it was refused, `detail` a sentence about what was wrong.
    """

    number: int
    operation: UUID | None
    code: OutcomeCode
    revision: int = 0
    at: int = 0
    reason: str = ""
    detail: str = ""
    lost: tuple[Lost, ...] = ()

"""What came of a sync, for the application: in numbers, and in a sentence in both languages."""

from __future__ import annotations

import msgspec

from client_sdk.errors import SaojieError
from sync.diagnostics import SyncNote
from sync.errors import problem
from sync.machine import State

__all__ = ["Ended", "SyncReport", "Tally", "sentences"]


class Ended:
    """How a sync ended, beside the server's own codes of `sync.errors`."""

    DONE = "done"
    NO_NETWORK = "no_network"
    CUT_OFF = "cut_off"
    UNSETTLED = "unsettled"
    WIPED = "wiped"
    LOCKED = "locked"


_SENTENCES = {
    Ended.DONE: ("Everything is in step with the company.", "已与公司数据同步。"),
    Ended.NO_NETWORK: (
        "The server cannot be reached. Your work is safe on this phone.",
        "无法连接服务器，您的工作已保存在手机上。",
    ),
    Ended.CUT_OFF: ("The connection broke; what arrived is kept.", "连接中断，已收到的内容已保存。"),
    Ended.UNSETTLED: ("Not everything came out equal; the next sync goes on.", "尚未完全一致，下次同步将继续。"),
    Ended.WIPED: (
        "Access has ended; what was pending is being handed in.",
        "访问权限已终止，未上传的工作正在交回公司。",
    ),
    Ended.LOCKED: ("The replica stays locked: no new lease was given.", "副本仍处于锁定状态：未获得新的租约。"),
}


_OF_ERRORS = {kind.code: (kind.en, kind.zh) for kind in SaojieError.__subclasses__()}


def sentences(code: str) -> tuple[str, str]:
    """What a person reads for a code, in English and Chinese."""
    row = problem(code)
    return _SENTENCES.get(code) or _OF_ERRORS.get(code, (row.en, row.zh))


class Tally:
    """Counts while a sync runs."""

    def __init__(self) -> None:
        self.rounds = 0
        self.sent = 0
        self.received = 0
        self.removed = 0
        self.handed_in = 0
        self.evicted: list[str] = []
        self.outcomes: dict[str, int] = {}
        self.is_checkpoint = False
        self.is_verified = False
        self.has_claimed = False
        self.has_drained = False
        self.wait_ms = 0
        self.up = 0
        self.down = 0

    def note(self, ended: str, now: int, took: int) -> SyncNote:
        """What diagnostics tell of the sync that ended `now` (server ms) with this code, after `took` ms."""
        return SyncNote(max(0, now), ended, max(0, took), self.up, self.down, self.rounds)

    def is_dull(self, ended: str) -> bool:
        """Whether it went well and brought nothing."""
        return ended == Ended.DONE and not (self.sent or self.received or self.removed or self.handed_in)


class SyncReport(msgspec.Struct, frozen=True):
    """What came of one sync.

    `ended` is `done` or a stable code that says why not; `reached` whether the server answered at all. `sent` counts
    work that the server acknowledged, `received` and `removed` records, `handed_in` operations after an order.
    `verified` is true when the digests were equal at a checkpoint in this sync. `wait_ms` asks to wait for so long.
    """

    ended: str
    reached: bool
    state: State
    rounds: int
    sent: int
    received: int
    removed: int
    handed_in: int
    outcomes: dict[str, int]
    evicted: tuple[str, ...]
    checkpoint: bool
    verified: bool
    wait_ms: int
    en: str
    zh: str

    @classmethod
    def of(cls, ended: str, state: State, tally: Tally) -> SyncReport:
        """The report of a sync that ended with this code in this state."""
        en, zh = sentences(ended)
        return cls(
            ended=ended,
            reached=tally.rounds > 0,
            state=state,
            rounds=tally.rounds,
            sent=tally.sent,
            received=tally.received,
            removed=tally.removed,
            handed_in=tally.handed_in,
            outcomes=tally.outcomes,
            evicted=tuple(tally.evicted),
            checkpoint=tally.is_checkpoint,
            verified=tally.is_verified,
            wait_ms=tally.wait_ms,
            en=en,
            zh=zh,
        )

"""What the acts of the demo share: who plays, how it is told, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from server.cli.talk import Failure, Talk
from server.cli.trial.company import Company
from server.cli.trial.processes import Phone

__all__ = ["Measured", "Stage"]


@dataclass
class Measured:
    """What the demo found out. Every number is counted or timed, none is written in."""

    imported: int = 0
    devices: int = 0
    operations_logged_offline: int = 0
    operations_in_master: int = 0
    conflicts_kept: int = 0
    same_shop_questions: int = 0
    digests_equal: bool = True
    wipe_ms: int = 0
    readable_before_wipe: int = 0
    readable_after_wipe: int = 0
    drained_operations: int = 0
    accepted_operations: int = 0
    wipe_state: str = ""
    receipts: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Stage:
    """The company, and two phones of reps who work in one territory. `words` are the names and phones that the
    leaver's phone held.
    """

    talk: Talk
    company: Company
    leaver: Phone
    colleague: Phone
    territory: UUID
    found: Measured = field(default_factory=Measured)
    words: set[str] = field(default_factory=set)

    def act(self, number: int, zh: str, en: str) -> None:
        """A new act begins."""
        self.talk.say("", "")
        self.talk.both(f"【{number}】{zh}", f"{number}. {en}")

    def tell(self, zh: str, en: str) -> None:
        """Something happened."""
        self.talk.both(f"   {zh}", f"   {en}")

    def sync(self, phone: Phone) -> dict[str, Any]:
        """Sync a phone, which has to work."""
        report: dict[str, Any] = phone.does("sync")["report"]
        if report["ended"] != "done":
            raise Failure("demo_not_in_step", f"{phone.name}: {report['en']}", f"{phone.name}：{report['zh']}")
        return report

    async def compare(self, *phones: Phone) -> None:
        """Compare each phone's own digests with the master store's."""
        for phone in phones:
            digests = phone.does("digests")["digests"]
            is_equal = await self.company.agrees(digests)
            self.found.digests_equal = self.found.digests_equal and is_equal
            zh, en = ("一致", "equal") if is_equal else ("不一致", "DIFFERENT")
            self.tell(
                f"{phone.name}：{len(digests)} 个同步范围的摘要与主库{zh}",
                f"{phone.name}: the digests of {len(digests)} scopes and the master store's are {en}",
            )

"""What a check of the journal can find, each kind with its sentence in both languages, and where it was found."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

__all__ = ["FLAWS", "Flaw", "Flaws"]

FLAWS: dict[str, tuple[str, str]] = {
    "entry_altered": ("this entry was altered, or another stood in its place", "此条目被改动，或曾是另一条目"),
    "entry_missing": ("an entry was removed here", "此处有条目被删除"),
    "entry_inserted": ("an entry stands here that the chain does not have", "此处多出链上没有的条目"),
    "chain_short": ("the chain ends here, before the head of its scope", "链在此处结束，早于该范围的链头"),
    "head_altered": ("the head of the scope is not the head of its chain", "范围记录的链头与链不符"),
    "body_altered": ("the body of this entry was altered", "此条目的内容被改动"),
    "body_missing": ("the body of this entry is gone, and no order removed it", "此条目的内容缺失，且没有删除令"),
    "body_stays": ("the body of this entry is there although an order removed it", "此条目的内容本应已按令删除却仍在"),
    "body_stray": ("a body stands here that belongs to no entry", "此处的内容不属于任何条目"),
    "record_altered": ("this entry is filed under another record than it names", "此条目所归的记录与其内容不符"),
    "checkpoint_missing": ("a checkpoint is missing", "缺少检查点"),
    "checkpoint_altered": ("this checkpoint was altered", "此检查点被改动"),
    "checkpoint_unsigned": ("this checkpoint is not signed by the company", "此检查点没有本公司的有效签名"),
    "checkpoint_breaks": ("this checkpoint does not follow from the one before it", "此检查点与前一检查点不衔接"),
    "root_differs": ("the root of this checkpoint is not over the heads on record", "此检查点的根与所记链头不符"),
    "checkpoint_differs": (
        "the chain is not what a checkpoint signed: an entry up to here was altered, removed or inserted",
        "链与检查点所签不符：到此为止有条目被改动、删除或插入",
    ),
    "anchor_altered": ("the time stamp of this checkpoint does not fit it", "此检查点的时间戳与其不符"),
    "witness_differs": (
        "a phone brought a checkpoint of this number that the company signed and this store does not have",
        "有手机交回本公司签过、而本库没有的同号检查点",
    ),
}
"""By code: English and Chinese."""


class Flaw(msgspec.Struct, frozen=True):
    """One finding: its code, the scope's name (empty for checkpoints), and the entry's position there or the
    checkpoint's number.
    """

    code: str
    scope: str
    position: int
    detail: str = ""

    @property
    def en(self) -> str:
        """What was found, in English."""
        return FLAWS[self.code][0]

    @property
    def zh(self) -> str:
        """What was found, in Chinese."""
        return FLAWS[self.code][1]


class Flaws:
    """Findings in the order in which they were made. The first `most` are kept, all are counted."""

    def __init__(self, most: int = 1000) -> None:
        self.count = 0
        self._most = most
        self._kept: list[Flaw] = []

    def add(self, code: str, scope: str, position: int, detail: str = "") -> None:
        """Take in a finding."""
        self.count += 1
        if len(self._kept) < self._most:
            self._kept.append(Flaw(code, scope, position, detail))

    def __iter__(self) -> Iterator[Flaw]:
        return iter(self._kept)

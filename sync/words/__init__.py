"""What things are called, in Chinese and English: fields, kinds of records, and values. Words and nothing else."""

from __future__ import annotations

from sync.words.labels import LABELS, PARTS, Words, label, part_label
from sync.words.values import KINDS, MISSING, REVIEWS, STATUSES, VALUES, word

__all__ = [
    "KINDS",
    "LABELS",
    "MISSING",
    "PARTS",
    "REVIEWS",
    "STATUSES",
    "VALUES",
    "Words",
    "label",
    "part_label",
    "word",
]

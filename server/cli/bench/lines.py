"""One line of a benchmark, and how it is worked out from repetitions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import ceil
from statistics import median

import msgspec

__all__ = ["Bound", "Limit", "Line", "Measured", "Of", "at_least", "at_most", "line_of", "percentile"]


class Bound(StrEnum):
    """Which side of a limit is good."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"


class Of(StrEnum):
    """What a limit is held against."""

    VALUE = "value"
    RATIO = "ratio"


class Limit(msgspec.Struct, frozen=True):
    """What a figure should reach: the most that it, or its ratio to the reference, should be, or the least."""

    at: float
    bound: Bound = Bound.AT_MOST
    of: Of = Of.VALUE

    def is_met(self, value: float, ratio: float | None) -> bool | None:
        """Whether it is reached; None where it is held against a ratio and there is none."""
        held = value if self.of is Of.VALUE else ratio
        if held is None:
            return None
        return held <= self.at if self.bound is Bound.AT_MOST else held >= self.at


def at_most(at: float, of: Of = Of.VALUE) -> Limit:
    """A ceiling."""
    return Limit(at, Bound.AT_MOST, of)


def at_least(at: float, of: Of = Of.VALUE) -> Limit:
    """A floor."""
    return Limit(at, Bound.AT_LEAST, of)


class Line(msgspec.Struct, frozen=True):
    """What was measured, beside its reference, and whether the limit was met. Numbers in `unit`, but for ratios.

    `value` and `reference` are medians over the repetitions, `low` and `high` the spread of the value. `ratio` is
    value ÷ reference. `limit` is held against the value or the ratio, as `of` says, and is `bound`; these and `met` are
    None where no limit stands. `size` is how many outlets the master had, where that is what a curve is drawn over.
    """

    name: str
    unit: str
    value: float
    reference: float | None
    ratio: float | None
    limit: float | None
    bound: Bound | None
    of: Of | None
    met: bool | None
    repetitions: int
    low: float
    high: float
    size: int | None = None
    en: str = ""
    zh: str = ""


class Measured(msgspec.Struct, frozen=True):
    """One figure of a benchmark, from each of its repetitions. `en` and `zh` say under which conditions it was
    measured, `size` how many outlets the master had where a curve is drawn over that.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    references: tuple[float, ...] = ()
    limit: Limit | None = None
    en: str = ""
    zh: str = ""
    size: int | None = None


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so much of them (0 to 1) does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(round(len(ordered) * share, 6)) - 1)]


def line_of(measured: Measured) -> Line:
    """The line of a figure."""
    value = median(measured.values)
    reference = median(measured.references) if measured.references else None
    ratio = _ratio(value, reference)
    limit = measured.limit
    return Line(
        name=measured.name,
        unit=measured.unit,
        value=_rounded(value),
        reference=None if reference is None else _rounded(reference),
        ratio=None if ratio is None else _rounded(ratio),
        limit=None if limit is None else limit.at,
        bound=None if limit is None else limit.bound,
        of=None if limit is None else limit.of,
        met=None if limit is None else limit.is_met(value, ratio),
        repetitions=len(measured.values),
        low=_rounded(min(measured.values)),
        high=_rounded(max(measured.values)),
        size=measured.size,
        en=measured.en,
        zh=measured.zh,
    )


def _ratio(value: float, reference: float | None) -> float | None:
    if value == reference:
        return 1.0
    return value / reference if reference else None


def _rounded(value: float) -> float:
    """To three digits, or to whole units where that is more."""
    return float(round(value)) if abs(value) >= 100 else float(f"{value:.3g}")

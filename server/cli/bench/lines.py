"""One line of a benchmark, and how it is worked out from repetitions."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import median

import msgspec

__all__ = ["Line", "Measured", "line_of", "percentile"]


class Line(msgspec.Struct, frozen=True):
    """What was measured, beside its reference, and whether the limit was met. All numbers in `unit`.

    `value` and `reference` are medians over the repetitions, `low` and `high` the spread of the value. `ratio` is
    value ÷ reference. `met` is None where no limit stands.
    """

    name: str
    unit: str
    value: float
    reference: float | None
    ratio: float | None
    limit: float | None
    met: bool | None
    repetitions: int
    low: float
    high: float
    en: str = ""
    zh: str = ""


class Measured(msgspec.Struct, frozen=True):
    """One figure of a benchmark, from each of its repetitions. `limit` is the most that it should be; `en` and `zh` say
    under which conditions it was measured.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    references: tuple[float, ...] = ()
    limit: float | None = None
    en: str = ""
    zh: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so much of them (0 to 1) does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(round(len(ordered) * share, 6)) - 1)]


def line_of(measured: Measured) -> Line:
    """The line of a figure."""
    value = median(measured.values)
    reference = median(measured.references) if measured.references else None
    return Line(
        name=measured.name,
        unit=measured.unit,
        value=round(value, 1),
        reference=None if reference is None else round(reference, 1),
        ratio=round(value / reference, 2) if reference else None,
        limit=measured.limit,
        met=None if measured.limit is None else value <= measured.limit,
        repetitions=len(measured.values),
        low=round(min(measured.values), 1),
        high=round(max(measured.values), 1),
        en=measured.en,
        zh=measured.zh,
    )

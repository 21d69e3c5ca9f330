"""Stock that explains itself (进销存): what cannot be, or is unlikely, becomes a question with its figures.

All of it goes by days, `date` in the company's time zone; pieces are whole numbers, amounts minor units. Who reads
gives records as amended, and merged outlets as one.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import msgspec

__all__ = [
    "Between",
    "Brought",
    "Fall",
    "Observed",
    "Ordered",
    "Sighted",
    "between_counts",
    "diverted",
    "excesses",
    "falls",
    "plain_batch",
    "same_orders",
]

_DAY = timedelta(days=1)
_RHYTHM = 2


class Observed(msgspec.Struct, frozen=True):
    """What the visits of one day found of one product at one outlet: the last count, if there was one, and what was
    sold since the day before.
    """

    day: date
    on_hand: int | None = None
    sold: int = 0


class Brought(msgspec.Struct, frozen=True):
    """Pieces of a product that were delivered on a day; below 0 where they were taken back."""

    day: date
    pieces: int


class Between(msgspec.Struct, frozen=True):
    """What one product did at one outlet from the count before, on `since`, to the one on `day`: expected are `before`
    + `delivered` - `sold` pieces, `found` is what was counted.
    """

    since: date
    day: date
    before: int
    delivered: int
    sold: int
    expected: int
    found: int

    @property
    def over(self) -> int:
        """Pieces beyond what is expected, below 0 where some are missing."""
        return self.found - self.expected


class Fall(msgspec.Struct, frozen=True):
    """Purchases of the days up to `day` against those of as many days before, while it was visited."""

    outlet: UUID
    since: date
    day: date
    before: int
    now: int
    visits: int


class Ordered(msgspec.Struct, frozen=True):
    """One order: its pieces by product."""

    id: UUID
    outlet: UUID
    staff: UUID
    day: date
    pieces: tuple[tuple[str, int], ...]


class Sighted(msgspec.Struct, frozen=True):
    """A batch of a product on the shelf of an outlet."""

    outlet: UUID
    product: str
    batch: str
    day: date


def excesses(observed: Iterable[Observed], brought: Iterable[Brought], tolerance: int) -> list[Between]:
    """Where a count of one product at one outlet is more than `tolerance` above what is expected."""
    return [one for one in between_counts(observed, brought) if one.over > tolerance]


def between_counts(observed: Iterable[Observed], brought: Iterable[Brought]) -> list[Between]:
    """From each count of one product at one outlet to the next.

    A delivery of the day of a count, or of the day after, may lie before or after it: what a count has no need of is
    left for the next.
    """
    came = sorted(brought, key=lambda one: one.day)
    left = [one for one in came if one.pieces > 0]
    found: list[Between] = []
    before: Observed | None = None
    sold = 0
    for one in sorted(observed, key=lambda each: each.day):
        sold += one.sold
        if one.on_hand is None:
            continue
        if before is not None and before.on_hand is not None:
            until = [each for each in left if each.day <= one.day + _DAY]
            delivered = sum(each.pieces for each in until) + _taken_back(came, before.day, one.day)
            expected = before.on_hand + delivered - sold
            found.append(Between(before.day, one.day, before.on_hand, delivered, sold, expected, one.on_hand))
            left = _less(left, one.on_hand - (expected - sum(each.pieces for each in until)), one.day + _DAY)
        left = [each for each in left if each.day >= one.day]
        before, sold = one, 0
    return found


def _taken_back(came: Sequence[Brought], since: date, until: date) -> int:
    """What was surely taken back between two counts, below 0."""
    return sum(one.pieces for one in came if one.pieces < 0 and since + _DAY < one.day < until)


def _less(left: Sequence[Brought], need: int, until: date) -> list[Brought]:
    """What is left of deliveries up to `until` once `need` pieces of them are accounted for, the oldest first."""
    kept = []
    for one in left:
        used = min(max(need, 0), one.pieces) if one.day <= until else 0
        need -= used
        if one.pieces > used:
            kept.append(Brought(one.day, one.pieces - used))
    return kept


def falls(
    bought: Mapping[UUID, Mapping[date, int]], visits: Mapping[UUID, Collection[date]], day: date, *,
    days: int, percent: int, least: int,
) -> list[Fall]:  # fmt: skip
    """Outlets whose purchases of the `days` days up to `day` are at least `percent` below those of as many before,
    though they were visited at least `least` times: `visits` has a day for each visit.

    There has to be a rhythm to fall out of: deliveries on two days before. What comes in lumps may fall by itself: so
    an outlet that was delivered to less often has been without a delivery for at least twice as long as ever before.
    Where the purchases of all the others fell, it has to be as far below what it would have bought had it fallen with
    them.
    """
    middle = day - timedelta(days=days)
    first = middle - timedelta(days=days)
    sums = {outlet: _two(by_day, first, middle, day) for outlet, by_day in bought.items()}
    all_before, all_now = sum(one[0] for one in sums.values()), sum(one[1] for one in sums.values())
    pauses = _pauses(bought.values(), day)
    found = []
    for outlet, (before, now) in sums.items():
        if before <= 0 or now * 100 > before * (100 - percent):
            continue
        seen = sum(middle < one <= day for one in visits.get(outlet, ()))
        if seen < least or not _is_out_of_rhythm(bought[outlet], pauses, first, middle, day):
            continue
        if _is_its_own(before, now, all_before - before, all_now - now, percent):
            found.append(Fall(outlet, first + _DAY, day, before, now, seen))
    return found


def _pauses(bought: Iterable[Mapping[date, int]], last: date) -> list[date]:
    """The days on which the company delivered to nobody, in order; none where it does not deliver on most days."""
    worked = {day for by_day in bought for day, amount in by_day.items() if amount > 0 and day <= last}
    if not worked or 2 * len(worked) <= (last - min(worked)).days + 1:
        return []
    first = min(worked)
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in every if day not in worked]


def _is_out_of_rhythm(
    by_day: Mapping[date, int], pauses: Sequence[date], first: date, middle: date, last: date
) -> bool:
    """Whether the deliveries of the last days are fewer than lumps explain, or as many and smaller."""
    came = sorted(day for day, amount in by_day.items() if amount > 0 and day <= last)
    earlier, later = [day for day in came if day <= middle], [day for day in came if day > middle]
    count = sum(first < day for day in earlier)
    if count < _RHYTHM:
        return False
    if len(later) >= count:
        return True
    usual = max(_apart(one, other, pauses) for one, other in pairwise(earlier))
    longest = max(_apart(one, other, pauses) for one, other in pairwise([earlier[-1], *later, last + _DAY]))
    return longest >= 2 * usual


def _apart(one: date, other: date, pauses: Sequence[date]) -> int:
    """Days from one to the other without those on which the company paused."""
    return (other - one).days - (bisect_left(pauses, other) - bisect_right(pauses, one))


def _is_its_own(before: int, now: int, others_before: int, others_now: int, percent: int) -> bool:
    """Whether a fall is more than that of all the others."""
    if others_now >= others_before:
        return True
    return others_now > 0 and now * others_before * 100 <= before * others_now * (100 - percent)


def _two(by_day: Mapping[date, int], first: date, middle: date, last: date) -> tuple[int, int]:
    before = sum(amount for one, amount in by_day.items() if first < one <= middle)
    return before, sum(amount for one, amount in by_day.items() if middle < one <= last)


def same_orders(
    orders: Iterable[Ordered], delivered: Mapping[UUID, Iterable[tuple[date, Collection[str]]]], days: int
) -> list[tuple[Ordered, Ordered]]:
    """Orders with the same products and quantities that two different people took from one outlet at most `days` days
    apart: each later one with the latest before it. Where one of its products was delivered in between, from the day of
    the first until before the day of the second, it is a new order.
    """
    alike: dict[tuple[UUID, tuple[tuple[str, int], ...]], list[Ordered]] = defaultdict(list)
    for one in orders:
        if one.pieces:
            alike[one.outlet, one.pieces].append(one)
    found = []
    for group in alike.values():
        group.sort(key=lambda one: (one.day, one.id))
        for at, second in enumerate(group):
            near = [one for one in group[:at] if one.staff != second.staff and (second.day - one.day).days <= days]
            if near and not _came_between(near[-1], second, delivered.get(second.outlet, ())):
                found.append((near[-1], second))
    return found


def _came_between(first: Ordered, second: Ordered, delivered: Iterable[tuple[date, Collection[str]]]) -> bool:
    wanted = {product for product, _ in first.pieces}
    return any(first.day <= day < second.day and wanted.intersection(products) for day, products in delivered)


def diverted(
    sighted: Iterable[Sighted], received: Mapping[tuple[str, str], Mapping[UUID, date]],
    unnamed: Mapping[tuple[UUID, str], Collection[date]],
) -> list[tuple[Sighted, UUID]]:  # fmt: skip
    """Batches on the shelf of an outlet that never received them, each with the outlet that received it first; one
    question for each outlet and batch, at its first sighting.

    `received` has by (product, batch) the day on which each outlet first received it, `unnamed` by (outlet, product)
    the days of deliveries that name no batch: where one of these may have brought the batch, nobody can say.
    """
    found: dict[tuple[UUID, str, str], tuple[Sighted, UUID]] = {}
    for one in sorted(sighted, key=lambda each: (each.day, each.outlet, each.product, each.batch)):
        key, went = (one.outlet, one.product, one.batch), received.get((one.product, one.batch), {})
        if key in found or one.outlet in went or not went:
            continue
        first, source = min((day, outlet) for outlet, day in went.items())
        if first > one.day + _DAY:
            continue
        if not any(first <= day <= one.day + _DAY for day in unnamed.get((one.outlet, one.product), ())):
            found[key] = (one, source)
    return list(found.values())


def plain_batch(batch: str) -> str:
    """A batch without width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", batch).casefold().split())

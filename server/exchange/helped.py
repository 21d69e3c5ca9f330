"""What was done while somebody helped in a colleague's territory, and arrives after the help has ended by itself.

A rule took the territory away, not a person, so work whose bounds prove that it was done before the end is applied
(design, section 6). An outbox is in the order in which it was worked: after the first operation that may be later than
the end, none that follows is earlier. Values in, values out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from server.master.actors import Rights, Submission

__all__ = ["Helped", "stretches"]


class Helped(msgspec.Struct, frozen=True):
    """A scope that was granted until `until`, server milliseconds."""

    scope: str
    until: int


def stretches(
    handed: Sequence[Submission], rights: Rights, helped: Sequence[Helped]
) -> Iterator[tuple[Rights, list[Submission]]]:
    """The submissions in order, in stretches of one and the same reach: at most one more than there were helps."""
    left = list(helped)
    stretch: list[Submission] = []
    for one in handed:
        still = [each for each in left if one.bounds.latest <= each.until]
        if len(still) < len(left) and stretch:
            yield _reaching(rights, left), stretch
            stretch = []
        left = still
        stretch.append(one)
    if stretch:
        yield _reaching(rights, left), stretch


def _reaching(rights: Rights, helped: Sequence[Helped]) -> Rights:
    if rights.scopes is None or not helped:
        return rights
    return msgspec.structs.replace(rights, scopes=rights.scopes | {one.scope for one in helped})

"""What is shown to somebody who is about to register an outlet that may be known already."""

from __future__ import annotations

import msgspec

from sync.business.likeness import Why
from sync.records import Outlet, Teaser

__all__ = ["Lookalike"]


class Lookalike(msgspec.Struct, frozen=True):
    """An outlet of this phone, or the teaser of one in the pool, that may be the one in question: how many metres off
    (None if unknown), and why; a teaser has no name, so only its place speaks.
    """

    record: Outlet | Teaser
    metres: float | None
    why: Why | None

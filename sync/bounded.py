"""Bounded types of the wire: what is outside them is refused while it is decoded, before any rule or store sees it."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

__all__ = ["Duration", "Edition", "Hash", "Id", "Label", "Number", "WallClock"]

_MOST = 1 << 53

Number = Annotated[int, Meta(ge=0, le=_MOST)]
"""A count, a version, a number in an outbox: what every store and every JSON reader can hold."""
Edition = Annotated[int, Meta(ge=0, le=(1 << 31) - 1)]
"""Which protocol or which set of records: a number that is counted up by hand."""
Duration = Annotated[int, Meta(ge=0, le=_MOST)]
"""Milliseconds of a monotonic clock."""
WallClock = Annotated[int, Meta(ge=-_MOST, le=_MOST)]
"""Milliseconds UTC as some clock has them, right or wrong."""
Id = Annotated[bytes, Meta(min_length=16, max_length=16)]
"""An id of a record or an outbox as 16 bytes."""
Hash = Annotated[bytes, Meta(min_length=16, max_length=16)]
"""A running hash or a digest."""
Label = Annotated[str, Meta(max_length=100)]
"""A short name: a collection's, a scope's, a boot id."""

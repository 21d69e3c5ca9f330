"""When the store's history began anew. What devices were given between a backup and its restore is on no record of the
restored store, so whatever tells an exposure says when that was.
"""

from __future__ import annotations

import asyncio

import msgspec

from server.departure.departures_file import EpochBegan
from server.departure.means import Means

__all__ = ["Epoch", "epochs_of"]


class Epoch(msgspec.Struct, frozen=True):
    """An epoch of the store: its name in hexadecimal, and when it began, server milliseconds."""

    epoch: str
    at: int


async def epochs_of(means: Means) -> list[Epoch]:
    """All epochs, the first first, from the signed file outside the store. Raises DeparturesFileError."""
    entries = await asyncio.to_thread(means.file.read)
    return [Epoch(one.epoch, one.at) for one in entries if isinstance(one, EpochBegan)]

"""Bugs that are planted into the engine on purpose, each for as long as a block runs, for the world to find."""

from __future__ import annotations

from tests.simulation.planted import departure, exchange, feed, phone, time, write_path
from tests.simulation.planted.bug import BUGS, Bug

__all__ = ["BUGS", "Bug", "departure", "exchange", "feed", "phone", "time", "write_path"]

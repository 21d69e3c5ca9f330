"""Surroundings that nobody told of: a network that costs nothing, and power from the wall."""

from __future__ import annotations

__all__ = ["Unlimited"]


class Unlimited:
    """What a desk is like, and a phone whose application brings nothing of its own."""

    def is_metered(self) -> bool:
        """Never."""
        return False

    def is_saving_battery(self) -> bool:
        """Never."""
        return False

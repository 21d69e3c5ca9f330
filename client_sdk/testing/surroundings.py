"""What a phone in a test says of where it is."""

from __future__ import annotations

__all__ = ["PhoneSurroundings"]


class PhoneSurroundings:
    """A phone's surroundings (`client_sdk.Surroundings`): on Wi-Fi and with power enough, until a test says otherwise
    by `metered` (mobile data) and `saving` (the battery is saved). As on a phone, the application says when that has
    changed: `replica.settings.surroundings_changed()`.
    """

    def __init__(self) -> None:
        self.metered = False
        self.saving = False

    def is_metered(self) -> bool:
        """Whether the phone is on mobile data."""
        return self.metered

    def is_saving_battery(self) -> bool:
        """Whether the phone saves its battery."""
        return self.saving

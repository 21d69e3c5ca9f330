"""How the server in memory says no."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from client_sdk.testing.company import PhoneOfStaff

__all__ = ["Denied"]


class Denied(Exception):
    """A request is refused with this code of `sync.errors`; `device` is whose it was, where that is known."""

    def __init__(self, code: str, device: PhoneOfStaff | None = None) -> None:
        super().__init__(code)
        self.code, self.device = code, device

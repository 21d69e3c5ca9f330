"""The sandbox's time: that of this machine, and as far from it as somebody has set it. Kept in its home."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from server.cli.talk import Failure
from server.times import read_local
from server.values import UNITS

__all__ = ["SandboxTime", "Setting"]

_AHEAD = re.compile(r"([+-])(\d{1,6})([smhd])")
_FARTHEST = 20 * 366 * UNITS["d"]


class Setting(msgspec.Struct, frozen=True):
    """`shift` milliseconds ahead of this machine; `began` is the sandbox's time at which this run of it began: it
    never went back since.
    """

    shift: int
    began: int


class SandboxTime:
    """The time of a sandbox, kept at `path`; `real` is this machine's, milliseconds UTC."""

    def __init__(self, path: Path, real: Callable[[], int]) -> None:
        self._path = path
        self._real = real
        self.setting = self._read() or Setting(0, real())

    def _read(self) -> Setting | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Setting)
        except FileNotFoundError:
            return None

    def now(self) -> int:
        """The time in the sandbox, milliseconds UTC."""
        return self._real() + self.setting.shift

    def set_to(self, typed: str, zone: str) -> int:
        """Set it to what somebody typed: `real`, `+2d`, `-3h`, `2026-12-01T08:00` in this zone. How far it moved,
        milliseconds. Raises Failure.
        """
        shift = self._shift(typed.strip(), zone)
        if abs(shift) > _FARTHEST:
            raise Failure("hour_unreadable", "that is too far away", "时间太远")
        return self._keep(shift)

    def let_come(self, at: int) -> int:
        """Set it forward to server milliseconds `at` unless that has come. How far it moved, milliseconds."""
        return self._keep(max(self.setting.shift, at - self._real()))

    def _keep(self, shift: int) -> int:
        before = self.now()
        is_back = self._real() + shift < before
        began = self._real() + shift if is_back else self.setting.began
        self.setting = Setting(shift, began)
        self._path.write_bytes(msgspec.json.encode(self.setting))
        return self.now() - before

    def _shift(self, typed: str, zone: str) -> int:
        if typed == "real":
            return 0
        found = _AHEAD.fullmatch(typed)
        if found is not None:
            sign, number, unit = found.groups()
            return self.setting.shift + int(f"{sign}{number}") * UNITS[unit]
        try:
            return read_local(typed, zone) - self._real()
        except (ValueError, OverflowError):
            raise Failure(
                "hour_unreadable", f"{typed} is no time: write +2d, -3h, 2026-12-01T08:00 or real",
                f"无法识别“{typed}”，请写成 +2d、-3h、2026-12-01T08:00 或 real",
            ) from None  # fmt: skip

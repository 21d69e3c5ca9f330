"""The sample district as a dealer's workbook: in the source tree, and in an installed package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["district_file"]

_CARRIED = Path(__file__).with_name("district.xlsx")
_SOURCE = Path(__file__).parents[3] / "fixtures" / "district" / "district.xlsx"


def district_file() -> Path:
    """Where the workbook lies."""
    return _CARRIED if _CARRIED.exists() else _SOURCE

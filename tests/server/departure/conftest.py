"""An office on each of the two databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.master.store import Store
from tests.server.departure.office import Office


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> Office:
    """A company with two reps and two territories."""
    return await Office(store, tmp_path / "home").open()

"""A company whose phones really sync, on each of the two databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.master.store import Store
from tests.server.exchange.conftest import Company, founded


@pytest.fixture
async def company(store: Store, tmp_path: Path) -> Company:
    """Wang is in the east with private parts, Li in the west without."""
    return await founded(store, tmp_path)

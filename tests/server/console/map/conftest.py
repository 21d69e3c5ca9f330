"""A company on each of the two databases."""

from __future__ import annotations

import pytest

from server.master.store import Store
from tests.server.firm import Firm, founded


@pytest.fixture
async def firm(store: Store) -> Firm:
    """A company with people on rosters, in an empty store."""
    return await founded(store)

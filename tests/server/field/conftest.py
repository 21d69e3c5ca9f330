"""A desk on each of the two databases."""

from __future__ import annotations

import pytest

from server.master.store import Store
from tests.server.desk import Desk


@pytest.fixture
async def desk(store: Store) -> Desk:
    """A small company in an empty store."""
    return await Desk(store).open()

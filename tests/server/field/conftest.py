"""A desk on each of the two databases."""

from __future__ import annotations

import pytest

from server.master.store import Store
from tests.server.desk import Desk
from tests.server.firm import Firm, founded


@pytest.fixture
async def desk(store: Store) -> Desk:
    """A small company in an empty store."""
    return await Desk(store).open()


@pytest.fixture
async def firm(store: Store) -> Firm:
    """A company with people on rosters, in an empty store."""
    return await founded(store)
